// Property: names that are read have a text without control characters, and alternative names survive writing.
#include <algorithm>
#include <cstdlib>

#include "pki/name.hpp"

namespace {
bool is_harmless(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < ' ') || c == 0x7F; });
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace quicklime::pki;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (const auto name = Name::from_der(input); name && !is_harmless(name->text() + name->common_name())) std::abort();
  if (const auto guessed = AlternativeName::guess(input)) {
    if (!is_harmless(guessed->text()) || AlternativeName::make(guessed->kind, guessed->value) != *guessed) std::abort();
  }
  if (const auto names = decode_alternative_names(input); names && decode_alternative_names(encode_alternative_names(*names)) != *names)
    std::abort();
  return 0;
}
