#include "runtime/profiles.hpp"

#include <algorithm>

namespace quicklime::runtime {

std::vector<ca::Profile> configured_profiles(const SharedSettings& settings) {
  std::vector<ca::Profile> all = ca::default_profiles();
  for (const auto& [name, configured] : settings.profiles) {
    const std::string& like = configured.like.empty() ? name : configured.like;
    const auto found =
        std::find_if(ca::default_profiles().begin(), ca::default_profiles().end(), [&](const auto& one) { return one.name == like; });
    if (found == ca::default_profiles().end()) continue;  // refused where settings are read
    ca::Profile made = *found;
    made.name = name;
    made.default_lifetime = configured.default_lifetime.value_or(made.default_lifetime);
    made.maximum_lifetime = configured.maximum_lifetime.value_or(made.maximum_lifetime);
    const auto there = std::find_if(all.begin(), all.end(), [&name = name](const auto& one) { return one.name == name; });
    if (there == all.end()) {
      all.push_back(std::move(made));
    } else {
      *there = std::move(made);
    }
  }
  return all;
}

}  // namespace quicklime::runtime
