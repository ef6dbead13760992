#include "identity/ldap_text.hpp"

#include <algorithm>

#include "base/encoding.hpp"

namespace quicklime::identity {
namespace {

// A backslash and two hex digits: the one form that filters and DNs both read, whatever the octet.
std::string with_escaped(std::string_view text, std::string_view special) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    if (c == '\0' || special.find(c) != std::string_view::npos) {
      escaped += '\\' + hex_encode({&c, 1});
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace

std::string filter_value(std::string_view text) { return with_escaped(text, "*()\\"); }

std::string dn_value(std::string_view text) {
  // '#' and blanks are special at an end only, and never wrong to escape.
  return with_escaped(text, "\"+,;<>=\\# \t\r\n");
}

std::string filled(std::string_view text, std::initializer_list<Filling> fillings) {
  std::string result;
  while (!text.empty()) {
    const auto* here = std::find_if(fillings.begin(), fillings.end(), [&](const auto& one) { return text.starts_with(one.placeholder); });
    if (here == fillings.end()) {
      result += text.front();
      text.remove_prefix(1);
    } else {
      result += here->value;
      text.remove_prefix(here->placeholder.size());
    }
  }
  return result;
}

std::string folded(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace quicklime::identity
