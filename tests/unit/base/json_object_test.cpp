#include "base/json_object.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace quicklime {
namespace {

std::string object(std::string_view text) {
  std::string out;
  JsonObject json(out);
  json.string("text", text);
  json.end();
  return out;
}

TEST(JsonObject, IsWhatAJsonParserReads) {
  std::string out;
  JsonObject json(out);
  json.string("first", "plain");
  json.strings("none", {});
  json.strings("some", {"one", "t\"wo"});
  json.name("number") += "7";
  JsonObject inner(json.name("inner"));
  inner.string("member", "value");
  inner.end();
  json.end();
  const auto expected = R"({"first":"plain","none":[],"some":["one","t\"wo"],"number":7,"inner":{"member":"value"}})";
  EXPECT_EQ(out, expected);
  EXPECT_EQ(nlohmann::json::parse(out)["inner"]["member"], "value");
}

TEST(JsonObject, EscapesAsTheLibraryDoes) {
  std::string every_ascii;
  for (char c = 1; c < 0x7f; ++c) every_ascii += c;
  for (const std::string& text :
       {std::string(), std::string("\""), std::string("\\"), std::string("\n"), std::string("a\nb\"c\\d\n"), every_ascii,
        std::string("-----BEGIN X-----\nAA==\n-----END X-----\n"), std::string("M\xc3\xbcller"), std::string("\0", 1)}) {
    EXPECT_EQ(object(text), nlohmann::json({{"text", text}}).dump()) << text;
  }
}

TEST(JsonObject, ShowsWhatIsNotUtf8) { EXPECT_EQ(object("a\xff"), "{\"text\":\"a\xef\xbf\xbd\"}"); }

}  // namespace
}  // namespace quicklime
