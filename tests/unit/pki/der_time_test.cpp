#include "pki/der_time.hpp"

#include <gtest/gtest.h>

#include <ctime>

#include "unit/pki/oracle.hpp"

namespace quicklime::pki {
namespace {

std::string encoded(const char* rfc3339) {
  std::string out;
  append_time(out, Instant::parse(rfc3339).value());
  return out;
}

std::optional<Instant> read(Tag tag, std::string_view digits) {
  const std::string bytes = der(tag, digits);
  DerReader reader(bytes);
  return read_time(reader);
}

// RFC 5280 section 4.1.2.5
TEST(DerTime, UtcTimeThrough2049GeneralizedTimeAfter) {
  EXPECT_EQ(encoded("2026-11-21T01:02:03Z"), der(Tag::utc_time, "261121010203Z"));
  EXPECT_EQ(encoded("2049-12-31T23:59:59Z"), der(Tag::utc_time, "491231235959Z"));
  EXPECT_EQ(encoded("2050-01-01T00:00:00Z"), der(Tag::generalized_time, "20500101000000Z"));
  EXPECT_EQ(encoded("1950-01-01T00:00:00Z"), der(Tag::utc_time, "500101000000Z"));
  EXPECT_EQ(encoded("1949-12-31T23:59:59Z"), der(Tag::generalized_time, "19491231235959Z"));
  EXPECT_EQ(encoded("2026-11-21T01:02:03.999Z"), der(Tag::utc_time, "261121010203Z")) << "whole seconds, towards the past";
}

TEST(DerTime, TheEndOfTimeIsTheEndOf9999) {
  std::string out;
  append_time(out, Instant::from_seconds(253'402'300'800));
  EXPECT_EQ(out, der(Tag::generalized_time, "99991231235959Z"));
}

TEST(DerTime, RoundTripsAndOpensslAgrees) {
  for (std::int64_t seconds = -631'152'000; seconds < 253'402'300'800; seconds += 86'400LL * 977 + 3'601) {
    std::string out;
    append_time(out, Instant::from_seconds(seconds));
    DerReader reader(out);
    ASSERT_EQ(read_time(reader), Instant::from_seconds(seconds));
    const auto* at = reinterpret_cast<const unsigned char*>(out.data());
    const test::Owned<ASN1_TIME_free, ASN1_TIME> time(d2i_ASN1_TIME(nullptr, &at, static_cast<long>(out.size())));
    std::tm broken{};
    ASSERT_EQ(ASN1_TIME_to_tm(time.get(), &broken), 1);
    ASSERT_EQ(::timegm(&broken), seconds);
  }
}

TEST(DerTime, RefusesOtherForms) {
  EXPECT_TRUE(read(Tag::utc_time, "261121010203Z"));
  EXPECT_EQ(read(Tag::utc_time, "500101000000Z"), Instant::parse("1950-01-01T00:00:00Z").value());
  for (const char* digits :
       {"", "2611210102Z", "261121010203", "261121010203+0100", "2611210102030Z", "261121010203z", "261321010203Z", "260021010203Z",
        "260229010203Z", "261121240000Z", "261121016000Z", "261121010060Z", "26112101020 Z", "-61121010203Z"}) {
    EXPECT_FALSE(read(Tag::utc_time, digits)) << digits;
  }
  for (const char* digits :
       {"20261121010203", "20261121010203.5Z", "20261121010203+0100", "202611210102Z", "20261121010203ZZ", "261121010203Z"}) {
    EXPECT_FALSE(read(Tag::generalized_time, digits)) << digits;
  }
  EXPECT_FALSE(read(Tag::utf8_string, "261121010203Z"));
  std::string utc = der(Tag::utc_time, "261121010203Z");
  DerReader reader(utc);
  EXPECT_FALSE(read_generalized_time(reader));
}

}  // namespace
}  // namespace quicklime::pki
