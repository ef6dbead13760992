#include <nlohmann/json.hpp>

#include "crl/publish.hpp"
#include "crl/signing_request.hpp"
#include "pki/pem.hpp"

namespace quicklime::crl {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "quicklime-crl-signing-request-1";

Failure malformed(const std::string& what) {
  return fail(ErrorCode::invalid, "signing-request-malformed", "this is not a request that `quicklime ca sign-crl` wrote: " + what);
}

Result<SigningRequest> decode(const Json& json) {
  if (json.at("format").get<std::string>() != kFormat) return malformed("its format is not " + std::string(kFormat));
  const auto der = pki::pem_or_der(json.at("certificate").get<std::string>(), "CERTIFICATE");
  if (!der) return malformed(der.error().detail);
  auto certificate = pki::Certificate::parse(*der);
  if (!certificate) return malformed(certificate.error().detail);
  const auto number = parse_number(json.at("number").get<std::string>());
  if (!number) return malformed(number.error().detail);
  const auto this_update = Instant::parse(json.at("this_update").get<std::string>());
  if (!this_update) return malformed(this_update.error().detail);
  const auto next_update = Instant::parse(json.at("next_update").get<std::string>());
  if (!next_update) return malformed(next_update.error().detail);
  SigningRequest request{
      AuthorityId(json.at("authority").get<std::string>()), std::move(*certificate), *number, *this_update, *next_update, {}};
  for (const auto& one : json.at("revoked")) {
    const auto serial = SerialNumber::from_hex(one.at("serial").get<std::string>());
    if (!serial) return malformed(serial.error().detail);
    const auto since = Instant::parse(one.at("since").get<std::string>());
    if (!since) return malformed(since.error().detail);
    const auto reason = pki::parse_revocation_reason(one.at("reason").get<std::string>());
    if (!reason) return malformed(reason.error().detail);
    request.revoked.push_back({*serial, *since, *reason});
  }
  return request;
}

}  // namespace

std::string encode(const SigningRequest& request) {
  Json revoked = Json::array();
  for (const auto& entry : request.revoked) {
    revoked.push_back({{"serial", entry.serial.hex()},
                       {"since", entry.revocation_date.rfc3339_seconds()},
                       {"reason", std::string(pki::name(entry.reason))}});
  }
  return Json{{"format", kFormat},
              {"authority", request.authority.text()},
              {"number", number_text(request.number)},
              {"this_update", request.this_update.rfc3339_seconds()},
              {"next_update", request.next_update.rfc3339_seconds()},
              {"revoked", std::move(revoked)},
              {"certificate", pki::pem_encode("CERTIFICATE", request.certificate.der())}}
             .dump(2) +
         "\n";
}

Result<SigningRequest> decode_signing_request(std::string_view json) {
  try {
    return decode(Json::parse(json));
  } catch (const Json::exception& error) {
    return malformed(error.what());
  }
}

}  // namespace quicklime::crl
