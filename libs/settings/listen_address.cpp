#include "settings/listen_address.hpp"

#include <arpa/inet.h>

#include <charconv>

namespace quicklime::settings {
namespace {

Failure malformed(std::string_view text, const std::string& why) {
  return fail(ErrorCode::invalid, "address-malformed",
              "not an address to listen on: '" + std::string(text) + "': " + why +
                  "; write ADDRESS:PORT (127.0.0.1:8443, [::1]:8443), :PORT for every address, or nothing at all to serve nothing");
}

bool is_address(int family, const std::string& text) {
  in6_addr room{};  // the larger of the two
  return ::inet_pton(family, text.c_str(), &room) == 1;
}

}  // namespace

Result<ListenAddress> parse_listen_address(std::string_view text) {
  if (text.empty()) return ListenAddress{"", 0, false};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return malformed(text, "the port is missing");

  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size())
    return malformed(text, "the port is a number of at most 65535");

  std::string host(text.substr(0, colon));
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (!is_address(AF_INET6, host)) return malformed(text, "'" + host + "' is no IPv6 address");
  } else if (!host.empty() && host != "localhost" && !is_address(AF_INET, host)) {
    return malformed(
        text, host.find(':') != std::string::npos ? "an IPv6 address stands in brackets" : "'" + host + "' is no address of this machine");
  }
  return ListenAddress{std::move(host), port, true};
}

std::string text(const ListenAddress& address) {
  if (!address.enabled) return "";
  const bool brackets = address.host.find(':') != std::string::npos;
  return (brackets ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

}  // namespace quicklime::settings
