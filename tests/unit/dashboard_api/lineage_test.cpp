// A lane of certificates over time: when none was good, when several were, and whether the next one is late.

#include "dashboard_api/lineage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quicklime::dashboard_api {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Instant day(int number) { return Instant::from_seconds(number * 86'400LL); }

Certificate a_life(int from, int until, const char* node = "n1") {
  static std::uint8_t count = 0;
  return {.serial = *SerialNumber::from_hex(std::to_string(10 + ++count)),
          .issued = {0, count},
          .issued_at = day(from),
          .requester = {events::Actor::Kind::token, "ci"},
          .authority = AuthorityId("issuing-1"),
          .profile = "tls-server",
          .names = {},
          .not_before = day(from),
          .not_after = day(until),
          .key_sha256 = "key",
          .node = node};
}

TEST(Lanes, one_for_each_node_in_their_order) {
  const auto lanes = lanes_of({a_life(0, 90, "b"), a_life(0, 90, "a"), a_life(0, 90, "b")}, day(1));
  ASSERT_EQ(lanes.size(), 2u);
  EXPECT_EQ(lanes[0].node, "a");
  EXPECT_EQ(lanes[1].certificates.size(), 2u);
}

TEST(Lanes, gaps_and_overlaps) {
  const auto lanes = lanes_of({a_life(200, 290), a_life(85, 175), a_life(0, 90)}, day(300));
  EXPECT_THAT(lanes[0].gaps, ElementsAre(Span{day(175), day(200)}, Span{day(290), day(300)}));
  EXPECT_THAT(lanes[0].overlaps, ElementsAre(Span{day(85), day(90)}));
  EXPECT_EQ(lanes[0].state, Lane::State::ended);
}

TEST(Lanes, a_revocation_ends_a_life) {
  auto revoked = a_life(0, 90);
  revoked.status = {ca::Status::Kind::revoked, pki::RevocationReason::superseded, day(10)};
  const auto lanes = lanes_of({a_life(20, 110), revoked}, day(30));
  EXPECT_THAT(lanes[0].gaps, ElementsAre(Span{day(10), day(20)}));
  EXPECT_THAT(lanes[0].overlaps, IsEmpty());
  EXPECT_EQ(lanes[0].state, Lane::State::covered);
}

TEST(Lanes, overdue_at_two_thirds_of_life_without_a_successor) {
  const auto state = [](const std::vector<Certificate>& certificates, int now) { return lanes_of(certificates, day(now))[0].state; };
  EXPECT_EQ(state({a_life(0, 90)}, 59), Lane::State::covered);
  EXPECT_EQ(state({a_life(0, 90)}, 61), Lane::State::overdue);
  EXPECT_EQ(state({a_life(55, 145), a_life(0, 90)}, 61), Lane::State::covered);
  auto replaced = a_life(0, 90);
  replaced.replaced_by = *SerialNumber::from_hex("99");
  EXPECT_EQ(state({replaced}, 61), Lane::State::covered);
  EXPECT_EQ(state({a_life(0, 90)}, 91), Lane::State::ended);
}

}  // namespace
}  // namespace quicklime::dashboard_api
