// Two processes of the role over one log, each with a view of its own: whatever the order of things, the log decides, and both
// say the same.

#include <barrier>
#include <random>

#include "renewal_fixture.hpp"

namespace quicklime::renewal {
namespace {

using namespace test;

class Races : public ::testing::Test {
 protected:
  Races() : left_role(projection()), right_role(projection(), &left_role) {
    add_authorities(left_role);
    right_role.settle();
    right_role.advance(Milliseconds(0));
    RecordProperty("seed", std::to_string(seed));
    std::printf("seed %u\n", seed);
  }

  void settle() {
    left_role.settle();
    right_role.settle();
  }
  Held held() {
    Held made = left.held();
    right_role.settle();
    return made;
  }
  // Both at once, each after a delay of its own.
  template <class First, class Second>
  void at_once(First first, Second second) {
    std::uniform_int_distribution<int> microseconds(0, 1500);
    const std::chrono::microseconds before[] = {std::chrono::microseconds(microseconds(random)),
                                                std::chrono::microseconds(microseconds(random))};
    std::barrier start(2);
    std::thread other([&] {
      start.arrive_and_wait();
      std::this_thread::sleep_for(before[1]);
      second();
    });
    start.arrive_and_wait();
    std::this_thread::sleep_for(before[0]);
    first();
    other.join();
  }
  std::uint64_t offset_of(const Answer& answer) { return Position::parse(answer.header("Quicklime-Position"))->offset; }
  // What the sweeps of both leave: of every certificate at most one successor that is not revoked.
  void expect_no_fork() {
    settle();
    const std::size_t swept = *async::run_to_end(left.renewer->sweep());
    settle();
    EXPECT_EQ(*async::run_to_end(right.renewer->sweep()), 0u) << "what one has revoked the other need not";
    settle();
    std::map<std::string, int> standing;
    std::size_t lost = 0;
    for (const auto& issued : left_role.written_of<events::CertificateIssued>()) {
      if (!issued.replaces) continue;
      const auto record = left.record(issued.serial);
      if (record.standing == "stands") {
        ++standing[issued.replaces->hex()];
      } else {
        ++lost;
        EXPECT_EQ(record.status.kind, ca::Status::Kind::revoked);
      }
    }
    for (const auto& [serial, count] : standing) EXPECT_EQ(count, 1) << serial;
    EXPECT_EQ(swept, lost);
    EXPECT_EQ(left_role.store().dump().value(), right_role.store().dump().value());
  }

