#include "access/role.hpp"

#include <algorithm>

namespace quicklime::access {
namespace {

constexpr Milliseconds days(int count) { return std::chrono::hours(24 * count); }

}  // namespace

const std::vector<RoleRow>& roles() {
  static const std::vector<RoleRow> table{
      {.role = Role::administrator,
       .name = "administrator",
       .may = "everything",
       .sees = Sees::everything,
       .granted = false,
       .of_daemons = false,
       .longest = days(3650),
       .excludes = {Role::auditor, Role::process}},
      {.role = Role::agent,
       .name = "agent",
       .may = "revoking, holding and releasing any certificate, and seeing all of them",
       .sees = Sees::everything,
       .granted = false,
       .of_daemons = false,
       .longest = days(3650),
       .excludes = {Role::auditor, Role::process}},
      {.role = Role::requester,
       .name = "requester",
       .may = "certificates within its grant, and seeing them",
       .sees = Sees::its_own,
       .granted = true,
       .of_daemons = false,
       .longest = days(3650),
       .excludes = {Role::auditor, Role::process}},
      {.role = Role::auditor,
       .name = "auditor",
       .may = "seeing everything, changing nothing",
       .sees = Sees::everything,
       .granted = false,
       .of_daemons = false,
       .longest = days(3650),
       .excludes = {Role::administrator, Role::agent, Role::requester, Role::process}},
      {.role = Role::process,
       .name = "process",
       .may = "a daemon that has its own certificates made",
       .sees = Sees::nothing,
       .granted = true,
       .of_daemons = true,
       .longest = days(365),
       .excludes = {Role::administrator, Role::agent, Role::requester, Role::auditor}},
  };
  return table;
}

const RoleRow& row(Role role) { return roles()[static_cast<std::size_t>(role)]; }
std::string_view name(Role role) { return row(role).name; }

Result<Role> parse_role(std::string_view text) {
  std::string known;
  for (const RoleRow& row : roles()) {
    if (text == row.name) return row.role;
    known += (known.empty() ? "" : ", ") + std::string(row.name);
  }
  return fail(ErrorCode::invalid, "role-unknown", "there is no role \"" + std::string(text) + "\"; there are " + known, "/role");
}

bool exclude_each_other(Role left, Role right) {
  const auto& excluded = row(left).excludes;
  return std::find(excluded.begin(), excluded.end(), right) != excluded.end();
}

std::string roles_text() {
  std::string text;
  for (const RoleRow& row : roles()) text += (text.empty() ? "" : "; ") + std::string(row.name) + ": " + std::string(row.may);
  return text;
}

}  // namespace quicklime::access
