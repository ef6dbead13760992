#include "api/issued_answer.hpp"

#include "api/requests.hpp"
#include "base/json_object.hpp"
#include "pki/pem.hpp"

namespace quicklime::api {
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
  auto response = wants_pem(request) ? http::Response::of(201, kPemChain, pki::pem_encode("CERTIFICATE", issued.certificate) + issued.chain)
                                     : http::Response::json(201, issued_json(issued));
  response.headers.set("Location", "/v1/certificates/" + issued.serial.hex());
  response.headers.set("Cache-Control", "no-store");  // the revocation secret is in it
  set_position(response, issued.position);
  return response;
}

std::string issued_json(const ca::Issued& issued, const Secret* private_key) {
  std::string text;
  text.reserve(4'096);
  JsonObject json(text);
  json.string("serial", issued.serial.hex());
  json.string("certificate", pki::pem_encode("CERTIFICATE", issued.certificate));
  json.string("chain", issued.chain);
  if (private_key != nullptr) json.string("private_key", private_key->reveal());
  json.strings("names", issued.names);
  json.string("profile", issued.profile);
  json.string("not_before", issued.not_before.rfc3339_seconds());
  json.string("not_after", issued.not_after.rfc3339_seconds());
  if (issued.replaces) json.string("replaces", issued.replaces->hex());
  json.string("renewal_challenge", issued.renewal_challenge);
  json.string("revocation_secret", issued.revocation_secret.reveal());
  json.string("position", issued.position.text());
  json.end();
  return text;
}

}  // namespace quicklime::api
