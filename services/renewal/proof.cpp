#include "renewal/proof.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "ca/authority.hpp"
#include "ca/decisions.hpp"
#include "ca/key_proof.hpp"
#include "crypto/hash.hpp"
#include "pki/chain.hpp"
#include "pki/pem.hpp"

namespace quicklime::renewal {
namespace {

// A gateway's certificate is a small one; what a stranger shows may be large, and is compared, not parsed.
constexpr std::size_t kLargestGateway = 8 * 1024;

Failure wrong(std::string detail) { return fail(ErrorCode::unauthenticated, "renewal-proof-wrong", std::move(detail)); }

bool names(const pki::Certificate& certificate, const std::string& dns_name) {
  const auto& all = certificate.alternative_names();
  const auto wanted = pki::AlternativeName::make(pki::NameKind::dns, dns_name);
  return wanted && std::find(all.begin(), all.end(), *wanted) != all.end();
}

bool is_for_clients(const pki::Certificate& certificate) {
  const auto& usages = certificate.extended_key_usages();
  return std::find(usages.begin(), usages.end(), pki::oid::client_auth) != usages.end();
}

// A certificate of ours, valid now, not taken back, and for clients. An error: nobody can say now.
async::Task<Result<bool>> is_trusted(const runtime::ServiceContext& context, const pki::Certificate& peer) {
  if (!is_for_clients(peer)) co_return false;
  std::vector<views::PointKey> keys;
  keys.push_back(ca::authorities_key());
  keys.push_back(ca::certificate_key(peer.serial()));
  const auto points = co_await context.view.get(std::move(keys));
  if (!points) co_return forward(points);
  if (auto fresh = views::require_fresh(points->meta, context.configuration.write_stale_limit); !fresh) co_return forward(fresh);
  const auto authorities = ca::decode_authorities(points->values[0]);
  if (!authorities) co_return forward(authorities);
  if (!points->values[1]) co_return false;
  const auto record = ca::decode_certificate_record(*points->values[1]);
  if (!record) co_return forward(record);
  if (record->standing != "stands" || record->status.kind != ca::Status::Kind::good) co_return false;

  std::vector<pki::Certificate> roots, intermediates;
  for (const auto& authority : *authorities) (authority.parent ? intermediates : roots).push_back(authority.certificate);
  co_return pki::verify_chain(peer, intermediates, roots, context.clock.now()).has_value();
}

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

std::string proof_text(const SerialNumber& serial, std::string_view challenge, std::string_view csr_der) {
  return "quicklime-renew-v1\n" + serial.hex() + "\n" + std::string(challenge) + "\n" + hex_encode(crypto::view(crypto::sha256(csr_der))) +
         "\n";
}

Result<void> check_signature(const pki::Certificate& old, std::string_view text, const std::string& signature_base64,
                             const std::string& field) {
  const auto is_signed = ca::is_signed_by(old, text, signature_base64, field);
  if (!is_signed) return forward(is_signed);
  if (*is_signed) return {};
  return wrong("the signature is not one by the key of " + old.serial().hex() +
               " over quicklime-renew-v1, the serial, its renewal challenge and the SHA-256 of this CSR's DER, each with a newline");
}

async::Task<Result<std::optional<std::string>>> presented_certificate(const runtime::ServiceContext& context,
                                                                      const http::Request& request) {
  const auto& own = request.peer.certificate;
  if (!own) co_return own;
  const std::string& gateway = context.configuration.renewal_gateway;
  if (gateway.empty() || own->size() > kLargestGateway) co_return own;
  const auto peer = pki::Certificate::parse(*own);
  if (!peer || !names(*peer, gateway)) co_return own;

  // Its connection carries requests of others: its own certificate proves nothing for them, or anybody could renew that.
  const auto trusted = co_await is_trusted(context, *peer);
  if (!trusted) co_return forward(trusted);
  const auto header = request.headers.get("Client-Cert");
  if (!*trusted || !header) co_return std::optional<std::string>();
  co_return read_header(*header);
}

Failure proof_missing(const SerialNumber& serial) {
  return fail(ErrorCode::unauthenticated, "renewal-proof-missing",
              "show that you hold the key of " + serial.hex() +
                  ": a member signature (docs/curl.md), or the certificate as TLS client certificate");
}

Result<void> check_presented(const pki::Certificate& old, const std::optional<std::string>& presented) {
  if (!presented) return proof_missing(old.serial());
  if (*presented == old.der()) return {};
  return wrong("the TLS client certificate is not the certificate " + old.serial().hex() + " that this CA issued");
}

}  // namespace quicklime::renewal
