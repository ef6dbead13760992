#include <nlohmann/json.hpp>

#include "all_in_one/roles.hpp"

namespace quicklime::all_in_one {
namespace {

std::vector<std::string> keys_of(const runtime::Definition& role) {
  std::vector<std::string> keys;
  if (role.issuing_key) keys.emplace_back("issuing");
  if (role.revocation_keys) keys.emplace_back("revocation");
  if (role.access_key) keys.emplace_back("access");
  return keys;
}

}  // namespace

std::string encode_services(const std::vector<runtime::Definition>& roles) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const auto& role : roles) {
    const std::string name = role.process_name();
    all.push_back({{"name", name},
                   {"program", "quicklime-" + name},
                   {"projector", "quicklime-projector-" + name},
                   {"view", role.name()},
                   {"keys", keys_of(role)},
                   {"bootstrap_token", !role.certifies_daemons},
                   {"bootstrap_listener", role.certifies_daemons},
                   {"ocsp_responder", role.ocsp_responder},
                   {"control_socket", role.control_socket},
                   {"log", role.log != runtime::Definition::Log::is_not_used},
                   {"over_plain_http", role.over_plain_http},
                   {"answers_the_rest", role.answers_the_rest},
                   {"accepts", role.accepts},
                   {"redis_user", name},
                   {"redis_projector_user", "projector-" + name}});
  }
  return all.dump(2) + "\n";
}

std::string services_text(const std::vector<runtime::Definition>& roles) {
  std::string text;
  for (const auto& role : roles) {
    std::string keys;
    for (const auto& key : keys_of(role)) keys += (keys.empty() ? "" : ",") + key;
    text += role.process_name() + " " + role.name() + " " + (keys.empty() ? "-" : keys) + " " +
            (role.certifies_daemons ? "listener" : "token") + "\n";
  }
  return text;
}

}  // namespace quicklime::all_in_one
