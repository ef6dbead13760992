#pragma once
// Profiles: what a certificate of a kind looks like and may contain. Data, not code.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "crypto/key.hpp"
#include "pki/certificate.hpp"
#include "pki/csr.hpp"

namespace quicklime::ca {

inline constexpr const char* kOcspSigningProfile = "ocsp-signing";

struct Profile {
  std::string name;
  std::vector<pki::KeyUsage> key_usages;
  std::vector<std::string> extended_key_usages;  // dotted OIDs
  Milliseconds default_lifetime;
  Milliseconds maximum_lifetime;
  std::vector<pki::NameKind> name_kinds;  // which kinds of subjectAltName
  bool internal = false;                  // for the CA's own certificates: nobody may ask for it
  bool ocsp_no_check = false;
  bool revocation_urls = true;  // OCSP and CRL URLs; not in a responder's own certificate
  std::string authority{};      // id of the one that issues it; empty: the newest that may. No part of its content: it says so itself
  bool makes_keys = false;      // this CA may make the key, too: for who cannot. Told once, and not kept

  // Hex SHA-256 over every field in a fixed order: stands in each event, so that it is known for ever
  // under which rules a certificate was issued.
  std::string content_sha256() const;
};

// tls-server, tls-client, tls-peer (both), and the internal role-peer (ca/role_uri.hpp) and ocsp-signing. Key encipherment is added for RSA
// keys by the issuing code, where RFC 5246 needs it.
const std::vector<Profile>& default_profiles();
// "profile-unknown" names those that anybody may ask for.
Result<const Profile*> find_profile(const std::vector<Profile>& profiles, std::string_view name);
// "profile-unknown": a name that is none of these, with the one that was probably meant.
Error unknown_profile(std::string_view name, const std::vector<std::string>& known, std::string field);

// Does the CSR ask only for what this profile gives? Refused whole, naming the field, never trimmed:
// "csr-asks-for-ca", "csr-key-usage", "csr-subject" (attributes other than a CN, or a CN that is not one of the names),
// "name-kind", "name-reserved" (a role outside of role-peer), "names-missing", "lifetime-too-long", "lifetime-too-short". Weak keys were
// refused when the CSR was parsed. A CSR without subjectAltName whose CN is a well-formed name of an allowed kind gets that as its only
// name. names: those of the certificate that this one replaces, instead of the CSR's.
struct Asked {
  std::vector<pki::AlternativeName> names;  // in the CSR's order, never empty but for ocsp-signing
  pki::Name subject;                        // CN = first DNS name when it fits (64 characters), else empty; ocsp-signing: the CSR's
  Milliseconds lifetime;
};
Result<Asked> check_against(const Profile& profile, const pki::Csr& csr, const std::optional<Milliseconds>& lifetime,
                            const std::optional<std::vector<pki::AlternativeName>>& names = {});

}  // namespace quicklime::ca
