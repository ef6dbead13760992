#include "pki/lint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pki/certificate.hpp"
#include "pki/crl.hpp"
#include "pki/der.hpp"
#include "pki/name_constraints.hpp"
#include "pki/object_identifier.hpp"
#include "pki/signed_object.hpp"
#include "unit/pki/oracle.hpp"

namespace quicklime::pki {
namespace {
using namespace std::string_literals;
using test::Hierarchy;

const Hierarchy& linted_hierarchy() {
  static const Hierarchy ca;
  return ca;
}

// A TBSCertificate in its parts, each of which a test may spoil.
struct TbsParts {
  std::string version = der(context_constructed(0), der_integer(2));
  std::string serial = der_integer(4711);
  std::string algorithm{algorithm_identifier(crypto::SignatureAlgorithm::ecdsa_sha256)};
  std::string issuer = Name::common_name("CA").der();
  std::string validity = der(Tag::utc_time, "260101000000Z") + der(Tag::utc_time, "270101000000Z");
  std::string subject = Name::common_name("a.internal").der();
  std::string spki = linted_hierarchy().leaf_key.public_key().spki();
  std::string extensions;
  std::string usages = extension(oid_octets::key_usage, Critical::yes, der(Tag::bit_string, "\x07\x80"));
  std::string key = extension(oid_octets::subject_key_identifier, Critical::no, der(Tag::octet_string, "key"));
  std::string authority = extension(oid_octets::authority_key_identifier, Critical::no, authority_key_identifier_value("key"));
  std::string names =
      extension(oid_octets::subject_alternative_name, Critical::no, encode_alternative_names({{NameKind::dns, "a.internal"}}));

