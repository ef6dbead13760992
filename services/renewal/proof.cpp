#include "renewal/proof.hpp"

#include "base/encoding.hpp"
#include "ca/live_certificate.hpp"
#include "ca/role_uri.hpp"
#include "ca/subject.hpp"
#include "pki/pem.hpp"
#include "runtime/shared_settings.hpp"

namespace quicklime::renewal {
namespace {

Failure wrong(std::string detail) { return fail(ErrorCode::unauthenticated, "renewal-proof-wrong", std::move(detail)); }

Result<std::optional<std::string>> read_header(std::string_view value) {
  const auto malformed = [] {
    return fail(ErrorCode::invalid, "client-certificate-malformed",
                "the gateway's header is neither :base64: of DER (RFC 9440) nor percent-escaped PEM", "Client-Cert");
  };
  if (value.empty()) return std::optional<std::string>();
  if (value.front() == ':') {
    if (value.size() < 2 || value.back() != ':') return malformed();
    auto der = base64_decode(value.substr(1, value.size() - 2));
    if (!der) return malformed();
    return std::optional(*std::move(der));
  }
  const auto pem = http::percent_decode(value);
  if (!pem) return malformed();
  auto der = pki::pem_or_der(*pem, "CERTIFICATE");
  if (!der) return malformed();
  return std::optional(*std::move(der));
}

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

async::Task<Result<std::optional<Presented>>> presented_certificate(const api::ServiceContext& context, const http::Request& request,
                                                                    std::string gateway) {
  const auto& own = request.peer.certificate;
  if (!own) co_return std::optional<Presented>();
  if (gateway.empty() || own->size() > ca::kLargestPeer) co_return Presented{*own};
  const auto peer = pki::Certificate::parse(*own);
  if (!peer || ca::role_of(*peer) != gateway) co_return Presented{*own};

  // Its connection carries requests of others: its own certificate proves nothing for them, or anybody could renew that.
  const auto live =
      co_await ca::is_live(context.view, *peer, context.clock.now(), context.configuration.of<runtime::SharedSettings>().write_stale_limit);
  if (!live) co_return forward(live);
  const auto header = request.headers.get("Client-Cert");
  if (!*live || !header) co_return std::optional<Presented>();
  auto certificate = read_header(*header);
  if (!certificate) co_return forward(certificate);
  if (!*certificate) co_return std::optional<Presented>();
  co_return Presented{**std::move(certificate), gateway, peer->serial()};
}

Failure proof_missing(const SerialNumber& serial) {
  return fail(
      ErrorCode::unauthenticated, "renewal-proof-missing",
      "show that you hold the key of " + serial.hex() +
          ": a member signature (docs/curl.md), or the certificate as TLS client certificate; or ask with the token that asked for it");
}

Result<void> check_presented(const pki::Certificate& old, const std::optional<Presented>& presented) {
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
