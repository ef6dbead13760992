#pragma once
// What may be renewed, and as what: pure functions.

#include "ca/profile.hpp"
#include "pki/csr.hpp"
#include "renewal/view.hpp"

namespace quicklime::renewal {

struct Policy {
  Milliseconds after_expiry;
  bool allow_same_key;
};

// "predecessor-expired" (409, longer ago than the policy says or than it lived), "key-reused",
// "renewal-names" (a CSR that names anything names exactly what the predecessor has), each naming the field.
Result<void> check(const Predecessor& old, const pki::Csr& csr, const Policy& policy, Instant now);

// As long as the predecessor was to live when it was issued, as far as its profile still allows that.
Milliseconds inherited_lifetime(const Predecessor& old, const std::vector<ca::Profile>& profiles);

// Hex: what makes two requests the same. The CSR without its signature, and the lifetime that was asked for; not the proof,
// which an ECDSA key makes differently each time.
std::string request_sha256(const pki::Csr& csr, const std::optional<Milliseconds>& lifetime);

}  // namespace quicklime::renewal
