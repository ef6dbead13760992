#pragma once
// Where a process listens, as quicklime.toml and the command line write it.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace quicklime::settings {

// "127.0.0.1:9090", "[::1]:8443", "localhost:8443", ":8443" (every address), "" (not served). Port 0: any free one.
struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
  bool enabled = true;
};
// "address-malformed"
Result<ListenAddress> parse_listen_address(std::string_view text);
std::string text(const ListenAddress& address);  // as parse_listen_address reads it

}  // namespace quicklime::settings