  const unsigned seed = std::random_device()();
  std::mt19937 random{seed};
  Role left_role, right_role;
  Process left{left_role}, right{right_role};
};

TEST_F(Races, of_two_renewals_exactly_one_is_answered_with_a_certificate) {
  constexpr int kRaces = 200;
  int left_won = 0;
  for (int race = 0; race < kRaces; ++race) {
    const Held old = held();
    Answer answers[2]{};
    const auto ask = [&](Process& process, Answer& answer) { return [&] { answer = process.renew(old); }; };
    at_once(ask(left, answers[0]), ask(right, answers[1]));
    const bool left_is_first = answers[0].status == 201;
    left_won += left_is_first ? 1 : 0;
    const Answer& won = answers[left_is_first ? 0 : 1];
    const Answer& lost = answers[left_is_first ? 1 : 0];
    ASSERT_EQ(won.status, 201u) << won.body;
    ASSERT_EQ(lost.status, 409u) << lost.body;
    ASSERT_EQ(lost.reason(), "already-renewed");
    settle();
    ASSERT_EQ(left.record(old.issued.serial).replaced_by, won.json()["serial"].get<std::string>());
  }
  EXPECT_GT(left_won, 0) << "no race was one";
  EXPECT_LT(left_won, kRaces);
  expect_no_fork();
}

TEST_F(Races, the_same_request_on_both_is_one_certificate) {
  for (int race = 0; race < 100; ++race) {
    const Held old = held();
    const auto csr = csr_for({}, new_key());
    Answer answers[2]{};
    const auto ask = [&](Process& process, Answer& answer) { return [&] { answer = process.renew(old, csr); }; };
    at_once(ask(left, answers[0]), ask(right, answers[1]));
    ASSERT_EQ(answers[0].status, 201u) << answers[0].body;
    ASSERT_EQ(answers[1].status, 201u) << answers[1].body;
    ASSERT_EQ(answers[0].json(), answers[1].json());
  }
  expect_no_fork();
}

TEST_F(Races, a_renewal_stands_exactly_if_it_was_written_before_the_revocation) {
  int renewed = 0;
  // A renewal takes longer than a revocation, by how much is the machine's affair: who was last gets a start.
  std::chrono::microseconds start{1000};
  for (int race = 0; race < 200; ++race) {
    const Held old = held();
    Answer answer{};
    std::uint64_t revoked = 0;
    at_once([&] { answer = left.renew(old); },
            [&] {
              std::this_thread::sleep_for(start);
              eventlog::Draft draft{.actor = {events::Actor::Kind::control, "tester"},
                                    .cause = {RequestId("revoke")},
                                    .data = events::CertificateRevoked{old.issued.serial, AuthorityId("issuing-1"), "superseded",
                                                                       std::string(64, '0'), std::nullopt}};
              revoked = async::run_to_end(right_role.writer().append(std::move(draft)))->position.offset;
            });
    start = answer.status == 201 ? start / 2 : std::min<std::chrono::microseconds>(start * 2 + std::chrono::microseconds(100), Seconds(1));
    if (answer.status == 201) {
      ++renewed;
      ASSERT_LT(offset_of(answer), revoked);
      ASSERT_EQ(left.record(serial_of(answer)).standing, "stands");
    } else {
      ASSERT_EQ(answer.status, 409u) << answer.body;
      ASSERT_EQ(answer.reason(), "predecessor-revoked");
    }
  }
  EXPECT_GT(renewed, 0) << "no race was one";
  EXPECT_LT(renewed, 200);
  expect_no_fork();
}

TEST_F(Races, a_renewal_and_the_revocation_of_the_successor_never_fork_the_chain) {
  for (int race = 0; race < 100; ++race) {
    const Held old = held();
    const auto first = left.renew(old);
    ASSERT_EQ(first.status, 201u) << first.body;
    right_role.settle();
    Answer second{};
    std::uint64_t revoked = 0;
    at_once([&] { second = left.renew(old); },
            [&] {
              eventlog::Draft draft{.actor = {events::Actor::Kind::control, "tester"},
                                    .cause = {RequestId("revoke")},
                                    .data = events::CertificateRevoked{serial_of(first), AuthorityId("issuing-1"), "superseded",
                                                                       std::string(64, '0'), std::nullopt}};
              revoked = async::run_to_end(right_role.writer().append(std::move(draft)))->position.offset;
            });
    if (second.status == 201) {
      ASSERT_GT(offset_of(second), revoked);
    } else {
      ASSERT_EQ(second.reason(), "already-renewed");
    }
  }
  settle();
  std::map<std::string, int> live;
  for (const auto& issued : left_role.written_of<events::CertificateIssued>()) {
    const auto record = left.record(issued.serial);
    if (issued.replaces && record.standing == "stands" && record.status.kind == ca::Status::Kind::good) ++live[issued.replaces->hex()];
  }
  for (const auto& [serial, count] : live) EXPECT_EQ(count, 1) << serial;
  EXPECT_EQ(left_role.store().dump().value(), right_role.store().dump().value());
}

TEST_F(Races, a_retry_on_the_other_process_after_the_first_was_cut_off) {
  const Held old = held();
  const auto csr = csr_for({}, new_key());
  left_role.log().inject(eventlog::MemoryLog::Fault::unknown_persisted);
  EXPECT_EQ(left.renew(old, csr).status, 503u);
  settle();
  const auto answer = right.renew(old, csr);
  ASSERT_EQ(answer.status, 201u) << answer.body;
  EXPECT_EQ(left_role.written_of<events::CertificateIssued>().size(), 2u);
}

}  // namespace
}  // namespace quicklime::renewal
