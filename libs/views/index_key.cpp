#include "views/index_key.hpp"

#include <algorithm>

namespace quicklime::views {
namespace {

constexpr std::size_t kNumberDigits = 16;

}  // namespace

std::string number_text(std::uint64_t number) {
  std::string text(kNumberDigits, '0');
  for (auto digit = text.rbegin(); number > 0; ++digit, number >>= 4) *digit = "0123456789abcdef"[number & 0xF];
  return text;
}

std::string group_prefix(std::string_view group) {
  std::string prefix(group);
  prefix += '\0';
  return prefix;
}

std::string index_key(std::string_view group, std::uint64_t number, std::string_view subject) {
  return group_prefix(group).append(number_text(number)).append(subject);
}

std::string_view group_of(std::string_view index_key) { return index_key.substr(0, index_key.rfind('\0')); }

std::string_view subject_of(std::string_view index_key) {
  const auto number = index_key.rfind('\0') + 1;  // 0 when there is none
  return index_key.substr(std::min(index_key.size(), number + kNumberDigits));
}

}  // namespace quicklime::views
