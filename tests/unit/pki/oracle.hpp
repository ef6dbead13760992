#pragma once
// OpenSSL's own reading of what libs/pki writes, and a small authority to write with.

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <vector>

#include "crypto/openssl.hpp"
#include "crypto/random.hpp"
#include "crypto/signer.hpp"
#include "pki/certificate.hpp"
#include "pki/crl.hpp"
#include "pki/csr.hpp"
#include "unit/crypto/openssl_command.hpp"

namespace quicklime::pki::test {

using quicklime::test::Workshop;

template <auto Free, class T>
using Owned = std::unique_ptr<T, crypto::Deleter<Free>>;
using X509Owned = Owned<X509_free, X509>;
using CrlOwned = Owned<X509_CRL_free, X509_CRL>;
using ReqOwned = Owned<X509_REQ_free, X509_REQ>;

template <class Pointer, class Decode>
Pointer decode_whole(std::string_view der, Decode decode) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const auto* start = at;
  Pointer decoded(decode(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (decoded && static_cast<std::size_t>(at - start) != der.size()) return nullptr;
  return decoded;
}
inline X509Owned decode_x509(std::string_view der) { return decode_whole<X509Owned>(der, d2i_X509); }
inline CrlOwned decode_crl(std::string_view der) { return decode_whole<CrlOwned>(der, d2i_X509_CRL); }
inline ReqOwned decode_req(std::string_view der) { return decode_whole<ReqOwned>(der, d2i_X509_REQ); }

// One extension as `openssl x509 -text` prints it; empty when it is absent.
inline std::string printed_extension(const X509* x509, int nid) {
  const int at = X509_get_ext_by_NID(x509, nid, -1);
  if (at < 0) return {};
  const Owned<BIO_free, BIO> bio(BIO_new(BIO_s_mem()));
  X509V3_EXT_print(bio.get(), X509_get_ext(x509, at), 0, 0);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  std::string text(data, static_cast<std::size_t>(size));
  while (text.ends_with('\n')) text.pop_back();  // OpenSSL 3.5 ends some with one
  return text;
}
inline bool is_critical(const X509* x509, int nid) {
  const int at = X509_get_ext_by_NID(x509, nid, -1);
  return at >= 0 && X509_EXTENSION_get_critical(X509_get_ext(x509, at)) == 1;
}

inline const Instant kNow = Instant::parse("2026-11-21T01:02:03Z").value();

// A root, an issuing authority below it, and what they sign.
struct Hierarchy {
  explicit Hierarchy(crypto::KeyKind kind = crypto::KeyKind::p256)
      : root_signer(crypto::PrivateKey::generate(kind).value()), signer(crypto::PrivateKey::generate(kind).value()) {
    CertificateTemplate::Fields fields = authority_fields(root_name, "");
    root = make(fields, root_signer, root_name, root_signer.public_key().spki(), {});
    fields = authority_fields(root_name, root->subject_key_identifier());
    fields.path_length = 0;
    issuing = make(fields, root_signer, issuing_name, signer.public_key().spki(), {});
  }

  CertificateTemplate::Fields authority_fields(const Name& issuer, std::string authority_key_identifier) const {
    return {.issuer = issuer,
            .authority_key_identifier = std::move(authority_key_identifier),
            .key_usages = {KeyUsage::digital_signature, KeyUsage::key_cert_sign, KeyUsage::crl_sign},
            .extended_key_usages = {},
            .is_ca = true,
            .path_length = std::nullopt,
            .ocsp_urls = {},
            .ca_issuer_urls = {},
            .crl_urls = {},
            .signature_algorithm = signer.algorithm()};
  }
  CertificateTemplate::Fields leaf_fields() const {
    return {.issuer = issuing_name,
            .authority_key_identifier = issuing->subject_key_identifier(),
            .key_usages = {KeyUsage::digital_signature},
            .extended_key_usages = {std::string(oid::server_auth)},
            .is_ca = false,
            .path_length = std::nullopt,
            .ocsp_urls = {"http://ca.internal:8080/ocsp"},
            .ca_issuer_urls = {"http://ca.internal:8080/ca/issuing-1.crt"},
            .crl_urls = {"http://ca.internal:8080/crl/issuing-1.crl"},
            .signature_algorithm = signer.algorithm()};
  }
  static std::optional<Certificate> make(const CertificateTemplate::Fields& fields, const crypto::Signer& by, const Name& subject,
                                         const std::string& spki, const std::vector<AlternativeName>& names,
                                         Instant not_before = kNow - std::chrono::hours(1),
                                         Instant not_after = kNow + std::chrono::hours(24 * 90)) {
    const SerialNumber serial = crypto::random_serial_number();
    const auto der = CertificateTemplate(fields).sign({serial, subject, names, spki, not_before, not_after}, by);
    if (!der) return std::nullopt;
    auto parsed = Certificate::parse(*der);
    return parsed ? std::optional<Certificate>(std::move(*parsed)) : std::nullopt;
  }
  std::optional<Certificate> leaf(const std::vector<AlternativeName>& names = {{NameKind::dns, "api.internal"}}) const {
    return make(leaf_fields(), signer, Name::common_name("api.internal"), leaf_key.public_key().spki(), names);
  }

  Name root_name = Name::organization_and_common_name("Acme Corp", "Acme Corp Root CA 1");
  Name issuing_name = Name::organization_and_common_name("Acme Corp", "Acme Corp Issuing CA 1");
  crypto::KeySigner root_signer;
  crypto::KeySigner signer;
  crypto::PrivateKey leaf_key = crypto::PrivateKey::generate(crypto::KeyKind::p256).value();
  std::optional<Certificate> root;
  std::optional<Certificate> issuing;
};

}  // namespace quicklime::pki::test
