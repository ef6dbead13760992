#include "identity/user_id.hpp"

#include "access/session.hpp"

namespace quicklime::identity {

UserId typed_user(std::string_view text) {
  std::string name;
  for (const char c : text) name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const auto first = name.find_first_not_of(' ');
  name = first == std::string::npos ? std::string() : name.substr(first, name.find_last_not_of(' ') - first + 1);
  if (name.find(':') == std::string::npos) name = std::string(access::kLocalProvider) + ":" + name;
  return UserId(std::move(name));
}

}  // namespace quicklime::identity
