#pragma once
// What the OCSP role keeps: the authorities, the status of every certificate by authority and serial, and, for its peers, the keys that
// were reported as compromised.

#include <optional>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "base/serial_number.hpp"
#include "ca/authority.hpp"
#include "pki/ocsp.hpp"
#include "views/view_store.hpp"

namespace quicklime::ocsp {

inline constexpr const char* kStatusSpace = "status";

// "<authority>/<serial octets>" -> ca::encode(Status). Absent: this authority never issued the serial, or
// certificates.expired named it, which is a week after its end at the earliest.
std::string status_key(const AuthorityId& authority, const SerialNumber& serial);

// The authorities with what identifies them in CertIDs. Immutable once made.
class Issuers {
 public:
  struct Issuer {
    AuthorityId id;
    bool is_root;
    pki::OcspIssuer names;
  };
  // From the value of ca::authorities_key().
  static Result<Issuers> decode(std::optional<std::string> value);
  // The one authority that every CertID names; null: none of ours, or more than one.
  const Issuer* issuer_of(const std::vector<pki::OcspCertId>& ids) const;
  // Made from exactly this value: the view has not changed since.
  bool is_of(const std::optional<std::string>& value) const { return value == value_; }

 private:
  std::optional<std::string> value_;
  std::vector<Issuer> issuers_;
};

}  // namespace quicklime::ocsp
