// The groups of groups, in a directory that is a map: who stands in whom.

#include "identity/directory_groups.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "identity/ldap_text.hpp"

namespace quicklime::identity {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Groups {
  std::map<std::string, std::vector<std::string>> members;  // of each group; of "x" the DN is cn=X, the name x
  std::vector<std::string> asked{};

  Result<Found> search(const std::string& filter_in_any_case) {
    const std::string filter = folded(filter_in_any_case);
    asked.push_back(filter);
    Found found;
    for (const auto& [group, those] : members) {
      for (const auto& member : those) {
        if (filter.find("(member=cn=" + member + ")") == std::string::npos) continue;
        // Not always in the same case, as directories answer.
        const std::string dn = asked.size() % 2 == 0 ? "cn=" + group : "CN=" + group;
        found.entries.push_back({dn, {{"cn", {group}}}});
        break;
      }
    }
    return found;
  }
};

Result<std::vector<std::string>> groups_of_alice(Groups& groups, const DirectorySettings& settings = {}) {
  return groups_of(settings, "cn=alice", "alice", [&](const std::string& filter) { return groups.search(filter); });
}

std::vector<std::string> names(const Result<std::vector<std::string>>& found) {
  EXPECT_TRUE(found) << found.error().detail;
  return found ? *found : std::vector<std::string>();
}

TEST(DirectoryGroups, GroupsOfGroupsCount) {
  Groups groups{{{"b", {"alice"}}, {"a", {"b"}}, {"c", {"someone"}}}};
  EXPECT_THAT(names(groups_of_alice(groups)), ElementsAre("a", "b"));
}

TEST(DirectoryGroups, UnlessTheyAreNotToCount) {
  Groups groups{{{"b", {"alice"}}, {"a", {"b"}}}};
  DirectorySettings settings;
  settings.nested = false;
  EXPECT_THAT(names(groups_of_alice(groups, settings)), ElementsAre("b"));
  EXPECT_EQ(groups.asked.size(), 1U);
}

TEST(DirectoryGroups, GroupsThatAreInEachOtherAreMetOnce) {
  Groups groups{{{"early", {"late", "alice"}}, {"late", {"early"}}, {"self", {"self", "early"}}}};
  EXPECT_THAT(names(groups_of_alice(groups)), ElementsAre("early", "late", "self"));
  EXPECT_LE(groups.asked.size(), 3U);
}

TEST(DirectoryGroups, NobodyIsInNone) {
  Groups groups{{{"a", {"bob"}}}};
  EXPECT_THAT(names(groups_of_alice(groups)), IsEmpty());
}

// A chain of that many groups, each in the next.
Result<Found> chain(std::size_t length, const std::string& filter) {
  const auto equals = filter.rfind('=');
  const std::string member = filter.substr(equals + 1, filter.find(')', equals) - equals - 1);
  const std::size_t next = member == "alice" ? 1 : std::stoul(member) + 1;
  Found found;
  if (next <= length) found.entries.push_back({"cn=" + std::to_string(next), {{"cn", {std::to_string(next)}}}});
  return found;
}

TEST(DirectoryGroups, AreFollowedToABoundAndRefusedBeyond) {
  const auto of = [](std::size_t length) {
    return groups_of({}, "cn=alice", "alice", [=](const std::string& filter) { return chain(length, filter); });
  };
  EXPECT_EQ(names(of(kDeepestNesting - 1)).size(), kDeepestNesting - 1);
  const auto refused = of(kDeepestNesting);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "groups-unbounded");
  EXPECT_EQ(refused.error().code, ErrorCode::denied);
}

Result<Found> so_many(std::size_t count, const std::string& filter) {
  Found found;
  if (filter.find("alice") == std::string::npos) return found;
  for (std::size_t i = 0; i < count; ++i) found.entries.push_back({"cn=" + std::to_string(i), {{"cn", {std::to_string(i)}}}});
  return found;
}

TEST(DirectoryGroups, AreCountedToABoundAndRefusedBeyond) {
  const auto of = [](std::size_t count) {
    return groups_of({}, "cn=alice", "alice", [=](const std::string& filter) { return so_many(count, filter); });
  };
  EXPECT_EQ(names(of(kMostGroups)).size(), kMostGroups);
  const auto refused = of(kMostGroups + 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "groups-unbounded");
  EXPECT_THAT(refused.error().detail, HasSubstr("more than 500 groups"));
}

TEST(DirectoryGroups, ThatADirectoryCutsOffAreRefused) {
  const auto found = groups_of({}, "cn=alice", "alice", [](const std::string&) -> Result<Found> { return Found{{}, true, {}}; });
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().reason, "groups-unbounded");
}

TEST(DirectoryGroups, WhatTheDirectorySaysOfTroubleIsHandedOn) {
  const auto found = groups_of({}, "cn=alice", "alice", [](const std::string&) -> Result<Found> {
    return fail(ErrorCode::unavailable, "directory-unreachable", "gone");
  });
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().reason, "directory-unreachable");
}

TEST(DirectoryGroups, AMemberIsTextInAFilter) {
  std::string asked;
  const auto search = [&](const std::string& filter) -> Result<Found> {
    asked = filter;
    return Found{};
  };
  EXPECT_THAT(names(groups_of({}, "cn=Ng\\, Wei (Ops)", "wei", search)), IsEmpty());
  EXPECT_EQ(asked, "(member=cn=Ng\\5c, Wei \\28Ops\\29)");
  DirectorySettings by_name;
  by_name.group_filter = "(memberUid={name})";
  by_name.nested = false;
  EXPECT_THAT(names(groups_of(by_name, "cn=x", "*", search)), IsEmpty());
  EXPECT_EQ(asked, "(memberUid=\\2a)");
}

TEST(DirectoryGroups, AreCalledByTheirDnWhereRulesAreToPinThePlace) {
  DirectorySettings settings;
  settings.group_attribute = "dn";
  const auto found = groups_of(settings, "cn=alice", "alice", [n = 0](const std::string&) mutable -> Result<Found> {
    return n++ == 0 ? Found{{{"cn=admins,ou=here", {}}, {"cn=admins,ou=there", {}}}, false, {}} : Found{};
  });
  EXPECT_THAT(names(found), ElementsAre("cn=admins,ou=here", "cn=admins,ou=there"));
}

}  // namespace
}  // namespace quicklime::identity