  static std::string extension(std::string_view identifier, Critical critical, std::string_view value) {
    std::string made;
    append_extension(made, identifier, critical, value);
    return made;
  }
  std::string der_bytes() const {
    const std::string list = der(Tag::sequence, usages + key + authority + names + extensions);
    return der(Tag::sequence,
               version + serial + algorithm + issuer + der(Tag::sequence, validity) + subject + spki + der(context_constructed(3), list));
  }
};

std::string rule_of(const Error& error) {
  EXPECT_EQ(error.reason, "lint-failed");
  return error.detail.substr(0, error.detail.find(": "));
}
template <class Spoil>
std::string rule_broken_by(Spoil spoil) {
  TbsParts parts;
  spoil(parts);
  const auto linted = lint_certificate(parts.der_bytes());
  return linted ? "none" : rule_of(linted.error());
}

TEST(Lint, WhatIsRightIsReadAsItIs) {
  const auto linted = lint_certificate(TbsParts().der_bytes());
  ASSERT_TRUE(linted) << linted.error().detail;
  EXPECT_EQ(linted->family, crypto::KeyFamily::ec);
  EXPECT_EQ(linted->key_usages, bit(KeyUsage::digital_signature));
  EXPECT_EQ(linted->not_after.rfc3339_seconds(), "2027-01-01T00:00:00Z");
  EXPECT_FALSE(linted->is_ca);
}

TEST(Lint, NamesTheRuleThatIsBroken) {
  const auto extension = TbsParts::extension;
  EXPECT_EQ(rule_broken_by([](TbsParts& p) { p.version = der(context_constructed(0), der_integer(1)); }), "rfc5280-4.1.2.1");
  EXPECT_EQ(rule_broken_by([](TbsParts& p) { p.serial = der_integer(0); }), "rfc5280-4.1.2.2");
  EXPECT_EQ(rule_broken_by([](TbsParts& p) { p.serial = der_integer(std::string(21, 'x')); }), "rfc5280-4.1.2.2");
  EXPECT_EQ(rule_broken_by([](TbsParts& p) { p.serial = der(Tag::integer, "\xFF"); }), "rfc5280-4.1.2.2") << "negative";
  EXPECT_EQ(rule_broken_by([](TbsParts& p) { p.algorithm = der(Tag::sequence, der(Tag::object_identifier, "\x2A\x03")); }),
            "rfc5280-4.1.2.3");
  EXPECT_EQ(rule_broken_by([](TbsParts& p) { p.issuer = Name::empty().der(); }), "rfc5280-4.1.2.4");
  EXPECT_EQ(rule_broken_by([](TbsParts& p) { p.validity = der(Tag::utc_time, "270101000000Z") + der(Tag::utc_time, "260101000000Z"); }),
            "rfc5280-4.1.2.5");
  EXPECT_EQ(
      rule_broken_by([](TbsParts& p) { p.validity = der(Tag::utc_time, "260101000000Z") + der(Tag::generalized_time, "20270101000000Z"); }),
      "rfc5280-4.1.2.5")
      << "UTCTime through 2049";
  EXPECT_EQ(rule_broken_by([](TbsParts& p) { p.subject = Name::common_name(std::string(65, 'a')).der(); }), "rfc5280-4.1.2.6");
  EXPECT_EQ(rule_broken_by([](TbsParts& p) { p.subject = Name::common_name("").der(); }), "rfc5280-4.1.2.6");
  const auto with_country = [](Tag tag, std::string_view value) {
    return [=](TbsParts& p) {
      p.subject = der(Tag::sequence, der(Tag::set, der(Tag::sequence, der(Tag::object_identifier, "\x55\x04\x06") + der(tag, value))));
    };
  };
  EXPECT_EQ(rule_broken_by(with_country(Tag::printable_string, "DE")), "none");
  EXPECT_EQ(rule_broken_by(with_country(Tag::utf8_string, "DE")), "rfc5280-4.1.2.6");
  EXPECT_EQ(rule_broken_by(with_country(Tag::printable_string, "de")), "rfc5280-4.1.2.6");
  EXPECT_EQ(rule_broken_by(with_country(Tag::printable_string, "DEU")), "rfc5280-4.1.2.6");
  EXPECT_EQ(rule_broken_by([](TbsParts& p) { p.spki = der(Tag::sequence, ""); }), "rfc5280-4.1.2.7");
  EXPECT_EQ(rule_broken_by([](TbsParts& p) { p.extensions = p.key; }), "rfc5280-4.2") << "twice";
  EXPECT_EQ(rule_broken_by([&](TbsParts& p) { p.extensions = extension("\x2A\x03", Critical::yes, "x"); }), "rfc5280-4.2");
  const std::string permitted = NameConstraints::permitting({"home.lan"}, {})->der();
  EXPECT_EQ(rule_broken_by([&](TbsParts& p) { p.extensions = extension(oid_octets::name_constraints, Critical::yes, permitted); }),
            "rfc5280-4.2.1.10")
      << "of an authority alone";
  EXPECT_EQ(rule_broken_by([&](TbsParts& p) { p.extensions = extension(oid_octets::name_constraints, Critical::no, permitted); }),
            "rfc5280-4.2.1.10");
  EXPECT_EQ(rule_broken_by([](TbsParts& p) { p.authority.clear(); }), "rfc5280-4.2.1.1");
  EXPECT_EQ(rule_broken_by([](TbsParts& p) { p.key.clear(); }), "rfc5280-4.2.1.2");
  EXPECT_EQ(rule_broken_by([](TbsParts& p) { p.usages.clear(); }), "rfc5280-4.2.1.3");
  EXPECT_EQ(
      rule_broken_by([&](TbsParts& p) { p.usages = extension(oid_octets::key_usage, Critical::no, der(Tag::bit_string, "\x07\x80")); }),
      "rfc5280-4.2.1.3");
  EXPECT_EQ(
      rule_broken_by([&](TbsParts& p) { p.usages = extension(oid_octets::key_usage, Critical::yes, der(Tag::bit_string, "\x07\0"s)); }),
      "rfc5280-4.2.1.3");
  EXPECT_EQ(rule_broken_by([](TbsParts& p) { p.subject = Name::empty().der(); }), "rfc5280-4.2.1.6") << "then they are critical";
  EXPECT_EQ(rule_broken_by([&](TbsParts& p) {
              p.names = extension(oid_octets::subject_alternative_name, Critical::no, der(Tag::sequence, der(context(2), "a b")));
            }),
            "rfc5280-4.2.1.6");
  EXPECT_EQ(
      rule_broken_by([&](TbsParts& p) { p.names = extension(oid_octets::subject_alternative_name, Critical::no, der(Tag::sequence, "")); }),
      "rfc5280-4.2.1.6");
  EXPECT_EQ(
      rule_broken_by([&](TbsParts& p) { p.usages = extension(oid_octets::key_usage, Critical::yes, der(Tag::bit_string, "\x02\x04")); }),
      "rfc5280-4.2.1.9")
      << "keyCertSign without cA";
  EXPECT_EQ(rule_broken_by([&](TbsParts& p) {
              p.extensions = extension(oid_octets::basic_constraints, Critical::no, der(Tag::sequence, der_boolean_true()));
            }),
            "rfc5280-4.2.1.9");
  EXPECT_EQ(
      rule_broken_by([&](TbsParts& p) { p.extensions = extension(oid_octets::extended_key_usage, Critical::no, der(Tag::sequence, "")); }),
      "rfc5280-4.2.1.12");
  EXPECT_EQ(
      rule_broken_by([&](TbsParts& p) { p.usages = extension(oid_octets::key_usage, Critical::yes, der(Tag::bit_string, "\x05\xA0")); }),
      "rfc8813-3")
      << "an EC key enciphers nothing";
  EXPECT_EQ(rule_broken_by([&](TbsParts& p) {
              p.spki = crypto::PrivateKey::generate(crypto::KeyKind::ed25519)->public_key().spki();
              p.usages = extension(oid_octets::key_usage, Critical::yes, der(Tag::bit_string, "\x03\x88"));
            }),
            "rfc8410-5")
      << "an Ed25519 key agrees on nothing";
  const std::string stamping = der(Tag::sequence, der(Tag::object_identifier, oid_content(oid::time_stamping)));
  EXPECT_EQ(rule_broken_by([&](TbsParts& p) { p.extensions = extension(oid_octets::extended_key_usage, Critical::no, stamping); }),
            "rfc3161-2.3");
  EXPECT_EQ(rule_broken_by([&](TbsParts& p) { p.extensions = extension(oid_octets::extended_key_usage, Critical::yes, stamping); }),
            "none");
  EXPECT_EQ(rule_broken_by([&](TbsParts& p) { p.extensions = extension(oid_octets::ocsp_no_check, Critical::no, der(Tag::null, "")); }),
            "rfc6960-4.2.2.2.1");
}

// No prefix and no single changed byte of it brings the reader down, nor is what was cut off found right.
TEST(Lint, TakesAnyBytes) {
  const std::string good = TbsParts().der_bytes();
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(lint_certificate(std::string_view(good).substr(0, size)));
  EXPECT_FALSE(lint_certificate(good + "x"));
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const unsigned flip : {0x01U, 0x20U, 0x80U, 0xFFU}) {
      std::string bad = good;
      bad[at] = static_cast<char>(static_cast<unsigned char>(bad[at]) ^ flip);
      (void)lint_certificate(bad);
      (void)lint_crl(bad);
    }
  }
}

