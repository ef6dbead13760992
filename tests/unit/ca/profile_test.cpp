#include "ca/profile.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace quicklime::ca {
namespace {

using pki::AlternativeName;
using pki::Name;
using testing::HasSubstr;

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
  std::vector<Profile> variants(19, base);
  variants[1].name = "x";
  variants[2].key_usages = {};
  variants[3].extended_key_usages.push_back("1.2.3");
  variants[4].default_lifetime += Milliseconds(1);
  variants[5].maximum_lifetime += Milliseconds(1);
  variants[6].name_kinds.pop_back();
  variants[7].who = MayAsk::the_ca;
  variants[8].ocsp_no_check = true;
  variants[9].revocation_urls = false;
  variants[10].critical_extended_key_usage = true;
  variants[11].maximum_names = 1;
  variants[12].uri_schemes = {"spiffe"};
  variants[13].key_kinds = {crypto::KeyKind::p256};
  variants[14].subject_fields = {"O"};
  variants[15].is_ca = true;
  variants[16].path_length = 1;
  variants[18].minimum_names = 1;
  variants[17].uri_schemes = {"spiffe\"]\nkey_kinds = [\"P-256"};
  std::set<std::string> hashes;
  for (const Profile& variant : variants) hashes.insert(variant.content_sha256());
  EXPECT_EQ(hashes.size(), variants.size());
  EXPECT_EQ(base.content_sha256(), Profile(base).content_sha256());
}

TEST(Profile, GivesAKeyTheUsagesThatItCanServe) {
  using pki::KeyUsage;
  Profile all = profile("tls-server");
  all.key_usages = {KeyUsage::digital_signature, KeyUsage::key_encipherment, KeyUsage::key_agreement};
  EXPECT_EQ(all.usages_for(crypto::KeyFamily::rsa), (std::vector{KeyUsage::digital_signature, KeyUsage::key_encipherment}));
  EXPECT_EQ(all.usages_for(crypto::KeyFamily::ec), (std::vector{KeyUsage::digital_signature, KeyUsage::key_agreement}));
  EXPECT_EQ(all.usages_for(crypto::KeyFamily::edwards), (std::vector{KeyUsage::digital_signature}));
  EXPECT_EQ(profile("tls-client").usages_for(crypto::KeyFamily::rsa), (std::vector{KeyUsage::digital_signature}));
}

TEST(Profile, WhatNoRequestCouldSatisfyIsNoProfile) {
  const auto refusal = [](auto change) {
    Profile changed = profile("tls-server");
    change(changed);
    const auto checked = check(changed);
    return checked ? std::string() : checked.error().detail;
  };
  using pki::KeyUsage;
  EXPECT_EQ(refusal([](Profile&) {}), "");
  EXPECT_THAT(refusal([](Profile& p) { p.key_usages = {KeyUsage::key_encipherment}; }), HasSubstr("keys of the kind P-256 no usage"));
  EXPECT_EQ(refusal([](Profile& p) {
              p.key_usages = {KeyUsage::key_encipherment};
              p.key_kinds = {crypto::KeyKind::rsa2048};
            }),
            "");
  EXPECT_THAT(refusal([](Profile& p) { p.default_lifetime = p.maximum_lifetime + Seconds(1); }), HasSubstr("set both"));
  EXPECT_THAT(refusal([](Profile& p) { p.is_ca = true; }), HasSubstr("keyCertSign"));
  EXPECT_THAT(refusal([](Profile& p) { p.key_usages.push_back(KeyUsage::key_cert_sign); }), HasSubstr("keyCertSign"));
  EXPECT_THAT(refusal([](Profile& p) {
                p.key_usages = {KeyUsage::key_cert_sign};
                p.is_ca = true;
              }),
              HasSubstr("administrator"));
  EXPECT_THAT(refusal([](Profile& p) { p.extended_key_usages.emplace_back(pki::oid::time_stamping); }), HasSubstr("RFC 3161"));
  EXPECT_THAT(refusal([](Profile& p) { p.extended_key_usages.emplace_back(pki::oid::ocsp_signing); }), HasSubstr("responders"));
  EXPECT_THAT(refusal([](Profile& p) { p.name_kinds.clear(); }), HasSubstr("neither names nor a subject"));
  EXPECT_THAT(refusal([](Profile& p) { p.subject_fields = {"Organization"}; }), HasSubstr("there are CN, O, OU"));
}

// What a profile takes from the subject stands in the certificate as it came; what it does not take is refused.
TEST(Profile, TakesTheFieldsOfASubjectThatItSays) {
  Profile signing = profile("tls-server");
  signing.name_kinds = {};
  signing.subject_fields = {"CN", "O"};
  const Name acme = Name::organization_and_common_name("Acme Corp", "Acme Release");
  EXPECT_EQ(check_against(signing, csr(acme, {}), {})->subject, acme);
  EXPECT_EQ(profile_refusal(signing, csr(Name::empty(), {})), "names-missing at csr.subject");
  EXPECT_EQ(profile_refusal(signing, csr(acme, {"a.internal"})), "name-kind at csr.subjectAltName");
  signing.subject_fields = {"CN"};
  EXPECT_EQ(profile_refusal(signing, csr(acme, {})), "csr-subject at csr.subject");
  Profile either = profile("tls-client");
  either.subject_fields = {"CN"};
  EXPECT_EQ(check_against(either, csr(Name::common_name("alice"), {}), {})->subject, Name::common_name("alice"));
  EXPECT_EQ(check_against(either, csr(Name::empty(), {"a.internal"}), {})->subject, Name::common_name("a.internal"));
  // A renewal is for whom its predecessor was, whatever its request says.
  const auto renewed = check_against(either, csr(Name::common_name("root"), {}), {}, Instead{{}, Name::common_name("alice")});
  EXPECT_EQ(renewed->subject, Name::common_name("alice"));
}

TEST(Profile, BoundsKindsOfKeyAndNumberAndSchemeOfNames) {
  Profile workload = profile("tls-peer");
  workload.maximum_names = 1;
  workload.name_kinds = {pki::NameKind::uri};
  workload.uri_schemes = {"spiffe"};
  EXPECT_EQ(profile_refusal(workload, csr(Name::empty(), {"spiffe://td/a"})), "");
  EXPECT_EQ(profile_refusal(workload, csr(Name::empty(), {"spiffe://td/a", "spiffe://td/b"})), "too-many-names at csr.subjectAltName");
  EXPECT_EQ(profile_refusal(workload, csr(Name::empty(), {"https://td/a"})), "name-kind at csr.subjectAltName");
  workload.minimum_names = 1;
  workload.subject_fields = {"CN"};
  EXPECT_EQ(profile_refusal(workload, csr(Name::common_name("a"), {})), "names-missing at csr.subjectAltName");
  workload.key_kinds = {crypto::KeyKind::ed25519};
  EXPECT_EQ(profile_refusal(workload, csr(Name::empty(), {"spiffe://td/a"})), "key-kind-not-taken at csr.subjectPublicKeyInfo");
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
