#include "pki/name_constraints.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pki/chain.hpp"
#include "unit/pki/oracle.hpp"

namespace quicklime::pki {
namespace {

const Instant kTime = *Instant::parse("2026-11-21T12:00:00Z");

struct MadeCertificate {
  crypto::PrivateKey key;
  Certificate certificate;
};
MadeCertificate make_certificate(const Name& subject, const MadeCertificate* issuer, std::optional<NameConstraints> constraints,
                                 const std::vector<AlternativeName>& names = {}) {
  auto key = *crypto::PrivateKey::generate(crypto::KeyKind::p256);
  const bool is_ca = names.empty();
  CertificateTemplate::Fields fields{.issuer = issuer ? issuer->certificate.subject() : subject,
                                     .authority_key_identifier = issuer ? issuer->certificate.subject_key_identifier() : std::string(),
                                     .key_usages = {is_ca ? KeyUsage::key_cert_sign : KeyUsage::digital_signature},
                                     .extended_key_usages = {},
                                     .is_ca = is_ca,
                                     .path_length = std::nullopt,
                                     .name_constraints = std::move(constraints),
                                     .ocsp_urls = {},
                                     .ca_issuer_urls = {},
                                     .crl_urls = {},
                                     .ocsp_no_check = false,
                                     .signature_algorithm = key.signature_algorithm()};
  const SerialNumber serial = crypto::random_serial_number();
  const auto der = CertificateTemplate(fields).sign({.serial = serial,
                                                     .subject = subject,
                                                     .names = names,
                                                     .spki = key.public_key().spki(),
                                                     .not_before = kTime - std::chrono::hours(1),
                                                     .not_after = kTime + std::chrono::hours(1)},
                                                    crypto::KeySigner(issuer ? issuer->key : key));
  return {std::move(key), *Certificate::parse(*der)};
}

// What permits() says is what OpenSSL makes of the same constraints in a path.
TEST(NameConstraintsTest, AreWhatOpenSslMakesOfThem) {
  struct Case {
    std::vector<std::string> dns, ip;
  };
  for (const auto& [dns, ip] :
       {Case{{"home.lan"}, {}}, Case{{}, {"10.0.0.0/8"}}, Case{{"home.lan", "lab.test"}, {"10.0.0.0/8", "192.168.1.0/24"}},
        Case{{"home.lan"}, {"fd00::/8"}}, Case{{"localhost"}, {"10.0.0.7"}}}) {
    const auto constraints = NameConstraints::permitting(dns, ip);
    ASSERT_TRUE(constraints) << constraints.error().detail;
    const auto root = make_certificate(Name::common_name("root"), nullptr, std::nullopt);
    const auto issuing = make_certificate(Name::common_name("issuing"), &root, *constraints);
    ASSERT_TRUE(issuing.certificate.name_constraints());
    EXPECT_EQ(*issuing.certificate.name_constraints(), *constraints);
    EXPECT_TRUE(test::is_critical(test::decode_x509(issuing.certificate.der()).get(), NID_name_constraints));
    for (const char* name :
         {"home.lan", "a.home.lan", "a.b.home.lan", "nothome.lan", "home.lan.evil", "lan", "*.home.lan", "lab.test", "x.lab.test",
          "localhost", "10.0.0.7", "10.255.1.1", "11.0.0.1", "192.168.1.9", "192.168.2.9", "fd12::1", "fe80::1"}) {
      const auto alternative = *AlternativeName::guess(name);
      const auto leaf = make_certificate(Name::empty(), &issuing, std::nullopt, {alternative});
      const auto judged = verify_chain(leaf.certificate, {issuing.certificate}, {root.certificate}, kTime);
      EXPECT_EQ(constraints->permits(alternative), judged.has_value())
          << name << " under " << constraints->text() << ": " << (judged ? "" : judged.error().detail);
    }
  }
}

TEST(NameConstraintsTest, AKindOfWhichNothingIsPermittedIsExcluded) {
  EXPECT_EQ(NameConstraints::permitting({"home.lan"}, {})->text(), "permits DNS:home.lan; excludes IP:0.0.0.0/0, IP:::/0");
  EXPECT_EQ(NameConstraints::permitting({}, {"10.0.0.0/8"})->text(), "permits IP:10.0.0.0/8; excludes DNS:*, IP:::/0");
  EXPECT_EQ(NameConstraints::permitting({"Home.LAN"}, {"10.0.0.0/8", "fd00::/8"})->text(),
            "permits DNS:home.lan, IP:10.0.0.0/8, IP:fd00::/8");
  // Of kinds that are not constrained at all.
  EXPECT_TRUE(NameConstraints::permitting({"home.lan"}, {})->permits(*AlternativeName::guess("quicklime:role/ocsp")));
}

TEST(NameConstraintsTest, WhatIsNoRangeIsRefusedWithWhatItShouldBe) {
  for (const char* range : {"", "10", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/", "10.0.0.0/x", "fd00::/129", "fd00::1/8", "home.lan"}) {
    const auto refused = NameConstraints::permitting({}, {range});
    ASSERT_FALSE(refused) << range;
    EXPECT_EQ(refused.error().reason, "name-constraints-malformed");
  }
  for (const char* name : {"", "*.home.lan", ".home.lan", "home lan", "10.0.0.1"})
    EXPECT_FALSE(NameConstraints::permitting({name}, {})) << name;
  EXPECT_FALSE(NameConstraints::permitting({}, {}));
}

TEST(NameConstraintsTest, DamagedBytesAreRefused) {
  const std::string der = NameConstraints::permitting({"home.lan"}, {"10.0.0.0/8"})->der();
  ASSERT_TRUE(NameConstraints::from_der(der));
  for (std::size_t size = 0; size < der.size(); ++size) EXPECT_FALSE(NameConstraints::from_der(der.substr(0, size)));
  EXPECT_FALSE(NameConstraints::from_der(der + '\0'));
}

}  // namespace
}  // namespace quicklime::pki
