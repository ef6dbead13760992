#pragma once
// Proofs by key (architecture section 7): a signature over a text that `openssl dgst -sha256 -sign` can make.

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "pki/certificate.hpp"

namespace quicklime::ca {

// Whether it is one by the certificate's key over the text: ECDSA or RSA PKCS#1 with SHA-256. base64, in lines or not;
// "signature-malformed", naming the field. Whether that key may still prove anything is another question (key-blocked).
Result<bool> is_signed_by(const pki::Certificate& certificate, std::string_view text, const std::string& signature_base64,
                          const std::string& field);

}  // namespace quicklime::ca
