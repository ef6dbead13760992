#include "runtime/profiles.hpp"

#include <algorithm>

namespace quicklime::runtime {

namespace {

ca::Profile* find(std::vector<ca::Profile>& profiles, const std::string& name) {
  const auto found = std::find_if(profiles.begin(), profiles.end(), [&](const auto& one) { return one.name == name; });
  return found == profiles.end() ? nullptr : &*found;
}

void set(ca::Profile& profile, const ProfileSettings& configured) {
  profile.makes_keys = configured.make_keys;
  profile.default_lifetime = configured.default_lifetime.value_or(profile.default_lifetime);
  profile.maximum_lifetime = configured.maximum_lifetime.value_or(profile.maximum_lifetime);
  if (!configured.authority.empty()) profile.authority = configured.authority;
}

}  // namespace

std::vector<ca::Profile> configured_profiles(const SharedSettings& settings) {
  std::vector<ca::Profile> all = ca::default_profiles();
  // Those that are there first: who is like one of them is like it as it is configured.
  for (const auto& [name, configured] : settings.profiles) {
    if (ca::Profile* profile = find(all, name)) set(*profile, configured);
  }
  std::vector<ca::Profile> further;
  for (const auto& [name, configured] : settings.profiles) {
    const ca::Profile* like = find(all, configured.like);
    if (find(all, name) != nullptr || like == nullptr) continue;  // refused where settings are read
    ca::Profile made = *like;
    made.name = name;
    set(made, configured);
    further.push_back(std::move(made));
  }
  all.insert(all.end(), std::make_move_iterator(further.begin()), std::make_move_iterator(further.end()));
  return all;
}

}  // namespace quicklime::runtime
