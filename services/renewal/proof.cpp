#include "renewal/proof.hpp"

#include "ca/live_certificate.hpp"
#include "ca/subject.hpp"
#include "runtime/shared_settings.hpp"

namespace quicklime::renewal {
namespace {

Failure wrong(std::string detail) { return fail(ErrorCode::unauthenticated, "renewal-proof-wrong", std::move(detail)); }

}  // namespace

Result<void> check_signature(const pki::Certificate& old, const std::vector<std::string>& texts, const std::string& signature_base64,
                             const std::string& field) {
  for (const auto& text : texts) {
    const auto is_signed = ca::is_signed_by(old, text, signature_base64, field);
    if (!is_signed) return forward(is_signed);
    if (*is_signed) return {};
  }
  std::string what = texts.front().substr(0, texts.front().find('\n'));
  const bool covers_lifetime = what == "quicklime-renew-v2";
  return wrong("the signature is not one by the key of " + old.serial().hex() + " over " + what + ", the serial, its renewal challenge" +
               (covers_lifetime ? "," : " and") + " the SHA-256 of this CSR's DER" +
               (covers_lifetime ? " and the lifetime in seconds" : "") + ", each with a newline" +
               (covers_lifetime ? "; to live longer than the certificate that is replaced takes an administrator's token beside it" : ""));
}

async::Task<Result<std::optional<api::Presented>>> presented_certificate(const api::ServiceContext& context, const http::Request& request) {
  auto presented = api::presented_certificate(request, context.vouching);
  if (!presented || !*presented || !(*presented)->voucher) co_return presented;
  const Milliseconds limit = context.configuration.of<runtime::SharedSettings>().write_stale_limit;
  const auto live = co_await ca::is_live(context.view, *(*presented)->voucher, context.clock.now(), limit);
  if (!live) co_return forward(live);
  if (!*live) co_return std::optional<api::Presented>();
  co_return presented;
}

Failure proof_missing(const SerialNumber& serial) {
  return fail(
      ErrorCode::unauthenticated, "renewal-proof-missing",
      "show that you hold the key of " + serial.hex() +
          ": a member signature (docs/curl.md), or the certificate as TLS client certificate; or ask with the token that asked for it");
}

Result<void> check_presented(const pki::Certificate& old, const std::optional<api::Presented>& presented) {
  if (!presented) return proof_missing(old.serial());
  if (presented->certificate == old.der()) return {};
  return wrong("the TLS client certificate is not the certificate " + old.serial().hex() + " that this CA issued");
}

Result<void> check_requester(const access::Identity& who, const Predecessor& old) {
  if (ca::requester_text(who.actor) == old.record.requester) return {};
  return fail(
      ErrorCode::denied, "not-yours",
      who.name + " did not ask for " + old.issued.serial.hex() +
          ": renew it as who did, or show that you hold its key (a member signature, or the certificate as TLS client certificate)");
}

}  // namespace quicklime::renewal
