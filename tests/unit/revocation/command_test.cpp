// An Idempotency-Key on the routes of the revocation role: the first answer is given again, and nothing is done twice.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "ca/claims.hpp"
#include "revocation/service.hpp"
#include "revocation/view.hpp"
#include "support/role_fixture.hpp"

namespace quicklime::revocation {
namespace {

using test::Answer;
using test::Json;
using Fault = eventlog::MemoryLog::Fault;

class Commands : public ::testing::Test {
 protected:
  Commands() : role(projection()) {
    serve(role);
    for (const auto* serial : {"0a", "0b", "0c"}) role.given(test::an_issued(serial));
    before = role.changes();
  }

  void serve(test::Role& which) {
    which.serve([this](api::ServiceContext context) { return make_service(context, keys); });
  }
  static Answer ask(test::Role& of, const std::string& path, const std::string& key, const Json& body = {}) {
    auto asked = of.post("/v1/" + path).as_administrator().header("Idempotency-Key", key);
    if (!body.is_null()) asked.json(body);
    return asked.send();
  }
  Answer ask(const std::string& path, const std::string& key, const Json& body = {}) { return ask(role, path, key, body); }
  std::string secret_of(const std::string& serial) {
    return std::string(keys.current().secret_for(*SerialNumber::from_hex(serial)).reveal());
  }
  std::size_t new_events() { return role.changes() - before; }
  std::string status_of(const std::string& serial) {
    role.settle();
    const auto found = async::run_to_end(find(role.view(), std::vector{*SerialNumber::from_hex(serial)}));
    return ca::encode(found->records.front()->status).substr(0, 4);
  }
  std::size_t claims() {
    std::size_t count = 0;
    for (const auto& event : role.written()) {
      for (const auto& once : event.once) {
        std::vector<views::PointKey> key(1, ca::claim_key(once));
        if (async::run_to_end(role.view().get(std::move(key)))->values.front()) ++count;
      }
    }
    return count;
  }

