#include "ca/authority.hpp"

#include <gtest/gtest.h>

#include "map_fold.hpp"
#include "pki/chain.hpp"

namespace quicklime::ca {
namespace {

const Instant kNow = *Instant::parse("2026-11-21T01:02:03.456Z");
const AuthorityPlan kPlan{.organization = "Acme Corp", .public_url = "http://ca.internal:8080/"};

struct Made {
  NewAuthority root, issuing;
};
const Made& made() {
  static const Made authorities = [] {
    auto root = make_root(kPlan, kNow);
    auto issuing = make_issuing(kPlan, *root, kNow);
    return Made{*std::move(root), *std::move(issuing)};
  }();
  return authorities;
}

TEST(Authority, RootAndIssuingFormAStrictChain) {
  const auto& [root, issuing] = made();
  EXPECT_TRUE(pki::verify_chain(issuing.certificate, {}, {root.certificate}, kNow));
  EXPECT_TRUE(root.certificate.is_ca());
  EXPECT_TRUE(issuing.certificate.is_ca());
  EXPECT_FALSE(root.certificate.subject_key_identifier().empty());
  EXPECT_EQ(root.certificate.authority_key_identifier(), root.certificate.subject_key_identifier());
  EXPECT_EQ(issuing.certificate.authority_key_identifier(), root.certificate.subject_key_identifier());
}

TEST(Authority, NamesAreDistinctPerKey) {
  const auto& [root, issuing] = made();
  EXPECT_TRUE(root.certificate.subject().common_name().starts_with("Acme Corp Root CA 1 ("));
  EXPECT_TRUE(issuing.certificate.subject().common_name().starts_with("Acme Corp Issuing CA 1 ("));
  const auto other = make_root(kPlan, kNow);
  ASSERT_TRUE(other);
  EXPECT_NE(other->certificate.subject().common_name(), root.certificate.subject().common_name());
}

TEST(Authority, LifetimesAreAsPlannedAndTheIssuingNeverOutlivesTheRoot) {
  const auto& [root, issuing] = made();
  EXPECT_EQ(root.certificate.not_after(), (kNow + kPlan.root_lifetime).whole_seconds());
  EXPECT_EQ(issuing.certificate.not_after(), (kNow + kPlan.issuing_lifetime).whole_seconds());
  EXPECT_LT(root.certificate.not_before(), kNow);
  AuthorityPlan longer = kPlan;
  longer.issuing_lifetime = kPlan.root_lifetime * 2;
  const auto bounded = make_issuing(longer, root, kNow);
  ASSERT_TRUE(bounded);
  EXPECT_EQ(bounded->certificate.not_after(), root.certificate.not_after());
}

TEST(Authority, TheIssuingCertificateSaysWhereTheRootsCrlIsAndNamesNoResponder) {
  const std::string& der = made().issuing.certificate.der();
  EXPECT_NE(der.find("http://ca.internal:8080/crl/root-1.crl"), std::string::npos);
  EXPECT_NE(der.find("http://ca.internal:8080/ca/root-1.crt"), std::string::npos);
  EXPECT_EQ(der.find("/ocsp"), std::string::npos);
  EXPECT_EQ(made().root.certificate.der().find("http://"), std::string::npos);
}

TEST(Authority, UrlsComeFromThePublicUrlWithOrWithoutItsSlash) {
  for (const char* url : {"http://ca", "http://ca/", "http://ca//"}) {
    EXPECT_EQ(ocsp_url(url), "http://ca/ocsp");
    EXPECT_EQ(crl_url(url, AuthorityId("issuing-1")), "http://ca/crl/issuing-1.crl");
    EXPECT_EQ(certificate_url(url, AuthorityId("root-1")), "http://ca/ca/root-1.crt");
  }
}

TEST(Authority, OrganizationsThatDoNotFitAreRefused) {
  for (const std::string& organization : {std::string(), std::string(41, 'x')}) {
    AuthorityPlan plan = kPlan;
    plan.organization = organization;
    const auto root = make_root(plan, kNow);
    ASSERT_FALSE(root);
    EXPECT_EQ(root.error().reason, "organization-malformed");
  }
}

events::Event event(events::Data data) {
  return {.id = EventId("e"),
          .time = kNow,
          .writer = {"w", 1},
          .actor = {events::Actor::Kind::control, "root"},
          .request = RequestId("r"),
          .data = std::move(data)};
}

TEST(Authority, FoldsIntoOnePointInTheOrderAdded) {
  const auto& [root, issuing] = made();
  test::MapFold fold;
  fold_authority(event(events::AuthorityAdded{root.id, std::nullopt, root.certificate.der()}), fold);
  fold_authority(event(events::AuthorityAdded{issuing.id, root.id, issuing.certificate.der()}), fold);
  fold_authority(event(events::AuthorityAdded{issuing.id, root.id, root.certificate.der()}), fold);  // an id is for ever one key
  fold_authority(event(events::AuthorityRetired{root.id}), fold);
  const auto all = decode_authorities(fold.get(authorities_key().space, authorities_key().key));
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ((*all)[0].id, root.id);
  EXPECT_TRUE((*all)[0].retired);
  EXPECT_EQ((*all)[1].parent, root.id);
  EXPECT_EQ((*all)[1].certificate.der(), issuing.certificate.der());
  EXPECT_FALSE((*all)[1].retired);

  EXPECT_EQ(chain_of(issuing.id, *all, Root::left_out).size(), 1U);
  const auto chain = chain_of(issuing.id, *all, Root::included);
  ASSERT_EQ(chain.size(), 2U);
  EXPECT_EQ(chain[0].der(), issuing.certificate.der());
  EXPECT_TRUE(chain_of(AuthorityId("nobody"), *all, Root::included).empty());
  const std::string text = pem(chain);
  EXPECT_EQ(text.find("-----BEGIN CERTIFICATE-----"), 0U);
  EXPECT_NE(text.find("-----BEGIN CERTIFICATE-----", 1), std::string::npos);
}

class AuthorityRevoked : public testing::Test {
 protected:
  AuthorityRevoked() {
    given(events::AuthorityAdded{root_.id, std::nullopt, root_.certificate.der()});
    given(events::AuthorityAdded{issuing_.id, root_.id, issuing_.certificate.der()});
  }
  void given(events::Data data) { fold_authority(event(std::move(data)), fold_); }
  void revoked(const AuthorityId& by, const SerialNumber& serial, const std::string& reason = "superseded") {
    given(events::CertificateRevoked{serial, by, reason, std::string(64, 'a'), std::nullopt});
  }
  std::optional<std::string> value() { return fold_.get(authorities_key().space, authorities_key().key); }
  Status status_of(std::size_t index) { return decode_authorities(value())->at(index).status; }
  std::string refusal(const AuthorityId& id) {
    const auto held = require_not_revoked(value(), id);
    return held ? "" : held.error().reason + ", " + held.error().detail;
  }

