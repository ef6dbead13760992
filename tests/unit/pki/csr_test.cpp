#include "pki/csr.hpp"

#include <gtest/gtest.h>

#include "pki/object_identifier.hpp"
#include "pki/signed_object.hpp"
#include "unit/pki/oracle.hpp"

namespace quicklime::pki {
namespace {
using namespace std::string_literals;

const crypto::PrivateKey& key() {
  static const auto key = crypto::PrivateKey::generate(crypto::KeyKind::p256).value();
  return key;
}

// A CertificationRequest in parts, any of which a test may bend; signed at the end by the key above.
struct Parts {
  std::string version = der_integer(0);
  std::string subject = Name::common_name("api.internal").der();
  std::string spki = key().public_key().spki();
  std::string attributes{};

  std::string bytes() const {
    std::string fields = version + subject + spki;
    append_der(fields, context_constructed(0), attributes);
    return sign_body(der(Tag::sequence, fields), crypto::KeySigner(key())).value();
  }
  static std::string attribute(std::string_view identifier, std::string_view values) {
    return der(Tag::sequence, der(Tag::object_identifier, identifier) + der(Tag::set, values));
  }
  static std::string requested(std::string_view extensions) {
    return attribute(oid_octets::extension_request, der(Tag::sequence, extensions));
  }
  static std::string extension(std::string_view identifier, std::string_view value, Critical critical = Critical::no) {
    std::string out;
    append_extension(out, identifier, critical, value);
    return out;
  }
};

Error refusal(std::string_view der) {
  const auto csr = Csr::parse(der);
  return csr ? Error{ErrorCode::internal, "accepted", ""} : csr.error();
}
std::string asking(const std::string& extensions) {
  Parts parts;
  parts.attributes = Parts::requested(extensions);
  return parts.bytes();
}
std::string asking_for_name(const std::string& general_names) {
  return asking(Parts::extension(oid_octets::subject_alternative_name, der(Tag::sequence, general_names)));
}

TEST(Csr, OpensslReadsAndVerifiesWhatWeMake) {
  const std::vector<AlternativeName> names{{NameKind::dns, "api.internal"}, {NameKind::ip, "10.0.0.7"}};
  for (const Name& subject : {Name::common_name("api.internal"), Name::empty()}) {
    const auto csr = Csr::make(subject, names, key());
    ASSERT_TRUE(csr.has_value()) << csr.error().detail;
    EXPECT_EQ(csr->alternative_names(), names);
    EXPECT_EQ(csr->subject(), subject);
    EXPECT_EQ(csr->public_key(), key().public_key());
    const auto req = test::decode_req(csr->der());
    ASSERT_TRUE(req);
    EXPECT_EQ(X509_REQ_verify(req.get(), X509_REQ_get0_pubkey(req.get())), 1);
  }
  const auto bare = Csr::make(Name::common_name("x"), {}, key());
  ASSERT_TRUE(bare.has_value());
  EXPECT_TRUE(bare->alternative_names().empty());
}

TEST(Csr, ReadsWhatOpensslMakes) {
  const test::Workshop shop;
  const std::pair<const char*, const char*> cases[] = {
      {"-newkey ec -pkeyopt ec_paramgen_curve:P-256", "P-256"},
      {"-newkey rsa:2048", "RSA-2048"},
      {"-newkey rsa:2048 -sha384", "RSA-2048"},
      {"-newkey ec -pkeyopt ec_paramgen_curve:P-256 -sha512", "P-256"},
  };
  for (const auto& [arguments, kind] : cases) {
    const auto made = shop.openssl("req -new "s + arguments +
                                   " -nodes -keyout key.pem -subj /O=Acme/CN=api.internal -outform DER -out csr.der"
                                   " -addext 'subjectAltName=DNS:API.internal,IP:fd00::7,email:ops@example.com,URI:spiffe://td/a'"
                                   " -addext keyUsage=critical,digitalSignature,keyAgreement -addext extendedKeyUsage=serverAuth,clientAuth"
                                   " -addext basicConstraints=critical,CA:FALSE -addext subjectKeyIdentifier=hash");
    ASSERT_EQ(made.status, 0) << made.text;
    const auto csr = Csr::parse(shop.read("csr.der"));
    ASSERT_TRUE(csr.has_value()) << arguments << ": " << csr.error().detail;
    EXPECT_EQ(crypto::name(csr->public_key().kind()), kind);
    EXPECT_EQ(csr->subject().text(), "CN=api.internal,O=Acme");
    EXPECT_EQ(csr->extended_key_usages(), (std::vector<std::string>{std::string(oid::server_auth), std::string(oid::client_auth)}));
    EXPECT_EQ(csr->key_usages(), 1U << 0U | 1U << 4U) << "digitalSignature and keyAgreement";
    EXPECT_FALSE(csr->asks_for_ca());
    EXPECT_EQ(csr->alternative_names(), (std::vector<AlternativeName>{{NameKind::dns, "api.internal"},
                                                                      {NameKind::ip, "fd00::7"},
                                                                      {NameKind::email, "ops@example.com"},
                                                                      {NameKind::uri, "spiffe://td/a"}}));
  }
}

TEST(Csr, SaysThatItAsksForACa) {
  const test::Workshop shop;
  shop.openssl(
      "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k -subj /CN=x -outform DER -out csr.der -addext "
      "basicConstraints=CA:TRUE,pathlen:1");
  EXPECT_TRUE(Csr::parse(shop.read("csr.der"))->asks_for_ca());
}

TEST(Csr, WeakKeysAndForeignOnes) {
  const test::Workshop shop;
  const std::pair<const char*, const char*> cases[] = {
      {"-newkey rsa:1024", "key-weak"},
      {"-newkey ec -pkeyopt ec_paramgen_curve:P-224", "key-kind-unsupported"},
      {"-newkey ed448", "key-kind-unsupported"},
  };
  for (const auto& [arguments, reason] : cases) {
    ASSERT_EQ(shop.openssl("req -new "s + arguments + " -nodes -keyout k -subj /CN=x -outform DER -out csr.der").status, 0);
    EXPECT_EQ(refusal(shop.read("csr.der")).reason, reason);
    EXPECT_EQ(refusal(shop.read("csr.der")).field, "csr.subjectPublicKeyInfo");
  }
}

TEST(Csr, TheSignatureMustHold) {
  const test::Workshop shop;
  shop.openssl("req -new -newkey rsa:2048 -sha1 -nodes -keyout k -subj /CN=x -outform DER -out sha1.der");
  EXPECT_EQ(refusal(shop.read("sha1.der")).reason, "csr-signature");
  shop.openssl("req -new -newkey rsa:2048 -sigopt rsa_padding_mode:pss -nodes -keyout k -subj /CN=x -outform DER -out pss.der");
  EXPECT_EQ(refusal(shop.read("pss.der")).reason, "csr-signature");

  Parts another;
  another.spki = crypto::PrivateKey::generate(crypto::KeyKind::p256)->public_key().spki();
  EXPECT_EQ(refusal(another.bytes()).reason, "csr-signature");
  EXPECT_EQ(refusal(another.bytes()).field, "csr.signature");
}

// Whatever is changed in a signed request, somebody notices: reader or signature.
TEST(Csr, NoByteCanBeChangedOrLeftOut) {
  const std::string good = Csr::make(Name::common_name("api.internal"), {{NameKind::dns, "api.internal"}}, key())->der();
  ASSERT_TRUE(Csr::parse(good).has_value());
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string flipped = good;
    flipped[i] = static_cast<char>(flipped[i] ^ (1U << (i % 8)));
    EXPECT_NE(refusal(flipped).reason, "accepted") << i;
    EXPECT_NE(refusal(good.substr(0, i)).reason, "accepted") << i;
  }
  EXPECT_EQ(refusal(good + "\0"s).reason, "csr-malformed");
  EXPECT_EQ(refusal(good + good).reason, "csr-malformed");
}

TEST(Csr, MustBeVersionOneAndWhole) {
  Parts parts;
  EXPECT_EQ(refusal(parts.bytes()).reason, "accepted");
  parts.version = der_integer(1);
  EXPECT_EQ(refusal(parts.bytes()).reason, "csr-malformed");
  EXPECT_NE(refusal(parts.bytes()).detail.find("version 1"), std::string::npos) << "which one it says";
  const auto with = [](const std::string& more) {
    return sign_body(der(Tag::sequence, der_integer(0) + Parts().subject + Parts().spki + more), crypto::KeySigner(key())).value();
  };
  EXPECT_EQ(refusal(with("")).reason, "accepted") << "attributes that are left out are none";
  EXPECT_EQ(refusal(with(der(context_constructed(1), ""))).reason, "csr-malformed");
  EXPECT_EQ(refusal(with(der(context_constructed(0), "") + der_integer(0))).reason, "csr-malformed");
  for (const std::string& rubbish : {""s, "x"s, "\x30\x00"s, std::string(100'000, '\x30'), std::string(65'536, '\0')}) {
    EXPECT_EQ(refusal(rubbish).reason, "csr-malformed");
    EXPECT_EQ(refusal(rubbish).field, "csr");
  }
}

TEST(Csr, NamesMustBeWellFormed) {
  Parts parts;
  parts.subject =
      der(Tag::sequence, der(Tag::set, der(Tag::sequence, der(Tag::object_identifier, "\x55\x04\x03") + der(Tag::utf8_string, "a\0b"s))));
  EXPECT_EQ(refusal(parts.bytes()).reason, "name-malformed");
  EXPECT_EQ(refusal(parts.bytes()).field, "csr.subject");
  parts.subject = Name::common_name(std::string(65, 'a')).der();
  EXPECT_EQ(refusal(parts.bytes()).field, "csr.subject");
  std::string umlauts;
  for (int i = 0; i < 64; ++i) umlauts += "ö";
  parts.subject = Name::common_name(umlauts).der();
  EXPECT_EQ(refusal(parts.bytes()).reason, "accepted") << "64 characters are 128 octets";

  EXPECT_EQ(refusal(asking_for_name(der(context(2), "api.internal"))).reason, "accepted");
  for (const std::string& name : {der(context(2), "api.internal\0.evil"s), der(context(2), "a.*.internal"), der(context(7), "abc"),
                                  der(context(1), "x"), der(context(6), "x"), ""s}) {
    EXPECT_EQ(refusal(asking_for_name(name)).reason, "name-malformed");
    EXPECT_EQ(refusal(asking_for_name(name)).field, "csr.subjectAltName");
  }
  std::string many;
  for (int i = 0; i < 10'000; ++i) append_der(many, context(2), "n" + std::to_string(i) + ".internal");
  EXPECT_EQ(refusal(asking_for_name(many)).reason, "too-many-names");
}

TEST(Csr, ExtensionsThatMayBeAskedFor) {
  const std::string usage = der(Tag::bit_string, "\x07\x80"s);
  EXPECT_EQ(refusal(asking("")).reason, "accepted") << "asking for nothing at all";
  EXPECT_EQ(refusal(asking(Parts::extension(oid_octets::key_usage, usage, Critical::yes))).reason, "accepted");
  const std::string explicit_false = der(Tag::sequence, der(Tag::boolean, "\0"s));
  EXPECT_EQ(refusal(asking(Parts::extension(oid_octets::basic_constraints, explicit_false))).reason, "accepted");

  const std::pair<const char*, std::string> cases[] = {
      {"another extension", Parts::extension(oid_octets::crl_distribution_points, "x")},
      {"the same twice", Parts::extension(oid_octets::key_usage, usage) + Parts::extension(oid_octets::key_usage, usage)},
      {"key usage without usages", Parts::extension(oid_octets::key_usage, der(Tag::bit_string, "\0"s))},
      {"key usage of zeros alone", Parts::extension(oid_octets::key_usage, der(Tag::bit_string, "\x06\0"s))},
      {"key usage with bits behind its end", Parts::extension(oid_octets::key_usage, der(Tag::bit_string, "\x07\xC0"s))},
      {"empty extended key usage", Parts::extension(oid_octets::extended_key_usage, der(Tag::sequence, ""))},
      {"path length without CA", Parts::extension(oid_octets::basic_constraints, der(Tag::sequence, der_integer(1)))},
      {"a boolean that is neither", Parts::extension(oid_octets::basic_constraints, der(Tag::sequence, der(Tag::boolean, "\1")))},
      {"bytes behind the value", Parts::extension(oid_octets::key_usage, usage + "x")},
      {"rubbish", "rubbish"},
  };
  for (const auto& [what, extensions] : cases) {
    EXPECT_EQ(refusal(asking(extensions)).reason, "csr-extension") << what;
    EXPECT_EQ(refusal(asking(extensions)).field, "csr.extensionRequest") << what;
  }
  EXPECT_NE(refusal(asking(Parts::extension(oid_octets::crl_distribution_points, "x"))).detail.find("2.5.29.31"), std::string::npos);
  for (const auto& usages : {"\x06\x80"s, "\x07\xA0\0"s}) {  // zeros at its end are not DER, and many write them
    EXPECT_EQ(refusal(asking(Parts::extension(oid_octets::key_usage, der(Tag::bit_string, usages)))).reason, "accepted");
  }
  const std::string smime = oid_content("1.2.840.113549.1.9.15");
  EXPECT_EQ(refusal(asking(Parts::extension(smime, "x"))).reason, "accepted") << "read past";
  EXPECT_EQ(refusal(asking(Parts::extension(smime, "x", Critical::yes))).reason, "csr-extension") << "what is critical is meant";
}

TEST(Csr, Attributes) {
  Parts parts;
  const std::string challenge_password = "\x2A\x86\x48\x86\xF7\x0D\x01\x09\x07"s;
  parts.attributes = Parts::attribute(challenge_password, der(Tag::utf8_string, "x"));
  EXPECT_EQ(refusal(parts.bytes()).reason, "accepted") << "asks for nothing in the certificate";
  parts.attributes = Parts::requested("") + Parts::requested("");
  EXPECT_EQ(refusal(parts.bytes()).reason, "csr-extension");
  parts.attributes = Parts::attribute(oid_octets::extension_request, der(Tag::sequence, "") + der(Tag::sequence, ""));
  EXPECT_EQ(refusal(parts.bytes()).reason, "csr-extension") << "one value only";
  parts.attributes = Parts::attribute(oid_octets::microsoft_extension_request, der(Tag::sequence, ""));
  EXPECT_EQ(refusal(parts.bytes()).reason, "csr-extension") << "not silently ignored";
  parts.attributes = "rubbish";
  EXPECT_EQ(refusal(parts.bytes()).reason, "csr-malformed");
}

}  // namespace
}  // namespace quicklime::pki
