#include "command_line/one_time_url.hpp"

namespace quicklime::command_line {

Secret token_of_url(const Secret& url) {
  constexpr std::string_view kOneTime = "#one-time=";
  const auto at = url.reveal().find(kOneTime);
  return Secret::copy_of(at == std::string_view::npos ? url.reveal() : url.reveal().substr(at + kOneTime.size()));
}

}  // namespace quicklime::command_line
