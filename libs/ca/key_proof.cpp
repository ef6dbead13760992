#include "ca/key_proof.hpp"

#include "base/encoding.hpp"
#include "crypto/hash.hpp"

namespace quicklime::ca {

Result<bool> is_signed_by(const pki::Certificate& certificate, std::string_view text, const std::string& signature_base64,
                          const std::string& field) {
  std::string packed = signature_base64;
  std::erase_if(packed, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
  const auto signature = base64_decode(packed);
  if (!signature || signature->empty()) {
    return fail(ErrorCode::invalid, "signature-malformed",
                "the signature is not base64 of what `openssl dgst -sign` or `openssl pkeyutl -sign` writes", field);
  }
  const auto key = certificate.public_key();
  if (!key) return forward(key);
  return key->verifies(crypto::row(key->kind()).signature, text, *signature);
}

std::string renewal_proof_text(const SerialNumber& serial, std::string_view challenge, std::string_view csr_der,
                               const std::optional<Milliseconds>& lifetime) {
  std::string text = std::string(lifetime ? "quicklime-renew-v2" : "quicklime-renew-v1") + "\n" + serial.hex() + "\n" +
                     std::string(challenge) + "\n" + hex_encode(crypto::view(crypto::sha256(csr_der))) + "\n";
  if (lifetime) text += std::to_string(std::chrono::duration_cast<Seconds>(*lifetime).count()) + "\n";
  return text;
}

std::string revocation_proof_text(const SerialNumber& serial, pki::RevocationReason reason) {
  return "quicklime-revoke-v1\n" + serial.hex() + "\n" + std::string(pki::name(reason)) + "\n";
}

}  // namespace quicklime::ca
