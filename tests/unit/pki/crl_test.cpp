#include "pki/crl.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "pki/pem.hpp"
#include "unit/pki/oracle.hpp"

namespace quicklime::pki {
namespace {
using namespace std::string_literals;
using std::chrono::hours;
using test::Hierarchy;

const Hierarchy& crl_hierarchy() {
  static const Hierarchy hierarchy;
  return hierarchy;
}

CrlFields fields(const Certificate& issuer) {
  return {.issuer = issuer.subject(),
          .this_update = test::kNow,
          .next_update = test::kNow + hours(24),
          .number = "\x01\x00\x00\x00\x00\x00\x00\x00\x2A"s,  // epoch 1, offset 42
          .authority_key_identifier = issuer.subject_key_identifier()};
}

std::string whole(const CrlFields& what, std::string_view entries, const crypto::Signer& signer) {
  const auto parts = sign_crl(what, entries, signer).value();
  return parts.before + std::string(entries) + parts.after;
}

TEST(Crl, OpensslReadsAndVerifiesWhatWeSign) {
  const Hierarchy& ca = crl_hierarchy();
  for (const std::size_t count : {0U, 1U, 2U, 1000U}) {
    std::vector<SerialNumber> serials;
    for (std::size_t i = 0; i < count; ++i) serials.push_back(crypto::random_serial_number());
    std::sort(serials.begin(), serials.end());
    std::string entries;
    for (const SerialNumber& serial : serials) append_crl_entry(entries, serial, test::kNow - hours(1), RevocationReason::key_compromise);
    const std::string der = whole(fields(*ca.issuing), entries, ca.signer);
    const auto crl = test::decode_crl(der);
    ASSERT_TRUE(crl) << count;
    EXPECT_EQ(X509_CRL_verify(crl.get(), X509_get0_pubkey(test::decode_x509(ca.issuing->der()).get())), 1);
    EXPECT_EQ(X509_CRL_get_version(crl.get()), X509_CRL_VERSION_2);
    EXPECT_EQ(std::max(0, sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl.get()))), static_cast<int>(count));

    const auto ours = Crl::parse(der);
    ASSERT_TRUE(ours.has_value()) << ours.error().detail;
    EXPECT_TRUE(ours->signed_by(ca.signer.public_key()));
    EXPECT_FALSE(ours->signed_by(ca.root_signer.public_key()));
    EXPECT_EQ(ours->number(), fields(*ca.issuing).number);
    EXPECT_EQ(ours->issuer(), ca.issuing->subject());
    EXPECT_EQ(ours->this_update(), test::kNow);
    EXPECT_EQ(ours->next_update(), test::kNow + hours(24));
    ASSERT_EQ(ours->entries().size(), count);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(ours->entries()[i].serial, serials[i]);
      EXPECT_EQ(ours->entries()[i].reason, RevocationReason::key_compromise);
      EXPECT_EQ(ours->entries()[i].revocation_date, test::kNow - hours(1));
    }
  }
}

TEST(Crl, OpensslReadsEveryReason) {
  const Hierarchy& ca = crl_hierarchy();
  for (const unsigned code : {0U, 1U, 2U, 3U, 4U, 5U, 6U, 8U, 9U, 10U}) {
    const auto reason = revocation_reason(static_cast<std::uint8_t>(code));
    ASSERT_TRUE(reason.has_value());
    const SerialNumber serial = crypto::random_serial_number();
    std::string entries;
    append_crl_entry(entries, serial, test::kNow, *reason);
    const auto crl = test::decode_crl(whole(fields(*ca.issuing), entries, ca.signer));
    X509_REVOKED* revoked = sk_X509_REVOKED_value(X509_CRL_get_REVOKED(crl.get()), 0);
    int critical = 0;
    const test::Owned<ASN1_ENUMERATED_free, ASN1_ENUMERATED> read(
        static_cast<ASN1_ENUMERATED*>(X509_REVOKED_get_ext_d2i(revoked, NID_crl_reason, &critical, nullptr)));
    EXPECT_EQ(read ? ASN1_ENUMERATED_get(read.get()) : 0, static_cast<long>(code));
    EXPECT_EQ(read == nullptr, code == 0) << "unspecified is left out (RFC 5280 section 5.3.1)";
    EXPECT_NE(critical, 1);
  }
  EXPECT_FALSE(revocation_reason(7).has_value());
  EXPECT_FALSE(revocation_reason(11).has_value());
}

