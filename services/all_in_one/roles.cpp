#include "all_in_one/roles.hpp"

#include "runtime/known_settings.hpp"

namespace quicklime::all_in_one {

std::vector<settings::Rows> known_settings(const std::vector<runtime::Definition>& roles) {
  std::vector<settings::Rows> of_roles;
  for (const auto& role : roles) {
    if (role.rows) of_roles.push_back(*role.rows);
  }
  return runtime::known_settings(std::move(of_roles));
}

}  // namespace quicklime::all_in_one
