#include "pki/certificate.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "pki/der.hpp"
#include "pki/pem.hpp"
#include "unit/pki/oracle.hpp"

namespace quicklime::pki {
namespace {
using namespace std::string_literals;
using std::chrono::hours;
using test::Hierarchy;

const Hierarchy& hierarchy() {
  static const Hierarchy hierarchy;
  return hierarchy;
}

TEST(Certificate, OpensslReadsWhatTheTemplateWrites) {
  const Hierarchy& ca = hierarchy();
  const auto leaf = ca.leaf({{NameKind::dns, "api.internal"}, {NameKind::dns, "*.api.internal"}, {NameKind::ip, "10.0.0.7"}});
  ASSERT_TRUE(leaf.has_value());
  const auto x509 = test::decode_x509(leaf->der());
  ASSERT_TRUE(x509);
  EXPECT_EQ(X509_verify(x509.get(), X509_get0_pubkey(test::decode_x509(ca.issuing->der()).get())), 1);
  EXPECT_EQ(X509_get_version(x509.get()), X509_VERSION_3);
  EXPECT_EQ(test::printed_extension(x509.get(), NID_subject_alt_name), "DNS:api.internal, DNS:*.api.internal, IP Address:10.0.0.7");
  EXPECT_EQ(test::printed_extension(x509.get(), NID_key_usage), "Digital Signature");
  EXPECT_TRUE(test::is_critical(x509.get(), NID_key_usage));
  EXPECT_EQ(test::printed_extension(x509.get(), NID_ext_key_usage), "TLS Web Server Authentication");
  EXPECT_EQ(test::printed_extension(x509.get(), NID_info_access),
            "OCSP - URI:http://ca.internal:8080/ocsp\nCA Issuers - URI:http://ca.internal:8080/ca/issuing-1.crt");
  EXPECT_EQ(test::printed_extension(x509.get(), NID_crl_distribution_points),
            "Full Name:\n  URI:http://ca.internal:8080/crl/issuing-1.crl");
  EXPECT_EQ(test::printed_extension(x509.get(), NID_basic_constraints), "");
  EXPECT_FALSE(test::is_critical(x509.get(), NID_subject_alt_name));
  EXPECT_EQ(X509_check_host(x509.get(), "x.api.internal", 0, 0, nullptr), 1);
}

TEST(Certificate, AuthoritiesCarryWhatStrictVerifiersAskFor) {
  const Hierarchy& ca = hierarchy();
  for (const auto* certificate : {&ca.root, &ca.issuing}) {
    const auto x509 = test::decode_x509((*certificate)->der());
    ASSERT_TRUE(x509);
    EXPECT_TRUE(test::is_critical(x509.get(), NID_basic_constraints));
    EXPECT_TRUE(test::is_critical(x509.get(), NID_key_usage));
    EXPECT_EQ(test::printed_extension(x509.get(), NID_key_usage), "Digital Signature, Certificate Sign, CRL Sign");
    EXPECT_FALSE((*certificate)->subject_key_identifier().empty());
    EXPECT_EQ((*certificate)->authority_key_identifier(), ca.root->subject_key_identifier());
    EXPECT_TRUE((*certificate)->is_ca());
  }
  EXPECT_EQ(test::printed_extension(test::decode_x509(ca.issuing->der()).get(), NID_basic_constraints), "CA:TRUE, pathlen:0");
  EXPECT_EQ(test::printed_extension(test::decode_x509(ca.root->der()).get(), NID_basic_constraints), "CA:TRUE");
}

TEST(Certificate, IsReadBackAsItWasWritten) {
  const Hierarchy& ca = hierarchy();
  const std::vector<AlternativeName> names{{NameKind::dns, "api.internal"}, {NameKind::uri, "spiffe://td/a"}};
  const auto leaf = ca.leaf(names);
  EXPECT_EQ(leaf->alternative_names(), names);
  EXPECT_EQ(leaf->issuer(), ca.issuing->subject());
  EXPECT_EQ(leaf->subject(), Name::common_name("api.internal"));
  EXPECT_EQ(leaf->not_before(), test::kNow - hours(1));
  EXPECT_EQ(leaf->not_after(), test::kNow + hours(24 * 90));
  EXPECT_EQ(leaf->spki(), ca.leaf_key.public_key().spki());
  EXPECT_EQ(leaf->public_key().value(), ca.leaf_key.public_key());
  EXPECT_EQ(leaf->authority_key_identifier(), ca.issuing->subject_key_identifier());
  EXPECT_EQ(leaf->subject_key_identifier(), key_identifier(leaf->spki()));
  EXPECT_EQ(leaf->extended_key_usages(), std::vector<std::string>{std::string(oid::server_auth)});
  EXPECT_FALSE(leaf->is_ca());
  EXPECT_TRUE(leaf->signed_by(ca.signer.public_key()));
  EXPECT_FALSE(leaf->signed_by(ca.root_signer.public_key()));
}

TEST(Certificate, TheOpensslCommandVerifiesTheChainStrictly) {
  for (const auto kind : {crypto::KeyKind::p256, crypto::KeyKind::rsa2048}) {
    const Hierarchy ca(kind);
    const test::Workshop shop;
    shop.write("root.pem", pem_encode("CERTIFICATE", ca.root->der()));
    shop.write("issuing.pem", pem_encode("CERTIFICATE", ca.issuing->der()));
    shop.write("leaf.pem", pem_encode("CERTIFICATE", ca.leaf()->der()));
    const auto verified =
        shop.openssl("verify -x509_strict -attime " + std::to_string(test::kNow.seconds()) +
                     " -CAfile root.pem -untrusted issuing.pem -purpose sslserver -verify_hostname api.internal leaf.pem");
    EXPECT_EQ(verified.status, 0) << verified.text;
    EXPECT_TRUE(verified.has("leaf.pem: OK")) << verified.text;
  }
}

TEST(Certificate, AnEmptySubjectMakesTheAlternativeNamesCritical) {
  const Hierarchy& ca = hierarchy();
  const auto leaf = Hierarchy::make(ca.leaf_fields(), ca.signer, Name::empty(), ca.leaf_key.public_key().spki(), {{NameKind::dns, "a.b"}});
  EXPECT_TRUE(test::is_critical(test::decode_x509(leaf->der()).get(), NID_subject_alt_name));
  EXPECT_TRUE(leaf->subject().is_empty());
}

TEST(Certificate, ResponderCertificate) {
  const Hierarchy& ca = hierarchy();
  auto fields = ca.leaf_fields();
  fields.extended_key_usages = {std::string(oid::ocsp_signing)};
  fields.ocsp_no_check = true;
  fields.ocsp_urls = fields.ca_issuer_urls = fields.crl_urls = {};
  const auto responder = Hierarchy::make(fields, ca.signer, Name::common_name("OCSP"), ca.leaf_key.public_key().spki(), {});
  const auto x509 = test::decode_x509(responder->der());
  EXPECT_EQ(test::printed_extension(x509.get(), NID_ext_key_usage), "OCSP Signing");
  EXPECT_GE(X509_get_ext_by_NID(x509.get(), NID_id_pkix_OCSP_noCheck, -1), 0);
  EXPECT_LT(X509_get_ext_by_NID(x509.get(), NID_subject_alt_name, -1), 0);
  EXPECT_LT(X509_get_ext_by_NID(x509.get(), NID_info_access, -1), 0);
  EXPECT_LT(X509_get_ext_by_NID(x509.get(), NID_crl_distribution_points, -1), 0);
}

TEST(Certificate, DatesPast2049) {
  const Hierarchy& ca = hierarchy();
  const auto long_lived = Hierarchy::make(ca.leaf_fields(), ca.signer, Name::common_name("x"), ca.leaf_key.public_key().spki(), {},
                                          Instant::parse("2049-12-31T23:59:59Z").value(), Instant::parse("2050-01-01T00:00:00Z").value());
  const auto x509 = test::decode_x509(long_lived->der());
  EXPECT_EQ(ASN1_STRING_type(X509_get0_notBefore(x509.get())), V_ASN1_UTCTIME);
  EXPECT_EQ(ASN1_STRING_type(X509_get0_notAfter(x509.get())), V_ASN1_GENERALIZEDTIME);
  EXPECT_EQ(long_lived->not_after().rfc3339_seconds(), "2050-01-01T00:00:00Z");
}

TEST(Certificate, SerialsOfEveryLength) {
  const Hierarchy& ca = hierarchy();
  const CertificateTemplate form(ca.leaf_fields());
  for (const char* hex :
       {"01", "7f", "80", "ff", "0100", "7fffffffffffffffffffffffffffffffffffffff", "80ffffffffffffffffffffffffffffffffffff"}) {
    const auto serial = SerialNumber::from_hex(hex).value();
    const auto der = form.sign({serial, Name::common_name("x"), {}, ca.leaf_key.public_key().spki(), test::kNow, test::kNow}, ca.signer);
    EXPECT_EQ(Certificate::parse(*der)->serial(), serial);
    const test::Owned<BN_free, BIGNUM> number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(test::decode_x509(*der).get()), nullptr));
    const std::unique_ptr<char, void (*)(char*)> text(BN_bn2dec(number.get()), [](char* p) { OPENSSL_free(p); });
    EXPECT_EQ(text.get(), serial.decimal());
  }
}

