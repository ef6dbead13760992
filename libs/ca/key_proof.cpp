#include "ca/key_proof.hpp"

#include "base/encoding.hpp"

namespace quicklime::ca {

Result<bool> is_signed_by(const pki::Certificate& certificate, std::string_view text, const std::string& signature_base64,
                          const std::string& field) {
  std::string packed = signature_base64;
  std::erase_if(packed, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
  const auto signature = base64_decode(packed);
  if (!signature || signature->empty()) {
    return fail(ErrorCode::invalid, "signature-malformed", "the signature is not base64 of what `openssl dgst -sha256 -sign` writes",
                field);
  }
  const auto key = certificate.public_key();
  if (!key) return forward(key);
  const auto algorithm =
      key->kind() == crypto::KeyKind::p256 ? crypto::SignatureAlgorithm::ecdsa_sha256 : crypto::SignatureAlgorithm::rsa_sha256;
  return key->verifies(algorithm, text, *signature);
}

}  // namespace quicklime::ca
