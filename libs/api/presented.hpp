#pragma once
// The certificate whose key a client has proved to hold in a TLS handshake: with this process, or with a gateway in front of it.

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "http/message.hpp"
#include "pki/certificate.hpp"

namespace quicklime::api {

struct Presented {
  std::string certificate;  // DER; nothing of it was looked at
  // The peer that says so, where it was not proved to this process. Whoever goes by it asks whether that one is live (ca::is_live).
  std::optional<pki::Certificate> voucher{};
};
// That of the connection; of a peer in one of the roles `vouching` (ca/role_uri.hpp), what it says in the header Client-Cert: `:base64:` of
// DER (RFC 9440) or percent-escaped PEM (nginx's $ssl_client_escaped_cert). Such a peer's own certificate is never presented: the requests
// on its connection are others'. Of anybody else the header is not even looked at. nullopt: none.
// "client-certificate-malformed": of the header.
Result<std::optional<Presented>> presented_certificate(const http::Request& request, const std::vector<std::string>& vouching);

}  // namespace quicklime::api