TEST(Certificate, TheSizeIsKnownBeforeSigning) {
  for (const auto kind : {crypto::KeyKind::p256, crypto::KeyKind::rsa2048}) {
    const Hierarchy ca(kind);
    const CertificateTemplate form(ca.leaf_fields());
    const SerialNumber serial = crypto::random_serial_number();
    const std::vector<AlternativeName> names(50, AlternativeName{NameKind::dns, "a.rather.long.name.internal"});
    const Name subject = Name::common_name("x");
    const CertificateTemplate::Subject what{serial, subject, names, ca.leaf_key.public_key().spki(), test::kNow, test::kNow};
    const std::size_t size = form.sign(what, ca.signer)->size();
    EXPECT_GE(form.size_bound(what), size);
    EXPECT_LE(form.size_bound(what), size + (kind == crypto::KeyKind::p256 ? 12 : 260))
        << "dates past 2049, and the longest key of a family";
  }
}

TEST(Certificate, TheSignerMustBeTheTemplatesAndMayFail) {
  const Hierarchy& ca = hierarchy();
  auto fields = ca.leaf_fields();
  fields.signature_algorithm = crypto::SignatureAlgorithm::rsa_sha256;
  const SerialNumber serial = crypto::random_serial_number();
  const Name subject = Name::common_name("x");
  const CertificateTemplate::Subject what{serial, subject, {}, ca.leaf_key.public_key().spki(), test::kNow, test::kNow};
  EXPECT_EQ(CertificateTemplate(fields).sign(what, ca.signer).error().reason, "signer-mismatch");

  class Broken final : public crypto::Signer {
   public:
    explicit Broken(const crypto::PublicKey& key) : key_(key) {}
    crypto::SignatureAlgorithm algorithm() const override { return crypto::SignatureAlgorithm::ecdsa_sha256; }
    const crypto::PublicKey& public_key() const override { return key_; }
    Result<std::string> sign(std::string_view) const override { return fail(ErrorCode::unavailable, "token-gone", "the token is gone"); }
    bool slow() const override { return true; }

   private:
    const crypto::PublicKey& key_;
  };
  EXPECT_EQ(CertificateTemplate(ca.leaf_fields()).sign(what, Broken(ca.signer.public_key())).error().reason, "token-gone");
}

