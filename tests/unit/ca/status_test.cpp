#include "ca/status.hpp"

#include <gtest/gtest.h>

#include <random>

namespace quicklime::ca {
namespace {

using Kind = Status::Kind;
using Reason = pki::RevocationReason;

const SerialNumber kOfStatus = *SerialNumber::from_hex("2a");
const AuthorityId kStatusAuthority("issuing-1");

events::Event event(int minute, events::Data data) {
  return {.id = EventId("e" + std::to_string(minute)),
          .time = Instant::from_seconds(minute * 60),
          .writer = {"w", 1},
          .actor = {events::Actor::Kind::control, "root"},
          .request = RequestId("r"),
          .data = std::move(data)};
}
events::Event revoked(int minute, const std::string& reason) {
  return event(minute, events::CertificateRevoked{kOfStatus, kStatusAuthority, reason, "", std::nullopt});
}
events::Event held(int minute) { return event(minute, events::CertificateHeld{kOfStatus, kStatusAuthority}); }
events::Event released(int minute) { return event(minute, events::CertificateReleased{kOfStatus, kStatusAuthority}); }
Instant minute(int number) { return Instant::from_seconds(number * 60); }

Status after(const std::vector<events::Event>& history) {
  Status status;
  for (const auto& e : history) status = next_status(status, e.data, e.time, true).value_or(status);
  return status;
}
std::optional<Status> next(const Status& before, const events::Event& e, bool stands) {
  return next_status(before, e.data, e.time, stands);
}

TEST(Status, TheFirstRevocationWins) {
  EXPECT_EQ(after({revoked(1, "superseded"), revoked(2, "unspecified")}), (Status{Kind::revoked, Reason::superseded, minute(1)}));
}

TEST(Status, OnlyKeyCompromiseChangesTheReasonAndNeverTheDate) {
  EXPECT_EQ(after({revoked(1, "superseded"), revoked(2, "keyCompromise")}), (Status{Kind::revoked, Reason::key_compromise, minute(1)}));
  EXPECT_EQ(after({revoked(1, "keyCompromise"), revoked(2, "superseded")}), (Status{Kind::revoked, Reason::key_compromise, minute(1)}));
}

TEST(Status, HoldAndRelease) {
  EXPECT_EQ(after({held(1)}), (Status{Kind::held, Reason::certificate_hold, minute(1)}));
  EXPECT_EQ(after({held(1), held(2)}), (Status{Kind::held, Reason::certificate_hold, minute(1)}));
  EXPECT_EQ(after({held(1), released(2)}), Status{});
  EXPECT_EQ(after({released(1)}), Status{});
  EXPECT_EQ(after({held(1), revoked(2, "superseded")}), (Status{Kind::revoked, Reason::superseded, minute(2)}));
  EXPECT_EQ(after({revoked(1, "superseded"), held(2), released(3)}), (Status{Kind::revoked, Reason::superseded, minute(1)}));
}

TEST(Status, AReleaseThatDoesNotStandChangesNothingAndWhatTakesAwayAlwaysStands) {
  EXPECT_FALSE(next(after({held(1)}), released(2), false));
  EXPECT_EQ(next(Status{}, held(1), false), after({held(1)}));
  EXPECT_EQ(next(after({held(1)}), revoked(2, "superseded"), false), after({revoked(2, "superseded")}));
}

TEST(Status, ARevocationWithAReasonThatDoesNotExistStillRevokes) {
  for (const char* reason : {"certificateHold", "removeFromCRL", "lost", ""}) {
    EXPECT_EQ(after({revoked(1, reason)}), (Status{Kind::revoked, Reason::unspecified, minute(1)})) << reason;
  }
}

TEST(Status, OtherEventsChangeNothing) {
  EXPECT_FALSE(next(Status{}, event(1, events::KeyBlocked{"00"}), true));
  EXPECT_FALSE(next(Status{}, event(1, events::LogSealed{}), true));
  EXPECT_FALSE(next(Status{}, released(1), true)) << "what changes nothing is no change";
}

TEST(Status, TextGoesThereAndBack) {
  for (const Status& status : {Status{}, after({held(7)}), after({revoked(3, "keyCompromise")}), after({revoked(3, "unspecified")})}) {
    const auto again = decode_status(encode(status));
    ASSERT_TRUE(again) << encode(status);
    EXPECT_EQ(*again, status);
  }
  for (const char* text : {"", "bad", "good ", "held", "held x", "held 1 2", "revoked 1", "revoked 1 x", "revoked 1 11", "revoked 1 1 1"}) {
    EXPECT_FALSE(decode_status(text)) << text;
  }
}

// The model looks at the whole history at once instead of folding it.
Status model(const std::vector<events::Event>& history) {
  std::optional<Instant> first;
  std::string reason;
  bool compromised = false;
  std::optional<Instant> hold;
  for (const auto& e : history) {
    if (const auto* revocation = std::get_if<events::CertificateRevoked>(&e.data)) {
      if (!first) first = e.time, reason = revocation->reason;
      compromised = compromised || revocation->reason == "keyCompromise";
    }
    if (first) continue;
    if (std::holds_alternative<events::CertificateHeld>(e.data) && !hold) hold = e.time;
    if (std::holds_alternative<events::CertificateReleased>(e.data)) hold.reset();
  }
  if (first) return {Kind::revoked, compromised ? Reason::key_compromise : *pki::parse_revocation_reason(reason), first};
  if (hold) return {Kind::held, Reason::certificate_hold, hold};
  return {};
}

TEST(StatusModel, RandomHistories) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::vector<std::string> reasons = {"unspecified", "keyCompromise", "superseded", "privilegeWithdrawn", "cACompromise"};
  for (int round = 0; round < 3000; ++round) {
    std::vector<events::Event> history;
    const auto length = random() % 8;
    for (unsigned i = 0; i < length; ++i) {
      const int at = static_cast<int>(i) + 1;
      switch (random() % 5) {
        case 0: history.push_back(revoked(at, reasons[random() % reasons.size()])); break;
        case 1: history.push_back(event(at, events::KeyBlocked{"00"})); break;
        case 2: history.push_back(released(at)); break;
        default: history.push_back(held(at)); break;
      }
      ASSERT_EQ(after(history), model(history)) << "after " << history.size() << " events of round " << round;
    }
  }
}

}  // namespace
}  // namespace quicklime::ca
