#include "api/presented.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "ca/role_uri.hpp"
#include "pki/pem.hpp"

namespace quicklime::api {
namespace {

Result<std::string> read_header(std::string_view value) {
  const auto malformed = [] {
    return fail(ErrorCode::invalid, "client-certificate-malformed",
                "the gateway's header is neither :base64: of DER (RFC 9440) nor percent-escaped PEM", "Client-Cert");
  };
  if (value.front() == ':') {
    if (value.size() < 2 || value.back() != ':') return malformed();
    auto der = base64_decode(value.substr(1, value.size() - 2));
    if (!der) return malformed();
    return *std::move(der);
  }
  const auto pem = http::percent_decode(value);
  if (!pem) return malformed();
  auto der = pki::pem_or_der(*pem, "CERTIFICATE");
  if (!der) return malformed();
  return *std::move(der);
}

}  // namespace

Result<std::optional<Presented>> presented_certificate(const http::Request& request, const std::vector<std::string>& vouching) {
  const auto& own = request.peer.certificate;
  if (!own) return std::optional<Presented>();
  if (vouching.empty() || own->size() > ca::kLargestPeer) return Presented{*own};
  auto peer = pki::Certificate::parse(*own);
  const auto role = peer ? ca::role_of(*peer) : std::nullopt;
  if (!role || std::find(vouching.begin(), vouching.end(), *role) == vouching.end()) return Presented{*own};
  const auto header = request.headers.get("Client-Cert");
  if (!header || header->empty()) return std::optional<Presented>();
  auto certificate = read_header(*header);
  if (!certificate) return forward(certificate);
  return Presented{*std::move(certificate), *std::move(peer)};
}

}  // namespace quicklime::api