TEST(Certificate, ReadsWhatOpensslMakes) {
  const test::Workshop shop;
  const auto made = shop.openssl(
      "req -x509 -newkey rsa:2048 -nodes -keyout k -subj '/C=DE/O=Größe/CN=x' -utf8 -days 9999 -set_serial 0x00ff12 -outform DER -out "
      "cert.der"
      " -addext 'subjectAltName=DNS:a.b,otherName:1.2.3;UTF8:x,RID:1.2.3' -addext extendedKeyUsage=serverAuth,1.2.3.4"
      " -addext basicConstraints=CA:TRUE -addext subjectKeyIdentifier=00:01:02 -addext authorityKeyIdentifier=keyid,issuer:always");
  ASSERT_EQ(made.status, 0) << made.text;
  const auto certificate = Certificate::parse(shop.read("cert.der"));
  ASSERT_TRUE(certificate.has_value()) << certificate.error().detail;
  EXPECT_EQ(certificate->serial().hex(), "ff12");
  EXPECT_EQ(certificate->subject().text(), "CN=x,O=Größe,C=DE");
  EXPECT_EQ(certificate->alternative_names(), (std::vector<AlternativeName>{{NameKind::dns, "a.b"}}));
  EXPECT_EQ(certificate->extended_key_usages(), (std::vector<std::string>{std::string(oid::server_auth), "1.2.3.4"}));
  EXPECT_EQ(hex_encode(certificate->subject_key_identifier()), "000102");
  EXPECT_TRUE(certificate->is_ca());
  EXPECT_TRUE(certificate->signed_by(certificate->public_key().value()));
  shop.openssl("x509 -inform DER -in cert.der -noout -fingerprint -sha256");
  std::string printed = shop.openssl("dgst -sha256 -r cert.der").text.substr(0, 64);
  EXPECT_EQ(hex_encode(crypto::view(certificate->fingerprint())), printed);
}

