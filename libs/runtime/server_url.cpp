#include "runtime/server_url.hpp"

#include <algorithm>
#include <string_view>

namespace quicklime::runtime {
namespace {

// "ca.internal", "[::1]" of "http://ca.internal:8080/path".
std::string host_of_url(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  const std::string_view authority = url.substr(0, url.find('/'));
  const auto end = authority.starts_with('[') ? authority.find(']') + 1 : authority.find(':');
  return std::string(authority.substr(0, end));
}

}  // namespace

std::string server_url(const ProcessSettings& settings) {
  if (!settings.server_url.empty()) return settings.server_url;
  if (settings.public_url.starts_with("https://")) return settings.public_url;
  return "https://" + host_of_url(settings.public_url) + ":" + std::to_string(settings.https.port);
}

}  // namespace quicklime::runtime
