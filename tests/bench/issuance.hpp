#pragma once
// What both benchmarks of issuing run: CSR DER in, certificate DER out.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "crypto/random.hpp"
#include "crypto/signer.hpp"
#include "pki/certificate.hpp"
#include "pki/csr.hpp"

namespace quicklime::bench {

class Issuance {
 public:
  Issuance() {
    for (int i = 0; i < 32; ++i) {  // many keys, as from many clients
      const std::string name = "node-" + std::to_string(i) + ".internal";
      const auto key = crypto::PrivateKey::generate(crypto::KeyKind::p256).value();
      requests_.push_back(
          pki::Csr::make(pki::Name::common_name(name), {{pki::NameKind::dns, name}, {pki::NameKind::ip, "10.0.0.7"}}, key)->der());
    }
  }

  // Parse and proof of possession, serial, template, signature: row 1 of the table.
  std::size_t issue(std::size_t which) const {
    const auto csr = pki::Csr::parse(requests_[which % requests_.size()]);
    if (!csr) std::abort();
    const SerialNumber serial = crypto::random_serial_number();
    const auto certificate = template_.sign(
        {serial, csr->subject(), csr->alternative_names(), csr->public_key().spki(), now_, now_ + std::chrono::hours(24 * 90)}, signer_);
    if (!certificate) std::abort();
    return certificate->size();
  }
  const std::string& request(std::size_t which) const { return requests_[which % requests_.size()]; }

 private:
  Instant now_ = SystemClock().now();
  crypto::KeySigner signer_{crypto::PrivateKey::generate(crypto::KeyKind::p256).value()};
  pki::CertificateTemplate template_{{.issuer = pki::Name::organization_and_common_name("Acme Corp", "Acme Corp Issuing CA 1"),
                                      .authority_key_identifier = pki::key_identifier(signer_.public_key().spki()),
                                      .key_usages = {pki::KeyUsage::digital_signature},
                                      .extended_key_usages = {std::string(pki::oid::server_auth)},
                                      .is_ca = false,
                                      .path_length = std::nullopt,
                                      .ocsp_urls = {"http://ca.internal:8080/ocsp"},
                                      .ca_issuer_urls = {"http://ca.internal:8080/ca/issuing-1.crt"},
                                      .crl_urls = {"http://ca.internal:8080/crl/issuing-1.crl"},
                                      .signature_algorithm = signer_.algorithm()}};
  std::vector<std::string> requests_;
};

}  // namespace quicklime::bench
