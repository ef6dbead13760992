#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "issuance/wish.hpp"
#include "pki/pem.hpp"
#include "runtime/request_input.hpp"

namespace quicklime::issuance {
namespace {

// PEM, or base64 of DER: JSON carries no bytes.
Result<std::string> csr_der(const std::string& text) {
  if (text.find("-----BEGIN ") != std::string::npos) return pki::pem_or_der(text, "CERTIFICATE REQUEST");
  std::string packed = text;
  std::erase_if(packed, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
  auto der = base64_decode(packed);
  if (!der) return fail(ErrorCode::invalid, "csr-malformed", "the CSR is neither PEM nor base64 of DER", "/csr");
  return *std::move(der);
}

}  // namespace

Result<Wish> read_json_wish(const http::Request& request) {
  if (auto none = runtime::only_parameters(request, {}); !none) return forward(none);
  auto body = runtime::JsonBody::parse(request, {"csr", "profile", "lifetime", "service", "node"});
  if (!body) return forward(body);
  WishTexts texts;
  std::optional<std::string> csr;
  const std::pair<const char*, std::optional<std::string>*> members[] = {
      {"csr", &csr}, {"profile", &texts.profile}, {"lifetime", &texts.lifetime}, {"service", &texts.service}, {"node", &texts.node}};
  for (const auto& [name, target] : members) {
    auto text = body->text(name);
    if (!text) return forward(text);
    *target = *std::move(text);
  }
  if (!csr)
    return fail(ErrorCode::invalid, "csr-missing", "the body has no member csr: a PKCS#10 request in PEM, or base64 of its DER", "/csr");
  auto der = csr_der(*csr);
  if (!der) return forward(der);
  return make_wish(*std::move(der), std::move(texts), "/");
}

std::string issued_json(const ca::Issued& issued) {
  nlohmann::ordered_json json;
  json["serial"] = issued.serial.hex();
  json["certificate"] = pki::pem_encode("CERTIFICATE", issued.certificate);
  json["chain"] = ca::pem(issued.chain);
  json["names"] = issued.names;
  json["profile"] = issued.profile;
  json["not_before"] = issued.not_before.rfc3339_seconds();
  json["not_after"] = issued.not_after.rfc3339_seconds();
  json["renewal_challenge"] = issued.renewal_challenge;
  json["revocation_secret"] = issued.revocation_secret.reveal();
  json["position"] = issued.position.text();
  return json.dump();
}

}  // namespace quicklime::issuance