// What we call well-formed, OpenSSL reads, and reads alike.
TEST(Certificate, OpensslReadsWhateverWeAccept) {
  const std::string good = hierarchy().leaf()->der();
  int accepted = 0;
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const unsigned bit : {0U, 3U, 7U}) {
      std::string bent = good;
      bent[i] = static_cast<char>(bent[i] ^ (1U << bit));
      const auto certificate = Certificate::parse(bent);
      if (!certificate) continue;
      ++accepted;
      const auto x509 = test::decode_x509(bent);
      ASSERT_TRUE(x509) << i;
      const test::Owned<BN_free, BIGNUM> number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(x509.get()), nullptr));
      std::string octets(static_cast<std::size_t>(BN_num_bytes(number.get())), '\0');
      BN_bn2bin(number.get(), reinterpret_cast<unsigned char*>(octets.data()));
      ASSERT_EQ(octets, certificate->serial().octets());
      ASSERT_FALSE(certificate->signed_by(hierarchy().signer.public_key())) << i;
    }
    ASSERT_FALSE(Certificate::parse(std::string_view(good).substr(0, i)).has_value());
  }
  EXPECT_GT(accepted, 100) << "the mutations must reach past the reader";
}

TEST(Certificate, RefusesWhatIsNotWellFormed) {
  const std::string good = hierarchy().leaf()->der();
  for (const std::string& bytes : {""s, "x"s, good + "\0"s, good + good, std::string(1'000'000, '\x30'), std::string("\x30\x80"s + good)}) {
    const auto certificate = Certificate::parse(bytes);
    ASSERT_FALSE(certificate.has_value());
    EXPECT_EQ(certificate.error().reason, "certificate-malformed");
  }
  const test::Workshop shop;  // version 1
  shop.openssl("req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k -subj /CN=x -out csr.pem");
  shop.openssl("x509 -req -in csr.pem -signkey k -outform DER -out v1.der");
  ASSERT_FALSE(shop.read("v1.der").empty());
  EXPECT_EQ(Certificate::parse(shop.read("v1.der")).error().detail, "the certificate is not X.509 version 3");
}

TEST(KeyIdentifier, IsMethodOneOfRfc7093) {
  const std::string& spki = hierarchy().leaf_key.public_key().spki();
  // P-256: the key bits are the last 65 octets.
  EXPECT_EQ(key_identifier(spki), crypto::view(crypto::sha256(spki.substr(spki.size() - 65))).substr(0, 20));
}

}  // namespace
}  // namespace quicklime::pki
