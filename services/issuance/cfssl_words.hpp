#pragma once
// Things in CFSSL's words: the results of its answers, as JSON.

#include <string>

#include "ca/profile.hpp"
#include "issuance/keyed_issuer.hpp"
#include "pki/certificate.hpp"

namespace quicklime::issuance {

// signer.ResultInfo: the issuing CA, and what a profile gives.
std::string cfssl_info(const pki::Certificate& issuing, const ca::Profile& profile);
// certinfo.Certificate
std::string cfssl_certificate_info(const pki::Certificate& certificate);
// What newkey and newcert say: the key, the request, the certificate, and sums of both.
Secret cfssl_new_key(const MadeKey& key);
Secret cfssl_new_certificate(const MadeKey& key, const std::string& certificate_der);

}  // namespace quicklime::issuance
