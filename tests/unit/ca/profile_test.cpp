#include "ca/profile.hpp"

#include <gtest/gtest.h>

#include <set>

namespace quicklime::ca {
namespace {

using pki::AlternativeName;
using pki::Name;

const crypto::PrivateKey& key() {
  static const crypto::PrivateKey generated = *crypto::PrivateKey::generate(crypto::KeyKind::p256);
  return generated;
}

pki::Csr csr(const Name& subject, const std::vector<std::string>& names) {
  std::vector<AlternativeName> alternative;
  for (const std::string& name : names) alternative.push_back(*AlternativeName::guess(name));
  const auto made = pki::Csr::make(subject, alternative, key());
  EXPECT_TRUE(made);
  return *made;
}

const Profile& profile(const char* name) { return **find_profile(default_profiles(), name); }

std::string profile_refusal(const Profile& profile, const pki::Csr& csr, std::optional<Milliseconds> lifetime = {}) {
  const auto asked = check_against(profile, csr, lifetime);
  return asked ? "" : asked.error().reason + " at " + asked.error().field;
}

TEST(Profile, NamesComeInTheOrderOfTheCsrAndTheFirstDnsNameIsTheSubject) {
  const auto asked = check_against(profile("tls-server"), csr(Name::empty(), {"10.0.0.7", "b.internal", "a.internal"}), {});
  ASSERT_TRUE(asked);
  ASSERT_EQ(asked->names.size(), 3U);
  EXPECT_EQ(asked->names[0].text(), "IP:10.0.0.7");
  EXPECT_EQ(asked->names[1].text(), "DNS:b.internal");
  EXPECT_EQ(asked->subject, Name::common_name("b.internal"));
  EXPECT_EQ(asked->lifetime, std::chrono::hours(24 * 90));
}

TEST(Profile, ACommonNameAloneBecomesTheOnlyName) {
  const auto asked = check_against(profile("tls-server"), csr(Name::common_name("api.internal"), {}), {});
  ASSERT_TRUE(asked);
  ASSERT_EQ(asked->names.size(), 1U);
  EXPECT_EQ(asked->names[0].text(), "DNS:api.internal");
}

TEST(Profile, ANameTooLongForACommonNameLeavesTheSubjectEmpty) {
  const std::string dns64 = std::string(55, 'a') + ".internal";
  ASSERT_EQ(dns64.size(), 64U);
  EXPECT_EQ(check_against(profile("tls-server"), csr(Name::empty(), {dns64}), {})->subject, Name::common_name(dns64));
  EXPECT_TRUE(check_against(profile("tls-server"), csr(Name::empty(), {"a" + dns64}), {})->subject.is_empty());
  EXPECT_TRUE(check_against(profile("tls-client"), csr(Name::empty(), {"a@example.com"}), {})->subject.is_empty());
}

TEST(Profile, WhatACsrMayNotAskForIsRefusedWholeAndNamed) {
  EXPECT_EQ(profile_refusal(profile("tls-server"), csr(Name::empty(), {})), "names-missing at csr.subjectAltName");
  EXPECT_EQ(profile_refusal(profile("tls-server"), csr(Name::common_name("Load Balancer"), {})), "names-missing at csr.subjectAltName");
  EXPECT_EQ(profile_refusal(profile("tls-server"), csr(Name::common_name("other.internal"), {"api.internal"})),
            "csr-subject at csr.subject");
  EXPECT_EQ(profile_refusal(profile("tls-server"), csr(Name::organization_and_common_name("Acme", "api.internal"), {"api.internal"})),
            "csr-subject at csr.subject");
  EXPECT_EQ(profile_refusal(profile("tls-server"), csr(Name::empty(), {"api.internal", "a@example.com"})),
            "name-kind at csr.subjectAltName");
  EXPECT_EQ(profile_refusal(profile("tls-server"), csr(Name::common_name("API.internal"), {"api.internal"})), "") << "case does not matter";
}

TEST(Profile, LifetimesHaveBothEnds) {
  const auto request = csr(Name::empty(), {"api.internal"});
  EXPECT_EQ(profile_refusal(profile("tls-server"), request, std::chrono::hours(24 * 397)), "");
  EXPECT_EQ(profile_refusal(profile("tls-server"), request, std::chrono::hours(24 * 397) + Milliseconds(1)),
            "lifetime-too-long at /lifetime");
  EXPECT_EQ(profile_refusal(profile("tls-server"), request, Seconds(1)), "");
  EXPECT_EQ(profile_refusal(profile("tls-server"), request, Milliseconds(999)), "lifetime-too-short at /lifetime");
  EXPECT_EQ(profile_refusal(profile("tls-server"), request, Milliseconds(-1)), "lifetime-too-short at /lifetime");
}

TEST(Profile, AResponderIsASubjectWithoutNames) {
  const auto asked = check_against(profile("ocsp-signing"), csr(Name::common_name("OCSP responder"), {}), {});
  ASSERT_TRUE(asked);
  EXPECT_TRUE(asked->names.empty());
  EXPECT_EQ(asked->subject.common_name(), "OCSP responder");
  EXPECT_EQ(profile_refusal(profile("ocsp-signing"), csr(Name::empty(), {})), "names-missing at csr.subject");
  EXPECT_EQ(profile_refusal(profile("ocsp-signing"), csr(Name::empty(), {"api.internal"})), "name-kind at csr.subjectAltName");
}

TEST(Profile, AnUnknownOneIsToldWhatThereIs) {
  const auto found = find_profile(default_profiles(), "tls-sever");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().reason, "profile-unknown");
  EXPECT_NE(found.error().detail.find("tls-server, tls-client, tls-peer"), std::string::npos) << found.error().detail;
  EXPECT_EQ(found.error().detail.find("ocsp-signing"), std::string::npos) << "nobody may ask for an internal one";
}

TEST(Profile, EveryFieldIsInItsHash) {
  const Profile base = profile("tls-server");
  std::vector<Profile> variants(10, base);
  variants[1].name = "x";
  variants[2].key_usages = {};
  variants[3].extended_key_usages.push_back("1.2.3");
  variants[4].default_lifetime += Milliseconds(1);
  variants[5].maximum_lifetime += Milliseconds(1);
  variants[6].name_kinds.pop_back();
  variants[7].internal = true;
  variants[8].ocsp_no_check = true;
  variants[9].revocation_urls = false;
  std::set<std::string> hashes;
  for (const Profile& variant : variants) hashes.insert(variant.content_sha256());
  EXPECT_EQ(hashes.size(), variants.size());
  EXPECT_EQ(base.content_sha256(), Profile(base).content_sha256());
}

TEST(Profile, ARoleIsCertifiedByTheInternalProfileAlone) {
  const auto key = *crypto::PrivateKey::generate(crypto::KeyKind::p256);
  const auto csr = [&](std::vector<std::string> names) {
    std::vector<pki::AlternativeName> all;
    for (const auto& name : names) all.push_back(*pki::AlternativeName::guess(name));
    return *pki::Csr::make(pki::Name::empty(), all, key);
  };
  const auto refusal = [&](const char* profile, std::vector<std::string> names) {
    const auto asked = check_against(**find_profile(default_profiles(), profile), csr(std::move(names)), std::nullopt);
    return asked ? "" : asked.error().reason;
  };
  for (const char* profile : {"tls-server", "tls-client", "tls-peer"}) {
    EXPECT_EQ(refusal(profile, {"a.internal", "quicklime:role/gateway"}), "name-reserved") << profile;
  }
  EXPECT_EQ(refusal("role-peer", {"quicklime:role/gateway", "gateway"}), "");
  EXPECT_EQ(refusal("role-peer", {"gateway"}), "names-missing");
  EXPECT_EQ(refusal("role-peer", {"quicklime:role/gateway", "quicklime:role/ocsp"}), "names-missing");
}

}  // namespace
}  // namespace quicklime::ca
