#include "pki/chain.hpp"

#include <gtest/gtest.h>

#include "unit/pki/oracle.hpp"

namespace quicklime::pki {
namespace {
using std::chrono::hours;
using test::Hierarchy;

struct Chain : testing::Test {
  static std::string verdict(const Result<void>& result) { return result ? "holds" : result.error().reason; }
  std::string verify(const Certificate& leaf, Instant at = test::kNow) const {
    return verdict(verify_chain(leaf, {*ca.issuing}, {*ca.root}, at));
  }

  Hierarchy ca;
};

TEST_F(Chain, Holds) {
  EXPECT_EQ(verify(*ca.leaf()), "holds");
  EXPECT_EQ(verify(*ca.issuing), "holds");
  EXPECT_EQ(verify(*ca.root), "holds");
}

TEST_F(Chain, HasATime) {
  EXPECT_EQ(verify(*ca.leaf(), test::kNow + hours(24 * 91)), "certificate-expired");
  EXPECT_EQ(verify(*ca.leaf(), test::kNow - hours(2)), "certificate-not-yet-valid");
  const auto expired = verify_chain(*ca.leaf(), {*ca.issuing}, {*ca.root}, test::kNow + hours(24 * 91));
  EXPECT_EQ(expired.error().code, ErrorCode::verification_failed);
}

TEST_F(Chain, ForeignCertificates) {
  const Hierarchy other;
  EXPECT_EQ(verify(*other.leaf()), "certificate-foreign");
  EXPECT_EQ(verify(*other.root), "certificate-foreign");
  EXPECT_EQ(verdict(verify_chain(*ca.leaf(), {}, {*ca.root}, test::kNow)), "certificate-foreign") << "the intermediate is missing";
  EXPECT_EQ(verdict(verify_chain(*ca.leaf(), {*ca.issuing}, {}, test::kNow)), "certificate-foreign");
}

TEST_F(Chain, WrongChains) {
  std::string bent = ca.leaf()->der();
  bent.back() = static_cast<char>(bent.back() ^ 1);
  EXPECT_EQ(verify(*Certificate::parse(bent)), "chain-wrong") << "a bad signature";

  // A leaf that signs: not a CA.
  auto fields = ca.leaf_fields();
  const auto leaf = ca.leaf();
  fields.issuer = leaf->subject();
  fields.authority_key_identifier = leaf->subject_key_identifier();
  const crypto::KeySigner leaf_signer(ca.leaf_key);
  const auto below = Hierarchy::make(fields, leaf_signer, Name::common_name("x"), ca.leaf_key.public_key().spki(), {});
  EXPECT_EQ(verdict(verify_chain(*below, {*leaf, *ca.issuing}, {*ca.root}, test::kNow)), "chain-wrong");
}

TEST_F(Chain, Revoked) {
  const auto leaf = ca.leaf();
  const auto crl = [&](const Certificate& issuer, const crypto::Signer& signer, const std::string& entries) {
    const auto parts = sign_crl({issuer.subject(), test::kNow - hours(1), test::kNow + hours(1), "\x01", issuer.subject_key_identifier()},
                                entries, signer);
    return Crl::parse(parts->before + entries + parts->after).value();
  };
  std::string entries;
  append_crl_entry(entries, leaf->serial(), test::kNow - hours(1), RevocationReason::superseded);
  const Crl of_root = crl(*ca.root, ca.root_signer, "");
  const Crl clean = crl(*ca.issuing, ca.signer, "");
  const Crl revoking = crl(*ca.issuing, ca.signer, entries);
  const auto with = [&](const std::vector<Crl>& crls) { return verdict(verify_chain(*leaf, {*ca.issuing}, {*ca.root}, test::kNow, crls)); };
  EXPECT_EQ(with({of_root, clean}), "holds");
  EXPECT_EQ(with({of_root, revoking}), "certificate-revoked");
  EXPECT_EQ(with({of_root}), "chain-wrong") << "one of each issuer";
}

TEST_F(Chain, SaysWhichCertificate) {
  const auto result = verify_chain(*ca.leaf(), {*ca.issuing}, {*ca.root}, test::kNow + hours(24 * 91));
  EXPECT_NE(result.error().detail.find("Acme Corp"), std::string::npos) << result.error().detail;
}

}  // namespace
}  // namespace quicklime::pki
