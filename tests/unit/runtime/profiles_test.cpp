#include "runtime/profiles.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "base/file.hpp"
#include "runtime/shipped_profiles.hpp"

namespace quicklime::runtime {
namespace {

using testing::HasSubstr;

std::string list_of(const std::vector<std::string>& texts, const char* none) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + text;
  return list.empty() ? none : list;
}

std::string row_of(const ca::Profile& profile) {
  std::string usages;
  for (const auto usage : profile.key_usages) usages += (usages.empty() ? "" : ", ") + std::string(pki::name(usage));
  for (const auto& usage : profile.extended_key_usages) usages += ", *" + pki::extended_key_usage_name(usage) + "*";
  std::vector<std::string> names, kinds;
  for (const auto kind : profile.name_kinds) names.emplace_back(pki::text(kind));
  for (const auto kind : profile.key_kinds) kinds.emplace_back(crypto::name(kind));
  return "| `" + profile.name + "` | " + profile.meaning + " | " + usages + " | " + list_of(names, "none") + " | " +
         list_of(profile.subject_fields, "a name") + " | " + list_of(kinds, "all") + " | " + duration_text(profile.maximum_lifetime) +
         " | " + std::string(ca::name(profile.who)) + " |\n";
}

SharedSettings with(const std::string& name, ProfileSettings settings) {
  SharedSettings shared;
  shared.profiles[name] = std::move(settings);
  return shared;
}
std::string refusal(const SharedSettings& shared) {
  const auto made = make_profiles(shared);
  return made ? "" : made.error().field + ": " + made.error().detail;
}

TEST(ShippedProfiles, AreThereAndGoTogether) {
  const auto all = known_profiles();
  std::set<std::string> names;
  for (const auto& profile : all) {
    names.insert(profile.name);
    EXPECT_FALSE(profile.meaning.empty()) << profile.name;
    if (profile.internal()) continue;
    const auto checked = ca::check(profile);
    EXPECT_TRUE(checked) << profile.name << ": " << checked.error().detail;
  }
  EXPECT_EQ(names.size(), all.size());
  EXPECT_GE(shipped_profiles().size(), 26U);
  for (const char* wanted : {"code-signing", "timestamping", "smime-sign", "smime-encrypt", "document-signing", "smart-card-logon",
                             "pkinit-client", "pkinit-kdc", "eap-client", "ipsec-gateway", "device-initial", "spiffe-workload", "sub-ca"}) {
    EXPECT_TRUE(names.contains(wanted)) << wanted;
  }
}

TEST(ShippedProfiles, AreSwitchedOnByALineOrATable) {
  EXPECT_FALSE(ca::find_profile(configured_profiles(SharedSettings()), "code-signing"));
  SharedSettings by_line;
  by_line.shipped = {"code-signing"};
  EXPECT_TRUE(ca::find_profile(configured_profiles(by_line), "code-signing"));
  ProfileSettings shorter;
  shorter.maximum_lifetime = std::chrono::hours(24 * 365);
  const auto changed = configured_profiles(with("code-signing", shorter));
  EXPECT_EQ((*ca::find_profile(changed, "code-signing"))->maximum_lifetime, std::chrono::hours(24 * 365));
  EXPECT_EQ((*ca::find_profile(changed, "code-signing"))->who, ca::MayAsk::named) << "the rest stays";
  by_line.shipped = {"code-sining"};
  EXPECT_THAT(refusal(by_line), HasSubstr("issuing.profiles: there is no profile \"code-sining\"; did you mean \"code-signing\"?"));
}

TEST(OwnProfiles, SayWhatTheyGiveOrWhatTheyAreLike) {
  ProfileSettings readers;
  readers.key_usages = {"digitalSignature"};
  readers.extended_key_usages = {"clientAuth", "1.3.6.1.4.1.99999.1"};
  readers.names = {"dns"};
  readers.key_kinds = {"p-256"};
  auto shared = with("readers", readers);
  ProfileSettings lobby;
  lobby.like = "smime-sign";
  lobby.names = {"email", "upn"};
  shared.profiles["mail"] = lobby;
  const auto made = configured_profiles(shared);
  const auto* reader = *ca::find_profile(made, "readers");
  EXPECT_EQ(reader->extended_key_usages, (std::vector<std::string>{"1.3.6.1.5.5.7.3.2", "1.3.6.1.4.1.99999.1"}));
  EXPECT_EQ(reader->key_kinds, std::vector{crypto::KeyKind::p256});
  EXPECT_EQ((*ca::find_profile(made, "mail"))->name_kinds, (std::vector{pki::NameKind::email, pki::NameKind::upn}));
  EXPECT_FALSE(ca::find_profile(made, "smime-sign")) << "being like one that is not switched on does not switch it on";
}

TEST(OwnProfiles, AreMadeAfterThoseThatTheyAreLikeWhateverTheyAreCalled) {
  ProfileSettings first, second;
  first.like = "zz";
  second.like = "tls-client";
  auto shared = with("aa", first);
  shared.profiles["zz"] = second;
  const auto made = configured_profiles(shared);
  EXPECT_EQ((*ca::find_profile(made, "aa"))->extended_key_usages, (*ca::find_profile(made, "tls-client"))->extended_key_usages);
  shared.profiles["zz"].like = "aa";
  EXPECT_THAT(refusal(shared), HasSubstr("in a circle"));
}

TEST(OwnProfiles, WhatCannotBeIsRefusedByItsKey) {
  const auto refused = [](auto change) {
    ProfileSettings settings;
    settings.like = "tls-server";
    change(settings);
    return refusal(with("mine", settings));
  };
  EXPECT_EQ(refused([](ProfileSettings&) {}), "");
  EXPECT_THAT(refused([](ProfileSettings& s) { s.key_usages = {"signing"}; }),
              HasSubstr("profiles.mine.key_usages: there is no usage 'signing'"));
  EXPECT_THAT(refused([](ProfileSettings& s) { s.extended_key_usages = {"server"}; }), HasSubstr("profiles.mine.extended_key_usages: "));
  EXPECT_THAT(refused([](ProfileSettings& s) { s.names = {"host"}; }), HasSubstr("profiles.mine.names: "));
  EXPECT_THAT(refused([](ProfileSettings& s) { s.key_kinds = {"P-224"}; }), HasSubstr("profiles.mine.key_kinds: "));
  EXPECT_THAT(refused([](ProfileSettings& s) { s.subject = {"Organization"}; }), HasSubstr("profiles.mine: there is no field"));
  EXPECT_THAT(refused([](ProfileSettings& s) { s.who = "everybody"; }), HasSubstr("profiles.mine.who: "));
  EXPECT_THAT(refused([](ProfileSettings& s) { s.who = "the-ca"; }), HasSubstr("profiles.mine.who: "));
  EXPECT_THAT(refused([](ProfileSettings& s) { s.ca = true; }), HasSubstr("profiles.mine: keyCertSign"));
  EXPECT_THAT(refused([](ProfileSettings& s) { s.like = "role-peer"; }), HasSubstr("profiles.mine.like: "));
  EXPECT_THAT(refused([](ProfileSettings& s) { s.like = "tls-sever"; }), HasSubstr("did you mean \"tls-server\"?"));
  EXPECT_THAT(refused([](ProfileSettings& s) { s.like.clear(); }), HasSubstr("profiles.mine: there is no profile"));
}

TEST(ShippedProfiles, ThePageListsThem) {
  const std::filesystem::path page = std::filesystem::path(QUICKLIME_SOURCE_DIR) / "docs/profiles.md";
  std::string rows;
  for (const auto& profile : known_profiles()) {
    if (!profile.internal()) rows += row_of(profile);
  }
  const auto written = read_file(page);
  ASSERT_TRUE(written);
  constexpr std::string_view kHead = "|---|---|---|---|---|---|---|---|\n";
  const auto begin = written->find(kHead) + kHead.size();
  const auto end = written->find("\n\n", begin) + 1;
  if (std::getenv("QUICKLIME_WRITE_DOCS") != nullptr) {
    ASSERT_TRUE(write_file(page, written->substr(0, begin) + rows + written->substr(end), FileMode::public_, Overwrite::yes));
    return;
  }
  EXPECT_EQ(written->substr(begin, end - begin), rows) << "docs/profiles.md is stale: QUICKLIME_WRITE_DOCS=1 unit_runtime "
                                                          "--gtest_filter='*ThePageListsThem' writes it anew";
}

}  // namespace
}  // namespace quicklime::runtime