TEST(Crl, TheCommandLineRefusesARevokedCertificate) {
  for (const auto kind : {crypto::KeyKind::p256, crypto::KeyKind::rsa2048}) {
    const Hierarchy ca(kind);
    const auto good = ca.leaf();
    const auto revoked = ca.leaf();
    std::string entries;
    append_crl_entry(entries, revoked->serial(), test::kNow - hours(1), RevocationReason::superseded);
    const test::Workshop shop;
    shop.write("root.pem", pem_encode("CERTIFICATE", ca.root->der()));
    shop.write("issuing.pem", pem_encode("CERTIFICATE", ca.issuing->der()));
    shop.write("good.pem", pem_encode("CERTIFICATE", good->der()));
    shop.write("revoked.pem", pem_encode("CERTIFICATE", revoked->der()));
    shop.write("crls.pem", pem_encode("X509 CRL", whole(fields(*ca.issuing), entries, ca.signer)) +
                               pem_encode("X509 CRL", whole(fields(*ca.root), "", ca.root_signer)));
    const std::string verify = "verify -x509_strict -crl_check_all -attime " + std::to_string(test::kNow.seconds()) +
                               " -CAfile root.pem -untrusted issuing.pem -CRLfile crls.pem ";
    EXPECT_EQ(shop.openssl(verify + "good.pem").status, 0) << shop.openssl(verify + "good.pem").text;
    const auto refused = shop.openssl(verify + "revoked.pem");
    EXPECT_EQ(refused.status, 2);
    EXPECT_TRUE(refused.has("error 23 at 0 depth lookup: certificate revoked")) << refused.text;
  }
}

TEST(Crl, ThePartsFitTheirEntriesAlone) {
  const Hierarchy& ca = crl_hierarchy();
  std::string one, two;
  append_crl_entry(one, SerialNumber::from_hex("01").value(), test::kNow, RevocationReason::unspecified);
  append_crl_entry(two, SerialNumber::from_hex("02").value(), test::kNow, RevocationReason::unspecified);
  const auto parts = sign_crl(fields(*ca.issuing), one, ca.signer).value();
  EXPECT_TRUE(Crl::parse(parts.before + one + parts.after)->signed_by(ca.signer.public_key()));
  EXPECT_FALSE(Crl::parse(parts.before + two + parts.after)->signed_by(ca.signer.public_key()));
  EXPECT_FALSE(Crl::parse(parts.before + one + two + parts.after).has_value());
}

TEST(Crl, CarriesItsNumberAndItsKey) {
  const Hierarchy& ca = crl_hierarchy();
  const auto crl = test::decode_crl(whole(fields(*ca.issuing), "", ca.signer));
  const test::Owned<ASN1_INTEGER_free, ASN1_INTEGER> number(
      static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(crl.get(), NID_crl_number, nullptr, nullptr)));
  const test::Owned<BN_free, BIGNUM> value(ASN1_INTEGER_to_BN(number.get(), nullptr));
  const std::unique_ptr<char, void (*)(char*)> text(BN_bn2dec(value.get()), [](char* p) { OPENSSL_free(p); });
  EXPECT_STREQ(text.get(), "18446744073709551658") << "epoch * 2^64 + offset";
  const test::Owned<AUTHORITY_KEYID_free, AUTHORITY_KEYID> key(
      static_cast<AUTHORITY_KEYID*>(X509_CRL_get_ext_d2i(crl.get(), NID_authority_key_identifier, nullptr, nullptr)));
  ASSERT_TRUE(key && key->keyid);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(key->keyid)),
                        static_cast<std::size_t>(ASN1_STRING_length(key->keyid))),
            ca.issuing->subject_key_identifier());
  EXPECT_EQ(X509_CRL_get_ext_count(crl.get()), 2) << "no critical extension that a reader may refuse";
}