  ca::RevocationKeys keys = ca::RevocationKey(Secret(std::string(32, 'k')));
  test::Role role;
  std::size_t before = 0;
};

TEST_F(Commands, a_retry_is_answered_as_the_first_was_and_writes_nothing) {
  const std::pair<const char*, Json> requests[] = {{"certificates/0a/hold", {}},
                                                   {"certificates/0a/release", {}},
                                                   {"certificates/0a/revoke", {{"reason", "superseded"}}},
                                                   {"revocations", {{"serials", {"0C", "0b", "0c"}}, {"reason", "keyCompromise"}}}};
  int number = 0;
  for (const auto& [path, body] : requests) {
    const std::string key = "key " + std::to_string(++number);
    const auto first = ask(path, key, body);
    ASSERT_EQ(first.status, 200u) << first.body;
    const auto length = role.log_length();
    role.advance(Seconds(60));
    const auto retry = ask(path, key, body);
    EXPECT_EQ(retry.status, 200u) << path;
    EXPECT_EQ(retry.body, first.body) << path;
    EXPECT_EQ(retry.header("Quicklime-Position"), first.header("Quicklime-Position")) << path;
    EXPECT_EQ(role.log_length(), length) << path;
  }
  EXPECT_EQ(new_events(), 5u);
}

TEST_F(Commands, what_somebody_else_did_in_between_is_not_undone) {
  const auto held = ask("certificates/0a/hold", "one");
  ASSERT_EQ(held.json()["status"], "held");
  ASSERT_EQ(ask("certificates/0a/release", "two").json()["status"], "good");
  EXPECT_EQ(ask("certificates/0a/hold", "one").body, held.body);
  EXPECT_EQ(status_of("0a"), "good");
  ASSERT_EQ(ask("certificates/0a/hold", "three").json()["status"], "held");
  EXPECT_EQ(ask("certificates/0a/release", "two").json()["status"], "good") << "as it was then";
  EXPECT_EQ(status_of("0a"), "held");
  EXPECT_EQ(new_events(), 3u);
}

TEST_F(Commands, what_changed_nothing_is_remembered_too) {
  ASSERT_EQ(ask("certificates/0a/hold", "one").status, 200u);
  ASSERT_EQ(ask("certificates/0a/hold", "two").json()["status"], "held");
  ASSERT_EQ(ask("certificates/0a/release", "three").json()["status"], "good");
  EXPECT_EQ(ask("certificates/0a/hold", "two").json()["status"], "held") << "as it was then";
  EXPECT_EQ(status_of("0a"), "good");
  EXPECT_EQ(new_events(), 3u);

  ASSERT_EQ(ask("certificates/0b/revoke", "four", {{"reason", "superseded"}}).status, 200u);
  ASSERT_EQ(ask("revocations", "five", {{"serials", {"0b"}}}).json()["revocations"][0]["reason"], "superseded");
  EXPECT_EQ(ask("revocations", "five", {{"serials", {"0c"}}}).reason(), "idempotency-conflict");
  EXPECT_EQ(new_events(), 5u);
}

TEST_F(Commands, another_request_under_the_same_key_is_refused) {
  ASSERT_EQ(ask("certificates/0a/revoke", "one", {{"reason", "superseded"}}).status, 200u);
  for (const Json& other : {Json{{"reason", "unspecified"}}, Json{{"reason", "superseded"}, {"same_key", true}}, Json::object()}) {
    const auto refused = ask("certificates/0a/revoke", "one", other);
    EXPECT_EQ(refused.status, 422u) << other;
    EXPECT_EQ(refused.reason(), "idempotency-conflict") << other;
  }
  EXPECT_EQ(ask("certificates/0b/revoke", "one", {{"reason", "superseded"}}).reason(), "idempotency-conflict");
  EXPECT_EQ(ask("certificates/0a/revoke", "one", {{"reason", "SUPERSEDED"}}).status, 200u) << "the same, spelled otherwise";
  EXPECT_EQ(new_events(), 1u);
  EXPECT_EQ(status_of("0b"), "good");
  for (const std::string& bad : {std::string(), std::string(256, 'x'), std::string("a\tb")}) {
    EXPECT_EQ(ask("certificates/0b/hold", bad).reason(), "idempotency-key-malformed");
  }
  EXPECT_EQ(new_events(), 1u);
}

TEST_F(Commands, the_key_is_the_callers_own_and_the_routes) {
  const std::string administrator = role.given_token(access::Role::administrator);
  ASSERT_EQ(ask("certificates/0a/hold", "one").status, 200u);
  ASSERT_EQ(ask("certificates/0a/release", "one").json()["status"], "good");
  const auto theirs = role.post("/v1/certificates/0b/hold").as(administrator).header("Idempotency-Key", "one").send();
  ASSERT_EQ(theirs.status, 200u) << theirs.body;
  EXPECT_EQ(status_of("0b"), "held");
}

TEST_F(Commands, by_the_secret_nothing_is_written_that_changes_nothing) {
  const auto by_secret = [&](const std::string& key) {
    return role.post("/v1/revocations").header("Idempotency-Key", key).json({{"secret", secret_of("0a")}}).send();
  };
  const auto first = by_secret("one");
  ASSERT_EQ(first.status, 200u) << first.body;
  EXPECT_EQ(by_secret("one").body, first.body);
  EXPECT_EQ(by_secret("two").status, 200u);
  EXPECT_EQ(new_events(), 1u) << "whoever holds a secret cannot make the log grow";
}

TEST_F(Commands, a_request_that_was_cut_off_is_finished_by_its_retry) {
  const Json body{{"serials", {"0a", "0b", "0c"}}, {"reason", "certificateHold"}};
  role.let_the_view_age(Seconds(0));  // until its first event is written, and the second cannot be
  std::thread later([&] {
    while (new_events() == 0) std::this_thread::sleep_for(Milliseconds(5));
    role.log().inject(Fault::not_persisted);
    role.let_the_view_go_on();
  });
  const auto cut = ask("revocations", "one", body);
  later.join();
  ASSERT_EQ(cut.status, 503u) << cut.body;
  ASSERT_EQ(new_events(), 1u);
  ASSERT_EQ(ask("certificates/0a/revoke", "two", Json::object()).json()["status"], "revoked");
  const auto finished = ask("revocations", "one", body);
  ASSERT_EQ(finished.status, 200u) << finished.body;
  EXPECT_EQ(finished.json()["revocations"].size(), 3u);
  EXPECT_EQ(new_events(), 4u);
  EXPECT_EQ(finished.json()["revocations"][0]["status"], "held") << "its part was done, and is told as it was then";
  EXPECT_EQ(status_of("0a"), "revo");
  EXPECT_EQ(status_of("0b"), "held");
  EXPECT_EQ(status_of("0c"), "held");
  EXPECT_EQ(ask("revocations", "one", body).body, finished.body);
  EXPECT_EQ(new_events(), 4u);
}

TEST_F(Commands, an_unknown_outcome_is_asked_again_and_is_one_event) {
  role.log().inject(Fault::unknown_persisted);
  const auto unknown = ask("certificates/0a/hold", "one");
  ASSERT_EQ(unknown.status, 503u) << unknown.body;
  role.settle();
  EXPECT_EQ(ask("certificates/0a/hold", "one").json()["status"], "held");
  EXPECT_EQ(new_events(), 1u);
}

TEST_F(Commands, of_a_view_that_rests_the_first_answer_is_given_again_and_nothing_new) {
  const auto first = ask("certificates/0a/hold", "one");
  role.let_the_view_age(Seconds(60));
  EXPECT_EQ(ask("certificates/0a/hold", "one").body, first.body);
  EXPECT_EQ(ask("certificates/0b/hold", "two").reason(), "view-stale");
  role.let_the_view_go_on();
}

TEST_F(Commands, two_replicas_have_one_winner) {
  test::Role other(projection(), &role);
  serve(other);
  std::size_t written_twice = 0;
  for (int race = 0; race < 200; ++race) {
    const std::string key = "race " + std::to_string(race);
    const std::string path = race % 2 == 0 ? "certificates/0a/hold" : "certificates/0a/release";
    other.settle();
    role.settle();
    const auto length = role.log_length();
    Answer left, right;
    std::thread beside([&] { right = ask(other, path, key); });
    left = ask(role, path, key);
    beside.join();
    ASSERT_EQ(left.status, 200u) << left.body;
    ASSERT_EQ(right.status, 200u) << right.body;
    ASSERT_EQ(left.body, right.body) << "race " << race;
    if (role.log_length() - length > 1) ++written_twice;
    ASSERT_LE(role.log_length() - length, 2u);
  }
  EXPECT_GT(written_twice, 0u) << "no race was one";
}

TEST_F(Commands, two_replicas_and_two_requests_under_one_key_have_one_winner) {
  test::Role other(projection(), &role);
  serve(other);
  for (int race = 0; race < 50; ++race) {
    const std::string key = "race " + std::to_string(race);
    other.settle();
    role.settle();
    Answer left, right;
    const auto body = [](const char* serial) { return Json{{"serials", {serial}}, {"reason", "certificateHold"}}; };
    std::thread beside([&] { right = ask(other, "revocations", key, body("0b")); });
    left = ask(role, "revocations", key, body("0a"));
    beside.join();
    ASSERT_EQ(std::set({left.status, right.status}), (std::set<unsigned>{200u, 422u})) << left.body << right.body;
  }
}

TEST_F(Commands, in_one_process_the_same_request_is_written_once) {
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::set<std::string> answers;
  for (int i = 0; i < 20; ++i) {
    threads.emplace_back([&] {
      const auto answer = ask("certificates/0a/hold", "one");
      const std::lock_guard lock(mutex);
      answers.insert(answer.body);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(answers.size(), 1u);
  EXPECT_EQ(new_events(), 1u);
}

TEST_F(Commands, are_forgotten_with_their_certificate_and_beyond_the_newest) {
  for (std::size_t i = 0; i < kRememberedCommands + 3; ++i) {
    ASSERT_EQ(ask(i % 2 == 0 ? "certificates/0a/hold" : "certificates/0a/release", std::to_string(i)).status, 200u);
  }
  ASSERT_EQ(ask("revocations", "both", {{"serials", {"0b", "0c"}}, {"reason", "certificateHold"}}).status, 200u);
  EXPECT_EQ(claims(), kRememberedCommands + 2);
  role.given(events::CertificatesExpired{*Instant::parse("2027-03-01T00:00:00Z")});
  EXPECT_EQ(claims(), 0u);
  views::Scan all{.space = command_space().name};
  EXPECT_TRUE(async::run_to_end(role.view().scan(std::move(all)))->keys.empty());
}

}  // namespace
}  // namespace quicklime::revocation
