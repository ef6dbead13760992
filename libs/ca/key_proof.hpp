#pragma once
// Proofs by key (architecture section 7): a signature over a text, as keys of its kind sign (crypto/key_kind.hpp): `openssl dgst -sha256
// -sign` for P-256 and RSA, -sha384 for P-384, -sha512 for P-521, `openssl pkeyutl -sign -rawin` for Ed25519.

#include <optional>
#include <string>
#include <string_view>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "base/serial_number.hpp"
#include "pki/certificate.hpp"
#include "pki/crl.hpp"

namespace quicklime::ca {

// Whether it is one by the certificate's key over the text. base64, in lines or not;
// "signature-malformed", naming the field. Whether that key may still prove anything is another question (key-blocked).
Result<bool> is_signed_by(const pki::Certificate& certificate, std::string_view text, const std::string& signature_base64,
                          const std::string& field);

// What the old key signs to have its certificate renewed: four lines, each with its newline, and with a lifetime five
// (quicklime-renew-v2). A file with these bytes is signed by openssl, as those of revocation_proof_text.
std::string renewal_proof_text(const SerialNumber& serial, std::string_view challenge, std::string_view csr_der,
                               const std::optional<Milliseconds>& lifetime = {});

// What a key signs to have its certificate revoked: three lines, each with its newline.
std::string revocation_proof_text(const SerialNumber& serial, pki::RevocationReason reason);

}  // namespace quicklime::ca
