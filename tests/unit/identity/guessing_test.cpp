#include "identity/guessing.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <thread>
#include <vector>

#include "crypto/random.hpp"

namespace quicklime::identity {
namespace {

const std::string kHere = "192.0.2.1:51234";

struct Gate {
  Gate() = default;
  explicit Gate(const Secret& access_key) : key(Secret::copy_of(access_key.reveal())) {}

  Secret key = crypto::random_secret(32);
  std::uint64_t now = 1'000;
  Guessing guessing{{.failures = 5, .window = std::chrono::seconds(900)}, key, [this] { return now; }};

  // "failed", or "kept out" when it was not even tried.
  std::string fail(std::string_view name, std::string_view address = kHere, std::string_view cookie = "") {
    auto attempt = guessing.may_try(name, address, cookie);
    if (!attempt) return "kept out";
    attempt->failed();
    return "failed";
  }
  void fail_often(std::string_view name, int times, std::string_view address = kHere, std::string_view cookie = "") {
    for (int i = 0; i < times; ++i) fail(name, address, cookie);
  }
  bool may_try(std::string_view name, std::string_view address = kHere, std::string_view cookie = "") {
    return guessing.may_try(name, address, cookie).has_value();
  }
  Guessing::Success succeed(std::string_view name, std::string_view address = kHere, std::string_view cookie = "") {
    return guessing.may_try(name, address, cookie)->succeeded();
  }
};

std::string address_of(int i) {
  return "10." + std::to_string(i / 65'536) + "." + std::to_string(i / 256 % 256) + "." + std::to_string(i % 256);
}

TEST(Guessing, AfterFiveFailuresOfOneNameNothingIsTriedForAWhile) {
  Gate gate;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(gate.fail("alice", address_of(i)), "failed");
  const auto refused = gate.guessing.may_try("alice", "198.51.100.1", "");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "sign-in-limited");
  EXPECT_EQ(refused.error().retry_after_seconds, 900U);
  EXPECT_TRUE(gate.may_try("bob", "198.51.100.1")) << "others are not concerned";

  gate.now += 899;
  EXPECT_EQ(gate.guessing.may_try("alice", kHere, "").error().retry_after_seconds, 1U);
  gate.now += 1;
  EXPECT_TRUE(gate.may_try("alice"));
}

TEST(Guessing, BeingRefusedDoesNotMakeItLonger) {
  Gate gate;
  gate.fail_often("alice", 5);
  for (int i = 0; i < 900; ++i) {
    EXPECT_EQ(gate.fail("alice", address_of(i)), "kept out");
    gate.now += 1;
  }
  EXPECT_EQ(gate.fail("alice"), "failed");
}

TEST(Guessing, AfterFiveFailuresFromOneAddressNothingIsTriedFromThere) {
  Gate gate;
  for (const char* name : {"alice", "bob", "carol", "dave", "erin"}) EXPECT_EQ(gate.fail(name), "failed");
  EXPECT_FALSE(gate.may_try("frank", "192.0.2.1:40000")) << "whatever the port";
  EXPECT_TRUE(gate.may_try("frank", "192.0.2.2:40000"));

  for (const char* host : {"1", "2", "3", "4", "5"}) gate.fail("name-" + std::string(host), "[2001:db8::" + std::string(host) + "]:443");
  EXPECT_FALSE(gate.may_try("grace", "[2001:db8::6]:443")) << "one network";
  EXPECT_TRUE(gate.may_try("grace", "[2001:db8:0:1::6]:443"));
}

TEST(Guessing, TheControlSocketIsNoAddress) {
  Gate gate;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(gate.fail("name-" + std::to_string(i), ""), "failed");
}

TEST(Guessing, OneNameHoweverItIsWritten) {
  Gate gate;
  int i = 0;
  for (const char* name : {"alice", "Alice", "ALICE", " alice ", "al ice"}) EXPECT_EQ(gate.fail(name, address_of(++i)), "failed");
  EXPECT_FALSE(gate.may_try("aLiCe", "198.51.100.1"));

  for (const char* name : {"ａlice", "alıce", "al\u00ADice", "älice", "álice"}) EXPECT_EQ(gate.fail(name, address_of(++i)), "failed");
  EXPECT_FALSE(gate.may_try("ａｌice", "198.51.100.1")) << "a directory may take each of them for alice";
}

TEST(Guessing, SuccessForgivesTheNameAndNotTheAddress) {
  Gate gate;
  gate.fail_often("alice", 4);
  EXPECT_EQ(gate.succeed("alice").failures, 4U);
  EXPECT_EQ(gate.succeed("alice").failures, 0U);
  gate.fail_often("alice", 4, "198.51.100.1");
  EXPECT_TRUE(gate.may_try("alice", "198.51.100.2"));

  gate.fail("bob");
  EXPECT_FALSE(gate.may_try("carol")) << "an account of his own does not let him guess on";
}

TEST(Guessing, WhoSignedInHereBeforeIsNotKeptOut) {
  Gate gate;
  const auto cookie = gate.succeed("alice").device_cookie;
  for (int i = 0; i < 200; ++i) gate.fail("alice", address_of(i));
  gate.fail_often("mallory", 5);  // from the same address, too
  ASSERT_FALSE(gate.may_try("alice"));

  EXPECT_TRUE(gate.may_try("alice", kHere, cookie));
  EXPECT_TRUE(gate.may_try("Alice", kHere, cookie)) << "she typed it otherwise";
  EXPECT_FALSE(gate.may_try("mallory", kHere, cookie)) << "it is alice's";
  EXPECT_EQ(gate.succeed("alice", kHere, cookie).failures, 5U) << "the others were not even tried";
  EXPECT_FALSE(gate.may_try("alice")) << "her coming in does not let the guesser go on";
}

TEST(Guessing, AStolenDeviceMayGuessNoMore) {
  Gate gate;
  const auto cookie = gate.succeed("alice").device_cookie;
  gate.fail_often("alice", 5, kHere, cookie);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(gate.fail("alice", address_of(i), cookie), "failed") << "as any other";
  EXPECT_EQ(gate.fail("alice", "198.51.100.1", cookie), "kept out");
}

TEST(Guessing, ADeviceIsOneInWhateverFormOfBase64ItIsShown) {
  Gate gate;
  const auto cookie = gate.succeed("alice").device_cookie;
  gate.fail_often("alice", 5);
  EXPECT_FALSE(gate.may_try("alice", kHere, cookie + "=")) << "padded";
  std::string other = cookie;
  for (char& digit : other) digit = digit == '-' ? '+' : digit == '_' ? '/' : digit;
  EXPECT_EQ(gate.may_try("alice", kHere, other).has_value(), other == cookie) << "of the other alphabet";
  EXPECT_TRUE(gate.may_try("alice", kHere, cookie));
}

TEST(Guessing, ACookieIsMadeByWhoHasTheKeyAlone) {
  Gate gate;
  const auto cookie = gate.succeed("alice").device_cookie;
  for (int i = 0; i < 5; ++i) gate.fail("alice", address_of(i));
  for (std::size_t at = 0; at < cookie.size(); ++at) {
    std::string changed = cookie;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(gate.may_try("alice", kHere, changed)) << at;
  }
  EXPECT_FALSE(gate.may_try("alice", kHere, cookie.substr(0, cookie.size() - 2)));
  EXPECT_FALSE(gate.may_try("alice", kHere, Gate().succeed("alice").device_cookie));

  Gate replica(gate.key);
  EXPECT_TRUE(gate.may_try("alice", kHere, replica.succeed("alice").device_cookie));
}

TEST(Guessing, NoMoreAreTriedAtOnceThanMayFail) {
  Gate gate;
  gate.fail_often("alice", 3);
  std::vector<Guessing::Attempt> at_once;
  for (int i = 0; i < 10; ++i) {
    if (auto attempt = gate.guessing.may_try("alice", "198.51.100.1", "")) at_once.push_back(std::move(*attempt));
  }
  EXPECT_EQ(at_once.size(), 2U);
  EXPECT_EQ(gate.guessing.may_try("alice", "198.51.100.1", "").error().retry_after_seconds, 1U);
  at_once.clear();  // none of them was checked
  EXPECT_TRUE(gate.may_try("alice", "198.51.100.1"));
  EXPECT_EQ(gate.succeed("alice", "198.51.100.1").failures, 3U);
}

TEST(Guessing, ManyMaySignInAtOnceWhileNoneFails) {
  Gate gate;
  std::vector<Guessing::Attempt> at_once;
  for (int i = 0; i < 32; ++i) at_once.push_back(*gate.guessing.may_try("alice", kHere, ""));
  EXPECT_FALSE(gate.may_try("alice")) << "ten thousand at once would be ten thousand guesses";
}

TEST(Guessing, TenThousandInventedNamesTakeNoMemoryAndKeepNobodyOut) {
  Gate gate;
  const auto cookie = gate.succeed("alice").device_cookie;
  gate.fail("warm-up", address_of(0));
  const auto before = ::mallinfo2().uordblks;
  for (int i = 0; i < 10'000; ++i) gate.fail(i % 2 == 0 ? "alice" : "invented-" + std::to_string(i), address_of(i));
  EXPECT_LT(::mallinfo2().uordblks, before + 16 * 1'024) << "a pointer for each would be 80 KiB";
  EXPECT_FALSE(gate.may_try("alice", "198.51.100.1"));
  EXPECT_TRUE(gate.may_try("alice", "198.51.100.1", cookie));
  int others = 0;
  for (int i = 0; i < 100; ++i) others += gate.may_try("somebody-" + std::to_string(i), "198.51.100." + std::to_string(i)) ? 1 : 0;
  EXPECT_GE(others, 95) << "places are shared by chance alone";
}

TEST(Guessing, ThreadsCountTogether) {
  Gate gate;
  std::atomic<int> tried = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) tried += gate.fail("alice", address_of(t * 1'000 + i)) == "failed" ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_GE(tried, 5);
  EXPECT_LE(tried, 5 + 4) << "beyond it only what was begun while none had failed";
}

}  // namespace
}  // namespace quicklime::identity
