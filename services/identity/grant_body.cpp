#include "identity/grant_body.hpp"

#include <algorithm>

#include "base/printable.hpp"
#include "ca/name_policy.hpp"
#include "ca/role_uri.hpp"

namespace quicklime::identity {

using access::Role;

Result<std::vector<std::string>> read_profiles(const api::JsonBody& body, Role role, const std::vector<ca::Profile>& configured) {
  auto profiles = body.texts("profiles");
  if (!profiles) return forward(profiles);
  if (!*profiles && role == Role::process) return std::vector<std::string>{ca::kRolePeerProfile};
  if (!*profiles) return std::vector<std::string>{role == Role::requester ? "tls-server" : "*"};
  std::vector<std::string> known;
  for (const auto& profile : configured) {
    if (!profile.internal() || role == Role::process) known.push_back(profile.name);
  }
  for (const auto& name : **profiles) {
    if (name == "*" || std::find(known.begin(), known.end(), name) != known.end()) continue;
    return fail(ca::unknown_profile(name, known, "/profiles"));
  }
  return **std::move(profiles);
}

Result<std::vector<std::string>> read_names(const api::JsonBody& body, Role role) {
  auto names = body.texts("names");
  if (!names) return forward(names);
  if (!*names) return access::row(role).granted ? std::vector<std::string>() : std::vector<std::string>{"*"};
  auto policy = ca::NamePolicy::make(**names, {});
  if (!policy) {
    policy.error().field = "/names";
    return forward(policy);
  }
  return **std::move(names);
}

Result<Role> read_role_of_people(const api::JsonBody& body) {
  const auto text = body.text("role");
  if (!text) return forward(text);
  auto role = access::parse_role(text->value_or("requester"));
  if (!role) {
    role.error().field = "/role";
    return role;
  }
  if (access::row(*role).of_daemons) {
    return fail(ErrorCode::invalid, "role-not-for-people",
                "the role process is for daemons, by a bootstrap token (quicklime token bootstrap)", "/role");
  }
  return role;
}

Result<std::string> read_shown_name(const std::optional<std::string>& text, const std::string& error, const std::string& what) {
  constexpr std::size_t kMaximumName = 100;
  if (!text || text->empty() || text->size() > kMaximumName || !is_printable(*text)) {
    return fail(ErrorCode::invalid, error, what + " of 1 to 100 printable characters, for people", "/name");
  }
  if (shows_a_secret(*text)) {
    return fail(ErrorCode::invalid, error, "a name is for everybody to read, and this one shows a secret", "/name");
  }
  return *text;
}

}  // namespace quicklime::identity
