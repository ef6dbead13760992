#include "crl/view.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "access/session.hpp"
#include "crl/service.hpp"

namespace quicklime::crl {
namespace {

const AuthorityId kIssuing("issuing-1");
SerialNumber serial(const char* hex) { return SerialNumber::from_hex(hex).value(); }
Instant at(std::int64_t seconds) { return Instant::from_seconds(seconds); }

TEST(CrlView, RecordsReadBackAsWritten) {
  const Entry entry{serial("0a0b"), {0, 5}, Position{1, 9}, at(100), at(50), pki::RevocationReason::superseded};
  const auto parsed = Entry::parse(entry.key(kIssuing)).value();
  EXPECT_EQ(parsed.key(kIssuing), entry.key(kIssuing));
  EXPECT_EQ(parsed.until, entry.until);
  const Publication publication{{0, 9}, Complete{{0, 4}, at(3)}, at(5), at(10), "hash", std::string("\0before", 7), ""};
  const auto again = decode_publication(encode(publication)).value();
  EXPECT_EQ(encode(again), encode(publication));
  EXPECT_EQ(again.before, publication.before);
  EXPECT_EQ(again.previous->number, (Position{0, 4}));
  EXPECT_EQ(again.rules, events::kRules);
  EXPECT_FALSE(again.signed_at);
  Publication old = publication;
  old.rules = 1;
  old.signed_at = at(7);
  EXPECT_EQ(decode_publication(encode(old))->rules, 1U);
  EXPECT_EQ(decode_publication(encode(old))->signed_at, at(7));
  const Certificate certificate{at(9), {ca::Status::Kind::held, pki::RevocationReason::certificate_hold, at(3)}, {0, 4}, Position{1, 2},
                                true,  {"issuing-1/0a/0.4/0.6/5000/1004/6", "issuing-1/0a/0.7/0.9/5000/1007/4"}};
  const auto read = decode_certificate(encode(certificate)).value();
  EXPECT_EQ(encode(read), encode(certificate));
  EXPECT_EQ(read.ended, certificate.ended);
  EXPECT_EQ(read.expired, (Position{1, 2}));
  EXPECT_TRUE(read.left);
  EXPECT_EQ(encode(decode_certificate(encode(Certificate{at(9)})).value()), encode(Certificate{at(9)}));
  const Publication first{{0, 9}, std::nullopt, at(5), at(10), "hash", "b", "a"};
  EXPECT_FALSE(decode_publication(encode(first))->previous);
  for (const char* wrong : {"", "a", "issuing-1/0a/0.1/-/1/1/99", "issuing-1/zz/0.1/-/1/1/1"}) EXPECT_FALSE(Entry::parse(wrong)) << wrong;
  EXPECT_FALSE(decode_publication("0.1 1"));
  EXPECT_FALSE(decode_certificate("0.1 1"));
}

TEST(CrlView, KeysAreInTheOrderOfTheSerialsOctets) {
  std::vector<SerialNumber> serials{serial("01"), serial("0100"), serial("010001"), serial("02"),
                                    serial("7f"), serial("80ff"), serial("ff")};
  std::set<std::string> keys;
  for (const auto& each : serials) {
    keys.insert(Entry{each, {0, 5}, std::nullopt, at(1), at(1), pki::RevocationReason::unspecified}.key(kIssuing));
  }
  std::sort(serials.begin(), serials.end(), [](const auto& left, const auto& right) { return left.octets() < right.octets(); });
  std::size_t index = 0;
  for (const auto& key : keys) EXPECT_EQ(Entry::parse(key)->serial, serials[index++]);
}

// A CRL with this number, as far as its entries depend on it.
Publication numbered(Position number, std::optional<Complete> previous = {}, unsigned rules = events::kRules) {
  return {number, previous, at(0), at(0), "", "", "", rules, {}};
}

TEST(CrlView, EntriesStandBetweenTheirPositions) {
  Entry entry{serial("01"), {0, 5}, Position{0, 8}, at(100), at(50), pki::RevocationReason::unspecified};
  for (std::uint64_t number = 0; number < 12; ++number) {
    EXPECT_EQ(entry.stands_in(numbered({0, number})), number >= 5 && number < 8) << number;
  }
  entry.until.reset();
  EXPECT_TRUE(entry.stands_in(numbered({1, 0})));
  EXPECT_TRUE(entry.stands_in(numbered({0, 20}, Complete{{0, 10}, at(101)}))) << "no date of a CRL lets an entry go";
}

TEST(CrlView, ACrlOfRulesOneIsWrittenAgainAsItWas) {
  const Entry entry{serial("01"), {0, 5}, {}, at(100), at(50), pki::RevocationReason::unspecified};
  EXPECT_FALSE(entry.stands_in(numbered({0, 20}, Complete{{0, 10}, at(101)}, 1)));
  EXPECT_TRUE(entry.stands_in(numbered({0, 20}, Complete{{0, 10}, at(100)}, 1)));
  EXPECT_TRUE(entry.stands_in(numbered({0, 20}, Complete{{0, 4}, at(101)}, 1)));
  EXPECT_TRUE(entry.stands_in(numbered({0, 20}, {}, 1)));
}

TEST(CrlView, NoEntryIsDatedAfterItsCrlWasSigned) {
  const Entry entry{serial("01"), {0, 5}, {}, at(100), at(50), pki::RevocationReason::unspecified};
  auto crl = numbered({0, 20});
  EXPECT_EQ(entry.date_in(crl), at(50));
  crl.signed_at = at(49);
  EXPECT_EQ(entry.date_in(crl), at(49)) << "revoked by a process whose clock was ahead";
  crl.signed_at = at(51);
  EXPECT_EQ(entry.date_in(crl), at(50));
}

// What a projection sees, in maps.
class MapFold final : public views::Fold {
 public:
  std::optional<std::string> get(std::string_view space, std::string_view key) override {
    const auto found = points.find({std::string(space), std::string(key)});
    return found == points.end() ? std::nullopt : std::optional(found->second);
  }
  void put(std::string_view space, std::string_view key, std::string value) override {
    points[{std::string(space), std::string(key)}] = std::move(value);
  }
  void erase(std::string_view space, std::string_view key) override { points.erase({std::string(space), std::string(key)}); }
  void insert(std::string_view, std::string_view key) override { entries.emplace(key); }
  void remove(std::string_view, std::string_view key) override { EXPECT_EQ(entries.erase(std::string(key)), 1U) << key; }

