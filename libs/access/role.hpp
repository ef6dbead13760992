#pragma once
// What somebody may do. One row each: whoever names, reads, refuses or documents a role asks here.

#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"

namespace quicklime::access {

enum class Role : std::uint8_t { administrator, agent, requester, auditor, process };

enum class Sees : std::uint8_t { everything, its_own, nothing };

struct RoleRow {
  Role role;
  std::string_view name;       // as tokens have it, and x-roles of docs/openapi.yaml
  std::string_view may;        // behind the name and a colon
  Sees sees;                   // of certificates
  bool granted;                // what it asks for stays within the profiles and names of its token
  bool of_daemons;             // its tokens are taken on listen.bootstrap and nowhere else; everybody else's are not taken there
  Milliseconds longest;        // life of a token
  std::vector<Role> excludes;  // nobody is both
};
const std::vector<RoleRow>& roles();  // in the order of Role
const RoleRow& row(Role role);
std::string_view name(Role role);
// "role-unknown" (invalid), naming those that there are.
Result<Role> parse_role(std::string_view text);
bool exclude_each_other(Role left, Role right);
// "administrator: everything; requester: ...", for people.
std::string roles_text();

}  // namespace quicklime::access
