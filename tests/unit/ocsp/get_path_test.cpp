#include "ocsp/get_path.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "http/message.hpp"

namespace quicklime::ocsp {
namespace {

// A SEQUENCE whose base64 holds '+' and '/', two slashes side by side among them, and padding.
std::string der() {
  std::string content = "\xfb\xef\xbe\xff\xff\xff\x3f\xbf";
  content.insert(0, 41, 'a');
  content.push_back('a');
  return std::string("\x30") + static_cast<char>(content.size()) + content;
}
std::string text() { return base64_encode(der()); }
std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}

TEST(GetPath, TheTestTextHasWhatItIsFor) {
  EXPECT_NE(text().find("//"), std::string::npos) << text();
  EXPECT_NE(text().find('+'), std::string::npos) << text();
  EXPECT_EQ(text().back(), '=') << text();
}

TEST(GetPath, EveryFormThatClientsSend) {
  std::string unpadded = text();
  unpadded.erase(unpadded.find('='));
  for (const auto& form :
       {text(), http::percent_encode(text()), unpadded, "/" + text(), "//" + text(), base64url_encode(der()), replaced(text(), "+", "%2B"),
        replaced(text(), "+", "%2b"), replaced(text(), "+", "%20"), replaced(text(), "/", "%2F"), replaced(text(), "=", "%3D")}) {
    EXPECT_EQ(requests_in_path(form), std::vector<std::string>{der()}) << form;
  }
}

TEST(GetPath, SlashesThatAProxyMergedArePutBack) {
  std::string merged = text();
  while (merged.find("//") != std::string::npos) merged = replaced(merged, "//", "/");
  ASSERT_LT(merged.size(), text().size());
  const auto readings = requests_in_path(merged);
  EXPECT_NE(std::find(readings.begin(), readings.end(), der()), readings.end());
  EXPECT_LE(readings.size(), 64U);
}

TEST(GetPath, RubbishIsNothing) {
  EXPECT_TRUE(requests_in_path("%").empty());
  EXPECT_TRUE(requests_in_path("MD!!").empty());
  EXPECT_TRUE(requests_in_path("/////").empty() || requests_in_path("/////").front().empty());
  EXPECT_TRUE(requests_in_path("MIIF////").empty());
}

}  // namespace
}  // namespace quicklime::ocsp
