#include "crl/signing_request.hpp"

#include "crl/publish.hpp"

namespace quicklime::crl {

Result<std::string> sign(const SigningRequest& request, const crypto::Signer& signer) {
  if (signer.public_key().spki() != request.certificate.spki()) {
    return fail(ErrorCode::conflict, "key-file-wrong",
                "this key is not that of " + request.authority.text() + ", whose CRL is to be signed", "key");
  }
  std::string entries;
  for (const auto& entry : request.revoked) pki::append_crl_entry(entries, entry.serial, entry.revocation_date, entry.reason);
  const auto made = make_publication({request.authority, std::nullopt, request.certificate}, signer, "", request.number, entries,
                                     {request.this_update, request.next_update, request.this_update});
  if (!made) return forward(made);
  return made->before + entries + made->after;
}

}  // namespace quicklime::crl
