#pragma once
// Who may renew a certificate: whoever holds its key, by two proofs (architecture section 7), and who asked for it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.hpp"
#include "base/result.hpp"
#include "base/serial_number.hpp"
#include "ca/key_proof.hpp"
#include "http/message.hpp"
#include "pki/certificate.hpp"
#include "renewal/view.hpp"
#include "runtime/service.hpp"

namespace quicklime::renewal {

// Of any of these texts (ca::renewal_proof_text), at least one. "signature-malformed" (not base64), "renewal-proof-wrong" (401: not of this
// key).
Result<void> check_signature(const pki::Certificate& old, const std::vector<std::string>& texts, const std::string& signature_base64,
                             const std::string& field);

// The certificate whose key the client has proved to hold in a TLS handshake; nullopt: none. Its own peer's, or, when the
// peer is the gateway, what stands in the header Client-Cert: `:base64:` (RFC 9440) or percent-escaped PEM (nginx's
// $ssl_client_escaped_cert). The gateway is the peer whose certificate names the role of renewal.gateway (ca/role_uri.hpp). It
// is believed while that is one of ours, valid now and not revoked; its own certificate is never a proof, since the requests on
// its connection are others'. Of anybody else the header is not even looked at.
// "client-certificate-malformed": of the gateway's header. gateway: its role, empty where no header is believed.
struct Presented {
  std::string certificate;  // DER
  std::optional<std::string> vouched_by{};
  std::optional<SerialNumber> voucher{};  // of the gateway's certificate
};
async::Task<Result<std::optional<Presented>>> presented_certificate(const api::ServiceContext& context, const http::Request& request,
                                                                    std::string gateway);

Failure proof_missing(const SerialNumber& serial);  // "renewal-proof-missing" (401)
// The very certificate, compared and not parsed: another one for the same names, or with the same serial, is none.
// "renewal-proof-missing", "renewal-proof-wrong" (401).
Result<void> check_presented(const pki::Certificate& old, const std::optional<Presented>& presented);
// Whose it is, without a proof: "not-yours" (403).
Result<void> check_requester(const access::Identity& who, const Predecessor& old);

}  // namespace quicklime::renewal
