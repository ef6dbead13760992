#include "identity/user_id.hpp"

#include "access/session.hpp"
#include "base/printable.hpp"

namespace quicklime::identity {
namespace {

constexpr std::size_t kLongest = 256;

std::string lower(std::string_view text) {
  std::string folded;
  for (const char c : text) folded += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return folded;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

}  // namespace

UserId typed_user(std::string_view text) {
  text = trimmed(text);
  const auto colon = text.find(':');
  const std::string_view provider = colon == std::string_view::npos ? access::kLocalProvider : text.substr(0, colon);
  const std::string_view name = colon == std::string_view::npos ? text : text.substr(colon + 1);
  const bool local = lower(provider) == access::kLocalProvider;
  return UserId(local ? std::string(access::kLocalProvider) + ":" + lower(name) : std::string(provider) + ":" + std::string(name));
}

bool is_presentable(std::string_view text) {
  return !text.empty() && text.size() <= kLongest && is_printable(text) && !shows_a_secret(text);
}

Result<UserId> read_user_id(std::string_view text) {
  if (is_presentable(text)) return typed_user(text);
  return fail(ErrorCode::invalid, "user-name-malformed", "a user is named by 1 to 256 bytes of printable text that show no secret",
              "/user");
}

}  // namespace quicklime::identity