TEST(Crl, RefusesWhatIsNotWellFormed) {
  const Hierarchy& ca = crl_hierarchy();
  std::string entries;
  append_crl_entry(entries, crypto::random_serial_number(), test::kNow, RevocationReason::key_compromise);
  const std::string good = whole(fields(*ca.issuing), entries, ca.signer);
  for (const std::string& bytes : {""s, "x"s, good + "\0"s, std::string(100'000, '\x30')})
    EXPECT_EQ(Crl::parse(bytes).error().reason, "crl-malformed");
  for (std::size_t i = 0; i < good.size(); ++i) {
    EXPECT_FALSE(Crl::parse(std::string_view(good).substr(0, i)).has_value());
    std::string bent = good;
    bent[i] = static_cast<char>(bent[i] ^ 1);
    const auto crl = Crl::parse(bent);
    if (!crl) continue;
    EXPECT_TRUE(test::decode_crl(bent)) << i;
    EXPECT_FALSE(crl->signed_by(ca.signer.public_key())) << i;
  }
}

TEST(Crl, RefusesCriticalExtensionsThatItDoesNotKnow) {
  const test::Workshop shop;
  shop.write(
      "ca.conf",
      "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=1\n"
      "[idp]\nissuingDistributionPoint=critical,@point\n[point]\nfullname=URI:http://a/b.crl\n[plain]\nauthorityKeyIdentifier=keyid\n");
  shop.write("index.txt", "");
  shop.write("number", "2A\n");
  shop.openssl(
      "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k -subj /CN=x -out cert.pem -addext subjectKeyIdentifier=hash");
  const std::string make = "ca -config ca.conf -gencrl -keyfile k -cert cert.pem -out crl.pem -crlexts ";
  ASSERT_EQ(shop.openssl(make + "plain").status, 0);
  const auto plain = Crl::parse(pem_or_der(shop.read("crl.pem"), "X509 CRL").value());
  ASSERT_TRUE(plain.has_value()) << plain.error().detail;
  EXPECT_EQ(plain->number(), "\x2A");
  ASSERT_EQ(shop.openssl(make + "idp").status, 0);
  const auto partial = Crl::parse(pem_or_der(shop.read("crl.pem"), "X509 CRL").value());
  ASSERT_FALSE(partial.has_value()) << "a CRL of one distribution point is not complete";
  EXPECT_NE(partial.error().detail.find("2.5.29.28"), std::string::npos);
}

TEST(RevocationReasons, AnySpelling) {
  for (const char* text : {"keyCompromise", "KEYCOMPROMISE", "key-compromise", "Key_Compromise", "keycompromise"}) {
    EXPECT_EQ(parse_revocation_reason(text), RevocationReason::key_compromise) << text;
  }
  for (const unsigned code : {0U, 1U, 2U, 3U, 4U, 5U, 6U, 9U, 10U}) {
    const auto reason = revocation_reason(static_cast<std::uint8_t>(code)).value();
    EXPECT_EQ(parse_revocation_reason(name(reason)), reason);
  }
  for (const char* text : {"", "removeFromCRL", "stolen", "1", "key compromise"}) {
    const auto reason = parse_revocation_reason(text);
    ASSERT_FALSE(reason.has_value()) << text;
    EXPECT_NE(reason.error().detail.find("privilegeWithdrawn"), std::string::npos) << "the error lists them";
  }
}

}  // namespace
}  // namespace quicklime::pki
