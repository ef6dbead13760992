#include "access/role.hpp"

#include <gtest/gtest.h>

#include <set>

#include "access/token.hpp"

namespace quicklime::access {
namespace {

TEST(RoleTable, HasEachRoleOnceInItsPlace) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < roles().size(); ++i) {
    const RoleRow& row = roles()[i];
    EXPECT_EQ(static_cast<std::size_t>(row.role), i);
    EXPECT_EQ(*parse_role(row.name), row.role);
    EXPECT_EQ(name(row.role), row.name);
    EXPECT_FALSE(row.may.empty());
    names.insert(row.name);
    EXPECT_NE(parse_role("nobody").error().detail.find(row.name), std::string::npos);
    EXPECT_NE(roles_text().find(std::string(row.name) + ": " + std::string(row.may)), std::string::npos);
  }
  EXPECT_EQ(names.size(), roles().size());
  EXPECT_EQ(parse_role("root").error().reason, "role-unknown");
  EXPECT_EQ(row(Role::process).longest, kMaximumProcessLifetime);
}

TEST(RoleTable, ExclusionIsMutualAndNobodyExcludesHimself) {
  for (const RoleRow& left : roles()) {
    EXPECT_FALSE(exclude_each_other(left.role, left.role));
    for (const RoleRow& right : roles()) {
      EXPECT_EQ(exclude_each_other(left.role, right.role), exclude_each_other(right.role, left.role)) << left.name << " " << right.name;
      EXPECT_TRUE(exclude_each_other(left.role, right.role) || left.role == right.role || !left.of_daemons) << right.name;
    }
  }
  EXPECT_TRUE(exclude_each_other(Role::auditor, Role::administrator)) << "who changes is not who looks";
}

}  // namespace
}  // namespace quicklime::access
