#include "settings/listen_address.hpp"

#include <gtest/gtest.h>

namespace quicklime::settings {
namespace {

TEST(ListenAddress, IsReadAndWrittenAlike) {
  for (const char* address : {"127.0.0.1:9090", "[::1]:8443", "[::]:8443", "localhost:8443", ":8443", "127.0.0.1:0", ""}) {
    const auto parsed = parse_listen_address(address);
    ASSERT_TRUE(parsed) << address;
    EXPECT_EQ(text(*parsed), address);
  }
}

TEST(ListenAddress, WhatIsNoneIsRefused) {
  for (const char* address : {"8443", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:80x", "::1:8443", "[::1]",
                              "[::1:8443", "[127.0.0.1]:80", "ca.internal:8443", "256.0.0.1:80", " :8443"}) {
    const auto parsed = parse_listen_address(address);
    ASSERT_FALSE(parsed) << address;
    EXPECT_EQ(parsed.error().reason, "address-malformed");
  }
}

}  // namespace
}  // namespace quicklime::settings
