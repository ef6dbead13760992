#include "identity/password.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "async/here.hpp"
#include "base/encoding.hpp"
#include "crypto/random.hpp"
#include "crypto/sealing.hpp"

namespace quicklime::identity {
namespace {

constexpr PasswordCost kCheap{.memory = 8'192, .passes = 1, .threads = 1};

Secret secret(std::string_view text) { return Secret::copy_of(text); }

struct Store {
  explicit Store(PasswordCost cost = kCheap) : passwords(cost, Secret::copy_of(key.reveal())) {}

  Secret key = crypto::random_secret(32);
  Passwords passwords;

  std::string sealed(const std::string& user, const std::string& password) {
    return *async::run_to_end(passwords.sealed(user, secret(password)));
  }
  bool lets_in(const std::string& user, std::optional<std::string> sealed, std::string_view password) {
    return *async::run_to_end(passwords.verify(user, std::move(sealed), secret(password)));
  }
  // A hash that somebody else made, as if it had been set.
  std::string sealed_hash(const std::string& user, const std::string& hash) const { return crypto::seal(key, "password", user, hash); }
  std::string hash_in(const std::string& user, const std::string& sealed) const {
    return std::string(crypto::unseal(key, "password", user, sealed)->reveal());
  }
};

std::string reason(std::string_view user, std::string_view password) {
  const auto checked = check_password(user, secret(password));
  return checked ? "" : checked.error().reason;
}

TEST(Password, RulesAreAboutLengthAlone) {
  EXPECT_EQ(reason("local:alice", "1234567"), "password-too-short");
  EXPECT_EQ(reason("local:alice", "12345678"), "");
  EXPECT_EQ(reason("local:alice", "ääääääää"), "") << "eight characters, sixteen octets";
  EXPECT_EQ(reason("local:alice", "äääääää"), "password-too-short") << "seven characters, fourteen octets";
  EXPECT_EQ(reason("local:alice", std::string(256, 'x')), "");
  EXPECT_EQ(reason("local:alice", std::string(257, 'x')), "password-too-long");
  EXPECT_EQ(reason("local:alice", "correct horse battery staple"), "");
}

TEST(Password, ItIsTextAndNotTheName) {
  EXPECT_EQ(reason("local:alice", "12345678\n"), "password-not-text");
  EXPECT_EQ(reason("local:alice", "12345678\xFF"), "password-not-text");
  EXPECT_EQ(reason("local:alice.smith", "Alice.Smith"), "password-is-name");
  EXPECT_EQ(reason("local:alice.smith", "local:alice.smith"), "password-is-name");
  EXPECT_EQ(reason("local:alice.smith", "alice.smith1"), "");
}

TEST(Password, LetsInWithTheRightOneAlone) {
  Store store;
  const std::string sealed = store.sealed("local:alice", "correct horse");
  EXPECT_TRUE(store.lets_in("local:alice", sealed, "correct horse"));
  EXPECT_FALSE(store.lets_in("local:alice", sealed, "correct horse "));
  EXPECT_FALSE(store.lets_in("local:alice", sealed, ""));
  EXPECT_FALSE(store.lets_in("local:bob", sealed, "correct horse")) << "copied to another user";
  EXPECT_FALSE(store.lets_in("local:alice", "", "correct horse"));
  EXPECT_FALSE(Store().lets_in("local:alice", sealed, "correct horse")) << "another access.key";
}

TEST(Password, NothingOfItStandsInWhatIsKept) {
  Store store;
  const std::string first = store.sealed("local:alice", "correct horse");
  const std::string second = store.sealed("local:alice", "correct horse");
  EXPECT_NE(first, second);
  for (const auto& sealed : {first, second}) {
    EXPECT_EQ(sealed.find("argon2"), std::string::npos);
    EXPECT_EQ(sealed.find("correct"), std::string::npos);
  }
  EXPECT_NE(store.hash_in("local:alice", first), store.hash_in("local:alice", second)) << "each has its salt";
}

TEST(Password, ItIsHashedAtTheCostThatIsConfigured) {
  Store store({.memory = 9'000, .passes = 3, .threads = 1});
  EXPECT_TRUE(store.hash_in("local:alice", store.sealed("local:alice", "correct horse")).starts_with("$argon2id$v=19$m=9000,t=3,p=1$"));
}

// One set at another cost goes on letting in. The hash is of the reference implementation's own tests.
TEST(Password, ThePublishedExampleLetsIn) {
  Store store;
  const auto sealed =
      store.sealed_hash("local:alice", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc");
  EXPECT_TRUE(store.lets_in("local:alice", sealed, "password"));
  EXPECT_FALSE(store.lets_in("local:alice", sealed, "Password"));
}

TEST(Password, WhatTheArgon2CommandHashesLetsIn) {
  FILE* pipe = ::popen("printf %s 'correct horse' | argon2 salt-of-sixteen- -id -t 2 -k 9000 -p 1 -l 32 -e", "r");
  ASSERT_NE(pipe, nullptr);
  std::array<char, 512> line{};
  const std::string hash(line.data(), std::fread(line.data(), 1, line.size(), pipe));
  ASSERT_EQ(::pclose(pipe), 0);
  Store store;
  EXPECT_TRUE(store.lets_in("local:alice", store.sealed_hash("local:alice", hash.substr(0, hash.find('\n'))), "correct horse"));
}

TEST(Password, NobodyGetsInByTheHashThatStandsForNobody) {
  Store store;
  EXPECT_FALSE(store.lets_in("local:nobody", std::nullopt, Passwords::kNobodysPassword));
  EXPECT_FALSE(store.lets_in("local:nobody", "not sealed", Passwords::kNobodysPassword));
  EXPECT_TRUE(
      store.lets_in("local:nobody", store.sealed("local:nobody", std::string(Passwords::kNobodysPassword)), Passwords::kNobodysPassword));
}

TEST(Password, OfAnUnknownUserItTakesAsLong) {
  Store store({.memory = 19'456, .passes = 2, .threads = 1});
  const std::string sealed = store.sealed("local:alice", "correct horse");
  const auto fastest = [&](const std::optional<std::string>& kept) {
    auto least = std::chrono::steady_clock::duration::max();
    for (int i = 0; i < 10; ++i) {
      const auto begun = std::chrono::steady_clock::now();
      store.lets_in("local:alice", kept, "wrong password");
      least = std::min(least, std::chrono::steady_clock::now() - begun);
    }
    return least;
  };
  const auto known = fastest(sealed);
  EXPECT_GT(fastest(std::nullopt), known / 2) << "a hash that is not one is refused a thousand times as fast";
  EXPECT_GT(fastest("not sealed"), known / 2);
}

// ---- more than can be checked

struct Crowd {
  int asked = 0, wrong = 0, busy = 0;
  async::Completion<bool> all_answered;
};

async::Task<void> ask_one(Passwords& passwords, std::shared_ptr<Crowd> crowd, int of) {
  const Secret password = secret("wrong password");
  const auto verified = co_await passwords.verify("local:alice", std::nullopt, password);
  if (verified) {
    ++crowd->wrong;
  } else {
    EXPECT_EQ(verified.error().reason, "sign-in-busy");
    EXPECT_GT(verified.error().retry_after_seconds, 0U);
    ++crowd->busy;
  }
  if (++crowd->asked == of) crowd->all_answered.complete(true);
}

async::Task<std::shared_ptr<Crowd>> ask_at_once(Passwords& passwords, int many) {
  auto crowd = std::make_shared<Crowd>();
  for (int i = 0; i < many; ++i) async::spawn_here(ask_one(passwords, crowd, many));
  co_await crowd->all_answered.wait();
  co_return crowd;
}

TEST(Password, WhoComesWhileManyWaitIsAskedToComeAgain) {
  Store store({.memory = 65'536, .passes = 2, .threads = 1});  // long enough for all to come meanwhile
  const auto crowd = async::run_to_end(ask_at_once(store.passwords, 100));
  EXPECT_GE(crowd->wrong, static_cast<int>(Passwords::kWaiting) + 1);
  EXPECT_GE(crowd->busy, 50);
  EXPECT_TRUE(store.lets_in("local:alice", store.sealed("local:alice", "correct horse"), "correct horse")) << "places are given back";
}

}  // namespace
}  // namespace quicklime::identity