  const NewAuthority& root_ = made().root;
  const NewAuthority& issuing_ = made().issuing;
  test::MapFold fold_;
};

TEST_F(AuthorityRevoked, ByItsParentAndItsSerial) {
  const auto before = value();
  revoked(issuing_.id, issuing_.certificate.serial());
  revoked(root_.id, root_.certificate.serial());
  revoked(root_.id, *SerialNumber::from_hex("0102"));
  EXPECT_EQ(value(), before) << "a certificate that it has issued, a root, a stranger";
  EXPECT_EQ(refusal(issuing_.id), "");
  revoked(root_.id, issuing_.certificate.serial());
  EXPECT_EQ(status_of(1), (Status{Status::Kind::revoked, pki::RevocationReason::superseded, kNow}));
  EXPECT_EQ(status_of(0), Status{});
  EXPECT_TRUE(
      refusal(issuing_.id).starts_with("authority-revoked, the authority issuing-1 is revoked since 2026-11-21T01:02:03Z (superseded)"))
      << refusal(issuing_.id);
  EXPECT_EQ(refusal(root_.id), "") << "which stands above it";
  EXPECT_EQ(refusal(AuthorityId("nobody")), "");
}

TEST_F(AuthorityRevoked, TheFirstRevocationStandsAndOnlyItsReasonMayGrowWorse) {
  revoked(root_.id, issuing_.certificate.serial());
  const auto before = value();
  revoked(root_.id, issuing_.certificate.serial(), "cACompromise");
  given(events::AuthorityAdded{issuing_.id, root_.id, issuing_.certificate.der()});
  EXPECT_EQ(value(), before);
  revoked(root_.id, issuing_.certificate.serial(), "keyCompromise");
  EXPECT_EQ(status_of(1).reason, pki::RevocationReason::key_compromise);
  given(events::AuthorityRetired{issuing_.id});
  EXPECT_EQ(status_of(1).kind, Status::Kind::revoked);
}

TEST_F(AuthorityRevoked, AndAllBelowIt) {
  const AuthorityId below("issuing-below");
  given(events::AuthorityAdded{below, issuing_.id, make_issuing(kPlan, root_, kNow)->certificate.der()});
  revoked(root_.id, issuing_.certificate.serial());
  EXPECT_EQ(revoked_of(below, *decode_authorities(value()))->id, issuing_.id);
  EXPECT_NE(refusal(below).find("issuing-1"), std::string::npos);
}

TEST(Authority, NoneYetIsAnEmptyListAndRubbishIsAnError) {
  EXPECT_TRUE(decode_authorities(std::nullopt)->empty());
  for (const char* value : {"", "{}", "[{\"id\":\"x\",\"certificate\":\"AAAA\"}]"}) EXPECT_FALSE(decode_authorities(value)) << value;
}

}  // namespace
}  // namespace quicklime::ca
