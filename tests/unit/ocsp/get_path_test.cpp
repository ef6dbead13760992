#include "ocsp/get_path.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "base/work.hpp"
#include "crypto/der.hpp"
#include "http/message.hpp"

namespace quicklime::ocsp {
namespace {

// An OCSPRequest for one serial, by SHA-1, as every client sends it.
std::string der_of(const std::string& serial, std::size_t filler = 0) {
  using crypto::der;
  using crypto::Tag;
  std::string id = der(Tag::sequence, der(Tag::object_identifier, std::string("\x2b\x0e\x03\x02\x1a", 5)) + der(Tag::null, ""));
  id += der(Tag::octet_string, std::string(20, 'n')) + der(Tag::octet_string, std::string(20, 'k')) + der(Tag::integer, serial);
  std::string body = der(Tag::sequence, der(Tag::sequence, der(Tag::sequence, id)));
  if (filler != 0) {
    const std::string extension =
        der(Tag::object_identifier, std::string("\x2a\x03", 2)) + der(Tag::octet_string, std::string(filler, '\xff'));
    body += der(crypto::context_constructed(2), der(Tag::sequence, der(Tag::sequence, extension)));
  }
  return der(Tag::sequence, der(Tag::sequence, body));
}
// Its base64 holds '+' and '/', two slashes side by side among them, and padding.
const std::string kSerial = "\x4b\xef\xbe\xff\xff\xff\x3f\xbf\xfb";
std::string der() { return der_of(kSerial); }
std::string text() { return base64_encode(der()); }
std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}
std::string merged(std::string text) {
  while (text.find("//") != std::string::npos) text = replaced(text, "//", "/");
  return text;
}

std::vector<std::string> serials_in(const std::string& path) {
  std::vector<std::string> serials;
  for (const auto& request : requests_in_path(path)) serials.emplace_back(request.cert_ids.front().serial.octets());
  return serials;
}
std::uint64_t tried_for(const std::string& path) {
  const auto before = work::counted(work::Kind::ocsp_reading);
  (void)requests_in_path(path);
  return work::counted(work::Kind::ocsp_reading) - before;
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
    EXPECT_EQ(serials_in(form), std::vector<std::string>{kSerial}) << form;
    EXPECT_EQ(tried_for(form), 1U) << form;
  }
}

TEST(GetPath, SlashesThatAProxyMergedArePutBack) {
  ASSERT_LT(merged(text()).size(), text().size());
  const auto serials = serials_in(merged(text()));
  EXPECT_NE(std::find(serials.begin(), serials.end(), kSerial), serials.end());
  EXPECT_LE(tried_for(merged(text())), kReadings);
}

TEST(GetPath, RubbishIsNothing) {
  for (const std::string path : {"%", "MD!!", "/////", "MIIF////", "", "=", "MD%00A", "MDAw\xc3\xa4"}) {
    EXPECT_TRUE(requests_in_path(path).empty()) << path;
  }
}

// What was C(k+2,3) decodings each: text that never decodes or never parses is tried a few times, not thousands.
TEST(GetPath, TheWorstTextIsTriedASmallCountedNumberOfTimes) {
  for (const char* head : {"MIIC", "MIIB", "MIGA", "MH8A", "MIID"}) {
    for (std::size_t size = 5; size <= 2 * kLongestPath; size = size * 5 / 4 + 1) {
      for (const char* filler : {"/", "/A", "A/", "//A", "/!", "%2F", "%2FA"}) {
        std::string path = head;
        while (path.size() < size) path += filler;
        EXPECT_LE(tried_for(path), kReadings) << path;
      }
    }
  }
  // As long as it says it is, but for three slashes: the case with the most readings.
  for (std::size_t filler = 100; filler < 600; filler += 7) {
    std::string long_text = base64_encode(der_of(kSerial, filler));
    for (int missing = 1; missing <= 4; ++missing) {
      long_text.erase(long_text.rfind('/'), 1);
      EXPECT_LE(tried_for(long_text), kReadings) << long_text;
      EXPECT_LE(requests_in_path(long_text).size(), kReadings);
    }
  }
}

TEST(GetPath, WhatIsNotOfTheAlphabetIsNotTriedAtAll) {
  EXPECT_EQ(tried_for("MIIC" + std::string(600, '/') + "!"), 0U);
  EXPECT_EQ(tried_for("MIIC" + std::string(600, '/') + "%0A"), 0U);
}

TEST(GetPath, APathOfMoreThanAKilobyteIsRefused) {
  std::size_t filler = 0;
  while (base64_encode(der_of(kSerial, filler)).size() < kLongestPath) ++filler;
  const std::string fits = base64_encode(der_of(kSerial, filler - 3)), too_long = base64_encode(der_of(kSerial, filler + 4));
  ASSERT_LE(fits.size(), kLongestPath);
  ASSERT_GT(too_long.size(), kLongestPath);
  EXPECT_EQ(serials_in(fits), std::vector<std::string>{kSerial});
  EXPECT_EQ(tried_for(too_long), 0U);
}

}  // namespace
}  // namespace quicklime::ocsp