  std::map<std::pair<std::string, std::string>, std::string> points;
  std::set<std::string> entries;
};

class CrlProjection : public ::testing::Test {
 protected:
  void fold(std::uint64_t offset, events::Data data) {
    const events::Event event{EventId("e"),
                              at(static_cast<std::int64_t>(1000 + offset)),
                              {"w", offset},
                              {events::Actor::Kind::process, "test"},
                              RequestId("r"),
                              {},
                              {},
                              {},
                              std::move(data)};
    ASSERT_TRUE(projection().apply({event, {0, offset}, {}}, view));
  }
  void publish(std::uint64_t offset, const std::string& previous, const std::string& number, std::int64_t this_update = 2000) {
    fold(offset, events::CrlPublished{"issuing-1", previous, number, "sha", "before " + std::to_string(offset), "after", at(this_update),
                                      at(9000)});
  }
  void issue(std::uint64_t offset, const char* hex, std::int64_t not_after) {
    fold(offset, events::CertificateIssued{.authority = kIssuing,
                                           .serial = serial(hex),
                                           .certificate = "",
                                           .profile = "",
                                           .profile_sha256 = "",
                                           .names = {},
                                           .not_before = at(0),
                                           .not_after = at(not_after),
                                           .key_sha256 = "",
                                           .service = {},
                                           .node = {},
                                           .renewal_challenge = "",
                                           .revocation_key = "",
                                           .replaces = {}});
  }
  bool holds(const char* hex) { return view.get(kCertificateSpace, certificate_key(kIssuing, serial(hex))).has_value(); }
  void expire(std::uint64_t offset, std::int64_t before) { fold(offset, events::CertificatesExpired{at(before)}); }
  // In the CRL with this number.
  bool stands(const char* hex, std::uint64_t number) {
    return std::any_of(view.entries.begin(), view.entries.end(), [&](const std::string& key) {
      const auto entry = Entry::parse(key).value();
      return entry.serial == serial(hex) && entry.stands_in(numbered({0, number}));
    });
  }
  static constexpr std::int64_t kDay = 86'400;
  std::string current() {
    const auto stored = view.get(kPublicationSpace, "issuing-1");
    return stored ? decode_publication(*stored)->before : "none";
  }
  MapFold view;
};

TEST_F(CrlProjection, TheFirstPublicationAfterItsPredecessorStands) {
  publish(10, "7", "8");  // follows nothing that there is
  EXPECT_EQ(current(), "none");
  publish(11, "", "9");
  EXPECT_EQ(current(), "before 11");
  publish(12, "", "10");  // lost
  EXPECT_EQ(current(), "before 11");
  publish(20, "9", "15");
  publish(21, "9", "16");  // lost
  EXPECT_EQ(current(), "before 20");
  EXPECT_EQ(decode_publication(*view.get(kPublicationSpace, "issuing-1"))->previous->number, (Position{0, 9}));
}

TEST_F(CrlProjection, NumbersGrowAndCoverOnlyWhatTheLogHeld) {
  publish(10, "", "10");
  publish(11, "", "12");
  publish(12, "", "rubbish");
  EXPECT_EQ(current(), "none");
  publish(13, "", "5");
  publish(14, "5", "5");
  publish(15, "5", "4");
  EXPECT_EQ(current(), "before 13");
}

TEST_F(CrlProjection, IntervalsOfOneSerialFollowEachOther) {
  issue(3, "0a", 5000);
  fold(4, events::CertificateHeld{serial("0a"), kIssuing});
  fold(5, events::CertificateHeld{serial("0a"), kIssuing});
  fold(6, events::CertificateReleased{serial("0a"), kIssuing});
  fold(7, events::CertificateRevoked{serial("0a"), kIssuing, "superseded", "", {}});
  fold(8, events::CertificateRevoked{serial("0a"), kIssuing, "unspecified", "", {}});
  fold(9, events::CertificateRevoked{serial("0a"), kIssuing, "keyCompromise", "", {}});
  EXPECT_EQ(view.entries, (std::set<std::string>{"issuing-1/0a/0.4/0.6/5000/1004/6", "issuing-1/0a/0.7/0.9/5000/1007/4",
                                                 "issuing-1/0a/0.9/-/5000/1007/1"}));
  EXPECT_EQ(view.get(kChangeSpace, "issuing-1"), "0.9");
}

TEST_F(CrlProjection, NoDateOfACrlMakesAnythingGo) {
  issue(1, "0a", kDay);
  fold(5, events::CertificateRevoked{serial("0a"), kIssuing, "superseded", "", {}});
  publish(10, "", "9", 500 * kDay);  // a clock that was ahead
  publish(20, "9", "19", 501 * kDay);
  publish(30, "19", "29", 5 * kDay);  // put right
  publish(40, "29", "39", 6 * kDay);
  EXPECT_TRUE(holds("0a"));
  EXPECT_EQ(view.entries.size(), 1U);
  EXPECT_EQ(current(), "before 40") << "a date may fall back, a number may not";
}

// In the steps of RFC 5280 section 3.3: named as ended, shown by a CRL that knows, out of the CRLs, gone.
TEST_F(CrlProjection, WhatHasEndedLeavesAfterItHasBeenShown) {
  issue(1, "0a", kDay);       // revoked
  issue(2, "0b", kDay);       // never
  issue(3, "0c", kDay);       // revoked when it had long ended
  issue(4, "0d", 90 * kDay);  // revoked, and lives on
  fold(5, events::CertificateRevoked{serial("0a"), kIssuing, "superseded", "", {}});
  fold(6, events::CertificateRevoked{serial("0d"), kIssuing, "superseded", "", {}});
  publish(10, "", "9");
  expire(20, 3 * kDay);
  EXPECT_TRUE(holds("0a"));
  EXPECT_FALSE(holds("0b")) << "good, and nothing of it is in any CRL";
  EXPECT_TRUE(stands("0a", 20));
  publish(25, "9", "19");  // before it knew
  expire(30, 4 * kDay);
  EXPECT_TRUE(stands("0a", 30));
  publish(35, "19", "31");  // shows it, and knows
  expire(40, 5 * kDay);
  EXPECT_TRUE(stands("0a", 31)) << "the current CRL is written again with it";
  EXPECT_FALSE(stands("0a", 41));
  EXPECT_TRUE(holds("0a"));
  publish(45, "31", "41");
  expire(50, 6 * kDay);
  EXPECT_TRUE(stands("0a", 31)) << "the CRL before the current one may still be on its way";
  publish(55, "41", "51");
  expire(60, 7 * kDay);
  EXPECT_FALSE(holds("0a"));
  EXPECT_EQ(view.entries.size(), 1U);
  EXPECT_TRUE(holds("0d"));
  EXPECT_TRUE(stands("0d", 60));
  // Nothing makes it come back.
  fold(70, events::CertificateRevoked{serial("0a"), kIssuing, "keyCompromise", "", {}});
  EXPECT_EQ(view.entries.size(), 1U);
}

TEST_F(CrlProjection, AChangeOfWhatIsOnItsWayOutIsShownOnceMore) {
  issue(1, "0a", kDay);
  fold(5, events::CertificateRevoked{serial("0a"), kIssuing, "superseded", "", {}});
  publish(10, "", "9");
  expire(20, 3 * kDay);
  publish(25, "9", "21");
  expire(30, 4 * kDay);
  EXPECT_FALSE(stands("0a", 31));
  fold(35, events::CertificateRevoked{serial("0a"), kIssuing, "keyCompromise", "", {}});
  EXPECT_TRUE(stands("0a", 36));
  for (std::uint64_t step = 4; step < 12; ++step) {
    publish(step * 10, step == 4 ? "21" : std::to_string(step * 10 - 11), std::to_string(step * 10 - 1));
    expire(step * 10 + 5, static_cast<std::int64_t>(step + 1) * kDay);
  }
  EXPECT_FALSE(holds("0a"));
  EXPECT_TRUE(view.entries.empty()) << "also those that had ended before";
}

TEST_F(CrlProjection, AHoldThatWasReleasedLeavesWithItsCertificate) {
  issue(1, "0a", kDay);
  fold(4, events::CertificateHeld{serial("0a"), kIssuing});
  fold(6, events::CertificateReleased{serial("0a"), kIssuing});
  publish(10, "", "9");
  publish(11, "9", "10");
  EXPECT_EQ(view.entries.size(), 1U);
  expire(20, 3 * kDay);
  EXPECT_FALSE(holds("0a"));
  EXPECT_TRUE(view.entries.empty());
}

TEST_F(CrlProjection, ReadsNameWhatApplyGets) {
  const events::Event event{EventId("e"), at(0), {"w", 1}, {events::Actor::Kind::process, "test"},         RequestId("r"),
                            {},           {},    {},       events::CertificateHeld{serial("0a"), kIssuing}};
  EXPECT_EQ(projection().reads(event),
            (std::vector<views::PointKey>{access::user_key(UserId("certificate:0a")), {kCertificateSpace, "issuing-1/0a"}}));
}

}  // namespace
}  // namespace quicklime::crl
