#include "base/printable.hpp"

#include <gtest/gtest.h>

namespace quicklime {
namespace {

using namespace std::string_literals;

TEST(Printable, TextOfAnyLanguagePasses) {
  for (const char* text : {"", "api.internal", "Größe", "証明書", "שלום", "ελληνικά", "🙂", "a\u200db"}) {
    EXPECT_TRUE(is_printable(text)) << text;
    EXPECT_EQ(printable(text), text);
  }
}

TEST(Printable, WhatATerminalOrALogWouldReadDifferentlyDoesNot) {
  const std::pair<std::string, std::string> cases[] = {
      {"\x1b[2J", "\\u{1b}[2J"},
      {"a\nb", "a\\u{a}b"},
      {"\0"s, "\\u{0}"},
      {"\x7f", "\\u{7f}"},
      {"\u009b2J", "\\u{9b}2J"},                  // C1: CSI in one character
      {"\u202egnp.exe", "\\u{202e}gnp.exe"},      // bidirectional override
      {"\u2066x\u2069", "\\u{2066}x\\u{2069}"},   // isolates
      {"a\u200eb\u061c", "a\\u{200e}b\\u{61c}"},  // direction marks
      {"a\u2028b", "a\\u{2028}b"},                // line separator
      {"\ufeffa\u200b", "\\u{feff}a\\u{200b}"},   // not seen at all
      {"\xf3\xa0\x81\x81", "\\u{e0041}"},         // a tag
      {"\xff", "\\x{ff}"},                        // no UTF-8
      {"\xc3", "\\x{c3}"},                        // cut off
      {"\xc0\xaf", "\\x{c0}\\x{af}"},             // overlong
      {"\xed\xa0\x80", "\\x{ed}\\x{a0}\\x{80}"},  // a surrogate
  };
  for (const auto& [text, shown] : cases) {
    EXPECT_FALSE(is_printable(text)) << shown;
    EXPECT_EQ(printable(text), shown);
    EXPECT_TRUE(is_printable(printable(text))) << shown;
  }
}

TEST(Printable, LinesStayWhereThereMayBeSeveral) {
  EXPECT_EQ(printable("a\n\tb\r", Lines::many), "a\n\tb\\u{d}");
  EXPECT_EQ(printable("a\n\tb\r"), "a\\u{a}\\u{9}b\\u{d}");
}

}  // namespace
}  // namespace quicklime
