#include "base/strict_json.hpp"

#include <gtest/gtest.h>

#include "base/work.hpp"

namespace quicklime {
namespace {

TEST(StrictJson, IsOneObjectWithNoMemberTwice) {
  for (const char* good : {"{}", R"({"a":1,"b":{"a":[1,"x",null,true,1.5,{"a":{}},{"a":{}}]}})", R"({"":0})"}) {
    EXPECT_TRUE(is_strict_json_object(good)) << good;
  }
  for (const char* bad :
       {"", "1", "\"a\"", "null", "[]", "[{}]", "{}{}", "{} x", "{\"a\":1,}", R"({"a":1,"a":1})", R"({"a":1,"\u0061":2})",
        R"({"o":{"a":1,"b":{"c":1,"c":2}}})", R"({"l":[{"a":1,"a":2}]})", "{\"a\":\"\xff\"}", "{\"a\":1e999}", "{'a':1}"}) {
    EXPECT_FALSE(is_strict_json_object(bad)) << bad;
  }
}

TEST(StrictJson, IsNotLarge) {
  const auto with = [](std::size_t count, const std::string& value) {
    std::string values;
    for (std::size_t i = 0; i < count; ++i) values += (i == 0 ? "" : ",") + value;
    return R"({"a":[)" + values + "]}";
  };
  for (const char* value : {"1", "\"x\"", "{}", "[]"}) {
    EXPECT_TRUE(is_strict_json_object(with(1'999, value))) << value;
    const auto before = work::counted(work::Kind::json_value);
    EXPECT_FALSE(is_strict_json_object(with(1'000'000, value))) << value;
    EXPECT_LE(work::counted(work::Kind::json_value) - before, 2'001U) << "it is left where it is too much";
  }
}

TEST(StrictJson, IsNotDeep) {
  const auto nested = [](std::size_t depth) { return R"({"a":)" + std::string(depth, '[') + std::string(depth, ']') + "}"; };
  EXPECT_TRUE(is_strict_json_object(nested(15)));
  EXPECT_FALSE(is_strict_json_object(nested(16)));
  EXPECT_FALSE(is_strict_json_object(nested(1'000'000)));
}

}  // namespace
}  // namespace quicklime