// Whatever a template is told: what breaks a rule is not signed.
TEST(Lint, StandsBeforeEverySignature) {
  class Counting final : public crypto::Signer {
   public:
    crypto::SignatureAlgorithm algorithm() const override { return linted_hierarchy().signer.algorithm(); }
    const crypto::PublicKey& public_key() const override { return linted_hierarchy().signer.public_key(); }
    Result<std::string> sign(std::string_view message) const override {
      ++made;
      return linted_hierarchy().signer.sign(message);
    }
    bool slow() const override { return false; }
    mutable int made = 0;
  } counting;
  const Hierarchy& ca = linted_hierarchy();
  const auto refusal = [&](const CertificateTemplate::Fields& fields, const CertificateTemplate::Rules& rules = {}) {
    const SerialNumber serial = crypto::random_serial_number();
    const Name subject = Name::common_name("x");
    const auto made =
        CertificateTemplate(fields).sign({serial, subject, {}, ca.leaf_key.public_key().spki(), test::kNow, test::kNow}, counting, rules);
    return made ? "none" : rule_of(made.error());
  };
  EXPECT_EQ(refusal(ca.leaf_fields()), "none");
  EXPECT_EQ(counting.made, 1);
  auto enciphering = ca.leaf_fields();
  enciphering.key_usages.push_back(KeyUsage::key_encipherment);
  EXPECT_EQ(refusal(enciphering), "rfc8813-3");
  auto elsewhere = ca.leaf_fields();
  elsewhere.crl_urls = {"/crl/issuing-1.crl"};
  EXPECT_EQ(refusal(elsewhere), "rfc5280-4.2.1.13");
  elsewhere = ca.leaf_fields();
  elsewhere.ocsp_urls = {"ldap://ca.internal/ocsp"};
  EXPECT_EQ(refusal(elsewhere), "rfc5280-4.2.2.1");
  EXPECT_EQ(refusal(ca.leaf_fields(), [](const Linted&) -> Result<void> { return lint_failed("ours", "no"); }), "ours");
  EXPECT_EQ(counting.made, 1);

  std::string entries;
  append_crl_entry(entries, SerialNumber::from_hex("02").value(), test::kNow, RevocationReason::unspecified);
  append_crl_entry(entries, SerialNumber::from_hex("01").value(), test::kNow, RevocationReason::unspecified);
  const CrlFields fields{.issuer = ca.issuing_name,
                         .this_update = test::kNow,
                         .next_update = test::kNow + std::chrono::hours(1),
                         .number = "\x01",
                         .authority_key_identifier = ca.issuing->subject_key_identifier()};
  const auto crl_refusal = [&](const CrlFields& asked, std::string_view of) {
    const auto made = sign_crl(asked, of, counting);
    return made ? "none" : rule_of(made.error());
  };
  EXPECT_EQ(crl_refusal(fields, ""), "none");
  EXPECT_EQ(counting.made, 2);
  EXPECT_EQ(crl_refusal(fields, entries), "rfc5280-5.1.2.6") << "not in their order";
  CrlFields spoiled = fields;
  spoiled.next_update = spoiled.this_update;
  EXPECT_EQ(crl_refusal(spoiled, ""), "rfc5280-5.1.2.5");
  spoiled = fields;
  spoiled.number = std::string(21, 'x');
  EXPECT_EQ(crl_refusal(spoiled, ""), "rfc5280-5.2.3");
  EXPECT_EQ(counting.made, 2);
}

}  // namespace
}  // namespace quicklime::pki
