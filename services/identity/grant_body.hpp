#pragma once
// What a body grants: a role, profiles and names, as tokens, users and rules have them.

#include <string>
#include <vector>

#include "access/role.hpp"
#include "api/request_input.hpp"
#include "ca/profile.hpp"

namespace quicklime::identity {

// Those that this CA is configured with. For the certificates of its own processes: by tokens of processes alone. "profile-unknown".
// nullopt members: what the role has without being told.
Result<std::vector<std::string>> read_profiles(const api::JsonBody& body, access::Role role, const std::vector<ca::Profile>& configured);
Result<std::vector<std::string>> read_names(const api::JsonBody& body, access::Role role);
// Of people: every role but process. "role-unknown", "role-not-for-people".
Result<access::Role> read_role_of_people(const api::JsonBody& body);
// 1 to 100 printable characters that show no secret. error: the slug, what: "a token needs a name".
Result<std::string> read_shown_name(const std::optional<std::string>& text, const std::string& error, const std::string& what);

}  // namespace quicklime::identity
