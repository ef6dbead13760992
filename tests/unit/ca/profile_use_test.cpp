// Profiles where certificates are issued by them: what stands in the log, and who may have them.

#include <gtest/gtest.h>

#include "ca/issue.hpp"
#include "installation.hpp"

namespace quicklime::ca {
namespace {

using test::Installation;

// With a profile that nobody has used yet.
IssuePolicy policy_with(const std::string& name, MayAsk who = MayAsk::granted) {
  IssuePolicy policy = Installation::default_policy();
  Profile own = policy.profiles.front();
  own.name = name;
  own.who = who;
  policy.profiles.push_back(std::move(own));
  return policy;
}
IssueRequest asking_for(const std::string& profile) {
  IssueRequest asked = test::request();
  asked.profile = profile;
  return asked;
}
std::string reason_of(const Result<Issued>& issued) { return issued ? "" : issued.error().reason; }

TEST(ProfileUse, WhatItSaysIsInTheLogBeforeItsFirstCertificateAndOnce) {
  Installation ca;
  const IssuePolicy policy = policy_with("own");
  const auto process = ca.process(policy);
  const auto before = ca.log->end()->offset;
  EXPECT_EQ(reason_of(test::issue(process->issuer, asking_for("other"))), "profile-unknown");
  IssueRequest too_long = asking_for("own");
  too_long.lifetime = std::chrono::hours(24 * 4000);
  EXPECT_EQ(reason_of(test::issue(process->issuer, too_long)), "lifetime-too-long");
  EXPECT_EQ(ca.log->end()->offset, before) << "what is refused uses nothing";

  ASSERT_TRUE(test::issue(process->issuer, asking_for("own")));
  ASSERT_TRUE(test::issue(process->issuer, asking_for("own")));
  const auto events = ca.events();
  ASSERT_EQ(events.size(), before + 3);
  const auto& defined = std::get<events::ProfileDefined>(events[before].data);
  EXPECT_EQ(defined.profile, "own");
  EXPECT_EQ(defined.definition, policy.profiles.back().definition());
  EXPECT_EQ(std::get<events::CertificateIssued>(events[before + 1].data).profile_sha256, defined.profile_sha256);
  EXPECT_EQ(std::get<events::CertificateIssued>(events[before + 2].data).profile_sha256, defined.profile_sha256);

  // A process that begins anew knows it by the view; one by which it changed says so.
  ca.wait_for_all();
  const auto anew = ca.process(policy);
  ASSERT_TRUE(test::issue(anew->issuer, asking_for("own")));
  EXPECT_EQ(ca.events_of<events::ProfileDefined>().size(), default_profiles().size() + 1);
  IssuePolicy changed = policy;
  changed.profiles.back().maximum_lifetime += Seconds(1);
  const auto later = ca.process(changed);
  ASSERT_TRUE(test::issue(later->issuer, asking_for("own")));
  EXPECT_EQ(ca.events_of<events::ProfileDefined>().size(), default_profiles().size() + 2);
}

TEST(ProfileUse, AHundredAtOnceDefineItOnce) {
  Installation ca;
  const auto process = ca.process(policy_with("own"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 100; ++i) {
    threads.emplace_back([&] { EXPECT_TRUE(test::issue(process->issuer, asking_for("own"))); });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(ca.events_of<events::ProfileDefined>().size(), default_profiles().size() + 1);
}

TEST(ProfileUse, SomeAreForWhoIsNamedAndSomeForAdministrators) {
  Installation ca;
  const auto issue_as = [&](MayAsk who, std::vector<std::string> granted, bool is_administrator) {
    const auto process = ca.process(policy_with("own", who));
    Requester requester = test::administrator();
    requester.profiles = std::move(granted);
    requester.is_administrator = is_administrator;
    return reason_of(test::issue(process->issuer, asking_for("own"), std::move(requester)));
  };
  EXPECT_EQ(issue_as(MayAsk::granted, {"*"}, false), "");
  EXPECT_EQ(issue_as(MayAsk::named, {"*"}, false), "profile-not-granted");
  EXPECT_EQ(issue_as(MayAsk::named, {"own"}, false), "");
  EXPECT_EQ(issue_as(MayAsk::named, {"*"}, true), "");
  EXPECT_EQ(issue_as(MayAsk::administrator, {"own"}, false), "profile-not-granted");
  EXPECT_EQ(issue_as(MayAsk::administrator, {"*"}, true), "");
}

// The issuing authority has a path length of 0: nothing that it says of an authority below it would hold.
TEST(ProfileUse, AnAuthorityWithoutRoomBelowItMakesNone) {
  Installation ca;
  IssuePolicy policy = Installation::default_policy();
  policy.profiles.push_back({.name = "sub-ca",
                             .key_usages = {pki::KeyUsage::key_cert_sign, pki::KeyUsage::crl_sign},
                             .extended_key_usages = {},
                             .default_lifetime = std::chrono::hours(24),
                             .maximum_lifetime = std::chrono::hours(24),
                             .name_kinds = {},
                             .subject_fields = {"CN"},
                             .who = MayAsk::administrator,
                             .is_ca = true});
  const auto process = ca.process(policy);
  IssueRequest asked = asking_for("sub-ca");
  asked.csr = *pki::Csr::make(pki::Name::common_name("Branch CA"), {}, test::leaf_key());
  Requester requester = test::administrator();
  requester.is_administrator = true;
  const auto refused = test::issue(process->issuer, asked, requester);
  ASSERT_EQ(reason_of(refused), "lint-failed");
  EXPECT_TRUE(refused.error().detail.starts_with("rfc5280-4.2.1.9: ")) << refused.error().detail;
  EXPECT_EQ(ca.signer->count(), 0U) << "nothing was signed";
}

}  // namespace
}  // namespace quicklime::ca
