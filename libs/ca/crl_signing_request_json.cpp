#include <nlohmann/json.hpp>

#include "ca/crl_publication.hpp"
#include "ca/crl_signing_request.hpp"
#include "pki/pem.hpp"

namespace quicklime::ca {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr const char* kFormat = "quicklime-crl-signing-request-1";

Failure malformed(const std::string& what) {
  return fail(ErrorCode::invalid, "signing-request-malformed", "this is not what `quicklime ca sign-crl --request` writes: " + what);
}
Failure malformed(const char* member, const Error& error) {
  return malformed("its member \"" + std::string(member) + "\": " + error.detail);
}

// Empty for a member that is missing or no text: nothing below takes that.
std::string member_text(const OrderedJson& object, const char* member) {
  const auto found = object.is_object() ? object.find(member) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Result<CrlSigningRequest> decode(const OrderedJson& json) {
  if (!json.is_object()) return malformed("it is no JSON object");
  if (member_text(json, "format") != kFormat) return malformed("its member \"format\" is not \"" + std::string(kFormat) + "\"");
  const auto der = pki::pem_or_der(member_text(json, "certificate"), "CERTIFICATE");
  if (!der) return malformed("certificate", der.error());
  auto certificate = pki::Certificate::parse(*der);
  if (!certificate) return malformed("certificate", certificate.error());
  const auto number = parse_crl_number(member_text(json, "number"));
  if (!number) return malformed("number", number.error());
  const auto this_update = Instant::parse(member_text(json, "this_update"));
  if (!this_update) return malformed("this_update", this_update.error());
  const auto next_update = Instant::parse(member_text(json, "next_update"));
  if (!next_update) return malformed("next_update", next_update.error());
  const auto authority = member_text(json, "authority");
  if (authority.empty()) return malformed("its member \"authority\" is no id of an authority");
  CrlSigningRequest request{AuthorityId(authority), std::move(*certificate), *number, *this_update, *next_update, {}};
  const auto revoked = json.find("revoked");
  if (revoked == json.end() || !revoked->is_array()) return malformed("its member \"revoked\" is no list");
  for (const auto& one : *revoked) {
    const auto serial = SerialNumber::from_hex(member_text(one, "serial"));
    if (!serial) return malformed("revoked", serial.error());
    const auto since = Instant::parse(member_text(one, "since"));
    if (!since) return malformed("revoked", since.error());
    const auto reason = pki::parse_revocation_reason(member_text(one, "reason"));
    if (!reason) return malformed("revoked", reason.error());
    request.revoked.push_back({*serial, *since, *reason});
  }
  return request;
}

}  // namespace

std::string encode(const CrlSigningRequest& request) {
  OrderedJson revoked = OrderedJson::array();
  for (const auto& entry : request.revoked) {
    revoked.push_back({{"serial", entry.serial.hex()},
                       {"since", entry.revocation_date.rfc3339_seconds()},
                       {"reason", std::string(pki::name(entry.reason))}});
  }
  return OrderedJson{{"format", kFormat},
                     {"authority", request.authority.text()},
                     {"number", crl_number_text(request.number)},
                     {"this_update", request.this_update.rfc3339_seconds()},
                     {"next_update", request.next_update.rfc3339_seconds()},
                     {"revoked", std::move(revoked)},
                     {"certificate", pki::pem_encode("CERTIFICATE", request.certificate.der())}}
             .dump(2) +
         "\n";
}

Result<CrlSigningRequest> decode_crl_signing_request(std::string_view json) { return decode(OrderedJson::parse(json, nullptr, false)); }

}  // namespace quicklime::ca
