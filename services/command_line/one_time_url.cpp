#include "command_line/one_time_url.hpp"

#include "all_in_one/roles.hpp"
#include "runtime/server_url.hpp"
#include "settings/configuration.hpp"

namespace quicklime::command_line {
namespace {

constexpr std::string_view kOneTime = "#one-time=";

}  // namespace

Result<std::string> one_time_url(const installation::DataDirectory& directory, const std::string& token) {
  const auto configuration = settings::load_configuration(directory.configuration(), all_in_one::known_settings(all_in_one::roles()));
  if (!configuration) return forward(configuration);
  return runtime::server_url(configuration->of<runtime::ProcessSettings>()) + "/ui/" + std::string(kOneTime) + token;
}

Secret token_of_url(const Secret& url) {
  const auto at = url.reveal().find(kOneTime);
  return Secret::copy_of(at == std::string_view::npos ? url.reveal() : url.reveal().substr(at + kOneTime.size()));
}

}  // namespace quicklime::command_line
