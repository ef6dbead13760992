#pragma once
// Asking for a certificate without a CSR, in CFSSL's words (its csr.CertificateRequest): {"CN", "hosts", "names": [{"O", ...}],
// "key": {"algo", "size"}}. The key is made here then (issuance/keyed_issuer.hpp).

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/route.hpp"
#include "crypto/key.hpp"
#include "pki/csr.hpp"

namespace quicklime::issuance {

struct KeyRequest {
  pki::Name subject = pki::Name::empty();
  std::vector<pki::AlternativeName> names{};
  crypto::KeyKind kind = crypto::KeyKind::p256;
  std::map<std::string, std::string, std::less<>> texts{};  // what stands beside it: "profile", "lifetime"

  std::optional<std::string> text(std::string_view name) const;
};

// "10.0.0.7", "api.internal", each once. "name-malformed", "too-many-names".
Result<std::vector<pki::AlternativeName>> read_hosts(const std::vector<std::string>& hosts);

// A JSON object without a CSR that names a key, hosts, names or a CN.
bool is_key_request(const http::Request& request);
// The object itself, or what is in its member `within` ("request" of CFSSL's newcert); beside: the members of text that may stand in the
// object. Null is as if it were not there: so do Go's encoders write it. "json-malformed", "member-unknown", "member-kind",
// "key-kind-unsupported", "name-malformed".
Result<KeyRequest> read_key_request(const std::string& body, std::initializer_list<std::string_view> beside, const char* within = nullptr);

}  // namespace quicklime::issuance
