#include "command_line/one_time_url.hpp"

#include "all_in_one/roles.hpp"
#include "runtime/process_settings.hpp"
#include "settings/configuration.hpp"

namespace quicklime::command_line {
namespace {

constexpr std::string_view kOneTime = "#one-time=";

// "ca.internal", "[::1]" of "http://ca.internal:8080/path".
std::string host_of_url(std::string_view url) {
  url.remove_prefix(std::min(url.size(), url.find("://") == std::string_view::npos ? 0 : url.find("://") + 3));
  const std::string_view authority = url.substr(0, url.find('/'));
  const auto end = authority.starts_with('[') ? authority.find(']') + 1 : authority.find(':');
  return std::string(authority.substr(0, end));
}

}  // namespace

Result<std::string> one_time_url(const installation::DataDirectory& directory, const std::string& token) {
  const auto configuration = settings::load_configuration(directory.configuration(), all_in_one::known_settings(all_in_one::roles()));
  if (!configuration) return forward(configuration);
  const auto& process = configuration->of<runtime::ProcessSettings>();
  const std::string server = process.public_url.starts_with("https://")
                                 ? process.public_url
                                 : "https://" + host_of_url(process.public_url) + ":" + std::to_string(process.https.port);
  return server + "/ui/" + std::string(kOneTime) + token;
}

Secret token_of_url(const Secret& url) {
  const auto at = url.reveal().find(kOneTime);
  return Secret::copy_of(at == std::string_view::npos ? url.reveal() : url.reveal().substr(at + kOneTime.size()));
}

}  // namespace quicklime::command_line
