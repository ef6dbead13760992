#include <nlohmann/json.hpp>

#include "all_in_one/roles.hpp"

namespace quicklime::all_in_one {

std::string encode_services(const std::vector<runtime::Definition>& roles) {
  nlohmann::json all = nlohmann::json::array();
  for (const auto& role : roles) {
    const std::string name = role.process_name();
    nlohmann::json keys = nlohmann::json::array();
    if (role.issuing_key) keys.push_back("issuing");
    if (role.revocation_keys) keys.push_back("revocation");
    all.push_back({{"name", name},
                   {"program", "quicklime-" + name},
                   {"projector", "quicklime-projector-" + name},
                   {"view", role.name()},
                   {"keys", std::move(keys)},
                   {"bootstrap_token", !role.certifies_daemons},
                   {"bootstrap_listener", role.certifies_daemons},
                   {"control_socket", role.control_socket},
                   {"log", role.log != runtime::Definition::Log::is_not_used},
                   {"accepts", role.accepts},
                   {"redis_user", name},
                   {"redis_projector_user", "projector-" + name}});
  }
  return all.dump(2);
}

}  // namespace quicklime::all_in_one
