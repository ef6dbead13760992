#include <nlohmann/json.hpp>

#include "command_line/commands.hpp"

namespace quicklime::command_line {

std::string commands_json(const std::vector<runtime::Command>& commands) {
  using Json = nlohmann::ordered_json;
  Json list = Json::array();
  for (const auto& command : commands) {
    Json options = Json::array();
    for (const auto& option : command.options) {
      Json json{{"name", option.name}, {"value", option.value}, {"help", option.help}};
      if (option.required) json["required"] = true;
      if (option.many) json["many"] = true;
      if (!option.choices.empty()) json["choices"] = option.choices;
      options.push_back(std::move(json));
    }
    list.push_back({{"name", command.name}, {"purpose", command.purpose}, {"examples", command.examples}, {"options", std::move(options)}});
  }
  return Json{{"commands", std::move(list)}}.dump(2);
}

}  // namespace quicklime::command_line
