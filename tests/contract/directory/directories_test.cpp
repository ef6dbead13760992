// Several directories at once, one of which is silent.

#include "identity/directories.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "async/completion.hpp"
#include "async/here.hpp"
#include "async/task.hpp"
#include "real_directory.hpp"

namespace quicklime::identity {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Seen = Result<std::optional<Person>>;

std::map<std::string, DirectorySettings> a_good_one_and_a_silent_one(const test::SilentServer& silent) {
  auto settings = test::by_service_account();
  settings.url = "ldaps://" + silent.address();
  return {{"good", test::by_service_account()}, {"silent", settings}};
}

Directories made(const std::map<std::string, DirectorySettings>& settings, Milliseconds deadline) {
  auto directories = Directories::make(settings, deadline);
  if (!directories) throw std::runtime_error(directories.error().detail);
  return std::move(*directories);
}

TEST(Directories, AreAskedByTheirNames) {
  const test::SilentServer silent;
  const auto directories = made(a_good_one_and_a_silent_one(silent), test::kPatient);
  EXPECT_THAT(directories.names(), ElementsAre("good", "silent"));
  EXPECT_TRUE(directories.has("good"));
  EXPECT_FALSE(directories.has("another"));
  EXPECT_TRUE(directories.has_service_account("good"));
  const Seen alice = async::run_to_end(directories.sign_in("good", "alice", Secret::copy_of("alice-password")));
  ASSERT_TRUE(alice && *alice);
  EXPECT_EQ((*alice)->provider, "good");
  const Seen again = async::run_to_end(directories.look_up("good", "alice"));
  ASSERT_TRUE(again && *again);
  EXPECT_EQ((*again)->subject, "alice");
}

TEST(Directories, WhatIsWrongWithOneIsNoBusinessOfStrangers) {
  const test::SilentServer silent;
  const auto directories = made(a_good_one_and_a_silent_one(silent), std::chrono::milliseconds(100));
  const Seen seen = async::run_to_end(directories.sign_in("silent", "alice", Secret::copy_of("alice-password")));
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().reason, "directory-unreachable");
  EXPECT_EQ(seen.error().code, ErrorCode::unavailable);
  EXPECT_GT(seen.error().retry_after_seconds, 0U);
  EXPECT_THAT(seen.error().detail, Not(HasSubstr("127.0.0.1")));
}

TEST(Directories, WhoIsSomewhereIsFoundThereAndOneThatIsAwayIsInNobodysWay) {
  const test::SilentServer silent;
  auto settings = a_good_one_and_a_silent_one(silent);
  settings["a-first"] = settings["silent"];
  settings["a-first"].url = "ldaps://127.0.0.1:1";
  settings.erase("silent");
  const auto directories = made(settings, test::kPatient);
  const Seen alice = async::run_to_end(directories.sign_in_anywhere("alice", Secret::copy_of("alice-password")));
  ASSERT_TRUE(alice && *alice);
  EXPECT_EQ((*alice)->provider, "good");
  const Seen unknown = async::run_to_end(directories.sign_in_anywhere("alice", Secret::copy_of("another-password")));
  ASSERT_FALSE(unknown) << "she may be somebody there";
  EXPECT_EQ(unknown.error().reason, "directory-unreachable");
  settings.erase("a-first");
  const auto one = made(settings, test::kPatient);
  const Seen nobody = async::run_to_end(one.sign_in_anywhere("alice", Secret::copy_of("another-password")));
  EXPECT_TRUE(nobody && !*nobody);
}

struct Outcome {
  std::size_t busy = 0, unreachable = 0, signed_in = 0;
};

async::Task<void> ask(const Directories& directories, std::string provider, Outcome& outcome, std::size_t& left,
                      async::Completion<bool> done) {
  const Seen seen = co_await directories.sign_in(provider, "alice", Secret::copy_of("alice-password"));
  if (seen) {
    ++outcome.signed_in;
  } else if (seen.error().reason == "sign-in-busy") {
    ++outcome.busy;
  } else if (seen.error().reason == "directory-unreachable") {
    ++outcome.unreachable;
  }
  if (--left == 0) done.complete(true);
}

async::Task<bool> flood(const Directories& directories, std::size_t count, Outcome& silent, Outcome& good) {
  const async::Completion<bool> silent_done, good_done;
  std::size_t left = count, one = 1;
  for (std::size_t i = 0; i < count; ++i) async::spawn_here(ask(directories, "silent", silent, left, silent_done));
  async::spawn_here(ask(directories, "good", good, one, good_done));
  co_await good_done.wait();
  EXPECT_LT(silent.unreachable, count);  // the good one is answered while others wait for the silent one
  co_await silent_done.wait();
  co_return true;
}

TEST(Directories, ASilentOneTakesSoManyAndNoMoreAndStopsNoOther) {
  const test::SilentServer server;
  const auto directories = made(a_good_one_and_a_silent_one(server), std::chrono::seconds(3));
  Outcome silent, good;
  async::run_to_end(flood(directories, 100, silent, good));
  EXPECT_EQ(good.signed_in, 1U);
  EXPECT_EQ(silent.busy, 100U - 34U);
  EXPECT_EQ(silent.unreachable, 34U);
  // Who has waited for one deadline is not asked for any more: two by two they would be in the way of others for seventeen.
  Outcome later;
  async::run_to_end(flood(directories, 34, later, good));
  EXPECT_EQ(later.busy, 0U);
}

}  // namespace
}  // namespace quicklime::identity
