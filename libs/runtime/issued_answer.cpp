#include <nlohmann/json.hpp>

#include "pki/pem.hpp"
#include "runtime/issued_answer.hpp"
#include "runtime/requests.hpp"

namespace quicklime::runtime {
namespace {

constexpr const char* kPemChain = "application/pem-certificate-chain";

// Whichever of the two forms the client names first; JSON when it names neither.
bool wants_pem(const http::Request& request) {
  const std::string_view accept = request.headers.get("Accept").value_or("");
  const auto pem = accept.find(kPemChain);
  return pem != std::string_view::npos && pem < accept.find("application/json");
}

}  // namespace

http::Response issued_answer(const ca::Issued& issued, const http::Request& request) {
  auto response = wants_pem(request)
                      ? http::Response::of(201, kPemChain, pki::pem_encode("CERTIFICATE", issued.certificate) + ca::pem(issued.chain))
                      : http::Response::json(201, issued_json(issued));
  response.headers.set("Location", "/v1/certificates/" + issued.serial.hex());
  response.headers.set("Cache-Control", "no-store");  // the revocation secret is in it
  set_position(response, issued.position);
  return response;
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
  if (issued.replaces) json["replaces"] = issued.replaces->hex();
  json["renewal_challenge"] = issued.renewal_challenge;
  json["revocation_secret"] = issued.revocation_secret.reveal();
  json["position"] = issued.position.text();
  return json.dump();
}

}  // namespace quicklime::runtime
