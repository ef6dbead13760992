#include "renewal/rules.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "crypto/hash.hpp"
#include "pki/name_attributes.hpp"

namespace quicklime::renewal {
namespace {

using pki::AlternativeName;

Failure other_names(const std::string& why, const char* field) {
  return fail(ErrorCode::invalid, "renewal-names",
              why + ": a renewal has the names of the certificate that it replaces; ask for exactly those or for none", field);
}

bool contains(const std::vector<AlternativeName>& names, const AlternativeName& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The subject of the old certificate, or a common name that is one of its names, or none.
Result<void> check_subject(const pki::Certificate& old, const pki::Name& subject) {
  if (subject == old.subject()) return {};
  for (const auto& attribute : pki::attributes_of(subject)) {
    const auto name = AlternativeName::guess(attribute.value);
    if (attribute.name == "CN" && name && contains(old.alternative_names(), *name)) continue;
    if (attribute.name != "CN") return other_names("the CSR asks for the subject " + subject.text(), "csr.subject");
    return other_names("the CSR asks for the common name \"" + attribute.value + "\"", "csr.subject");
  }
  return {};
}

Result<void> check_names(const pki::Certificate& old, const pki::Csr& csr) {
  if (auto checked = check_subject(old, csr.subject()); !checked) return checked;
  const std::vector<AlternativeName>& had = old.alternative_names();
  const auto& asked = csr.alternative_names();
  if (asked.empty()) return {};
  for (const auto& name : asked) {
    if (!contains(had, name)) return other_names("the CSR asks for " + name.text(), "csr.subjectAltName");
  }
  for (const auto& name : had) {
    if (!contains(asked, name)) return other_names("the CSR leaves out " + name.text(), "csr.subjectAltName");
  }
  return {};
}

}  // namespace

Result<void> check(const Predecessor& old, const pki::Csr& csr, const Policy& policy, Milliseconds longest, Instant now) {
  if (!policy.may_be_longer) {
    return fail(ErrorCode::denied, "renewal-lifetime",
                "a renewal lives no longer than the certificate that it replaces, " + duration_text(longest) +
                    "; only with an administrator's token it does",
                "/lifetime");
  }
  const Milliseconds lived = old.issued.not_after - old.issued.not_before;
  if (old.issued.not_after + std::min(policy.after_expiry, lived) < now) {
    Error error = ca::refusal("predecessor-expired");
    error.detail = "the certificate ended at " + old.issued.not_after.rfc3339_seconds() +
                   ", too long ago to be renewed; ask for a new certificate instead";
    return fail(std::move(error));
  }
  const bool same_key = hex_encode(crypto::view(crypto::sha256(csr.public_key().spki()))) == old.issued.key_sha256;
  if (same_key && !policy.allow_same_key) {
    return fail(ErrorCode::invalid, "key-reused", "the CSR has the key of the certificate that it replaces: make a new key",
                "csr.subjectPublicKeyInfo");
  }
  return check_names(old.certificate, csr);
}

Milliseconds longest_lifetime(const Predecessor& old, Milliseconds backdate) {
  const Instant ends = old.issued.not_after;
  return std::max(ends - old.issued.not_before - backdate, ends - old.issued_at.whole_seconds());
}

Milliseconds inherited_lifetime(const Predecessor& old, Milliseconds longest, const std::vector<ca::Profile>& profiles) {
  const auto profile = ca::find_profile(profiles, old.issued.profile);
  return profile ? std::min(longest, (*profile)->maximum_lifetime) : longest;
}

std::string request_sha256(const pki::Csr& csr, const std::optional<Milliseconds>& lifetime) {
  const std::string text = lifetime ? std::to_string(lifetime->count()) : std::string();
  return hex_encode(crypto::view(crypto::sha256_of_parts({csr.info(), text})));
}

}  // namespace quicklime::renewal
