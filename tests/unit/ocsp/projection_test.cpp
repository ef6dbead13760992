#include "views/projection.hpp"

#include <gtest/gtest.h>

#include <map>

#include "ocsp/service.hpp"
#include "ocsp/view.hpp"

namespace quicklime::ocsp {
namespace {

const AuthorityId kIssuing("issuing-1");
constexpr std::int64_t kDay = 86'400;

SerialNumber serial(const char* hex) { return *SerialNumber::from_hex(hex); }
Instant on(std::int64_t day) { return Instant::from_seconds(day * kDay); }

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
  void insert(std::string_view, std::string_view) override { FAIL() << "the view has no index"; }
  void remove(std::string_view, std::string_view) override { FAIL() << "the view has no index"; }

  std::map<std::pair<std::string, std::string>, std::string> points;
};

class OcspProjection : public testing::Test {
 protected:
  void fold(events::Data data) {
    const events::Event event{EventId("e"), on(1), {"w", ++offset_}, {events::Actor::Kind::process, "test"}, RequestId("r"), {},
                              {},           {},    std::move(data)};
    ASSERT_TRUE(projection().apply({event, {0, offset_}, {}}, view_));
  }
  void issue(const char* hex, std::int64_t last_day) {
    fold(events::CertificateIssued{.authority = kIssuing,
                                   .serial = serial(hex),
                                   .certificate = "",
                                   .profile = "",
                                   .profile_sha256 = "",
                                   .names = {},
                                   .not_before = on(0),
                                   .not_after = on(last_day),
                                   .key_sha256 = "",
                                   .service = {},
                                   .node = {},
                                   .renewal_challenge = "",
                                   .revocation_key = "",
                                   .replaces = {}});
  }
  void publish(const std::string& scope, std::int64_t day) {
    fold(events::CrlPublished{scope, "", "1", "sha", "before", "after", on(day), on(day + 1)});
  }
  std::string status(const char* hex) { return view_.get(kStatusSpace, status_key(kIssuing, serial(hex))).value_or("absent"); }

  MapFold view_;
  std::uint64_t offset_ = 0;
};

TEST_F(OcspProjection, WhatHasEndedBeyondDoubtLeavesAndNoDateOfACrlMakesItGo) {
  issue("0a", 10);
  issue("0b", 10);
  issue("0c", 90);
  fold(events::CertificateRevoked{serial("0a"), kIssuing, "superseded", "", {}});
  fold(events::CertificateRevoked{serial("0c"), kIssuing, "superseded", "", {}});
  const std::string revoked = status("0a");
  publish("issuing-1", 5'000);  // a clock that was ahead, which needs no more than one CRL
  EXPECT_EQ(status("0a"), revoked);
  fold(events::CertificatesExpired{on(10)});
  EXPECT_EQ(status("0a"), revoked) << "it ends on that day";
  fold(events::CertificatesExpired{on(11)});
  EXPECT_EQ(status("0a"), "absent");
  EXPECT_EQ(status("0b"), "absent");
  EXPECT_NE(status("0c"), "absent");
  // Nothing makes it good again, and a late revocation makes no record.
  fold(events::CertificateReleased{serial("0a"), kIssuing});
  fold(events::CertificateRevoked{serial("0b"), kIssuing, "superseded", "", {}});
  EXPECT_EQ(status("0a"), "absent");
  EXPECT_EQ(status("0b"), "absent");
}

TEST_F(OcspProjection, ReadsNameWhatIssuingGets) {
  class Counting final : public views::Fold {
   public:
    std::optional<std::string> get(std::string_view space, std::string_view key) override {
      got.push_back({std::string(space), std::string(key)});
      return std::nullopt;
    }
    void put(std::string_view, std::string_view, std::string) override {}
    void erase(std::string_view, std::string_view) override {}
    void insert(std::string_view, std::string_view) override {}
    void remove(std::string_view, std::string_view) override {}
    std::vector<views::PointKey> got;
  } counting;
  const events::Event event{EventId("e"),
                            on(1),
                            {"w", 1},
                            {events::Actor::Kind::process, "test"},
                            RequestId("r"),
                            {},
                            {},
                            {},
                            events::CertificateIssued{.authority = kIssuing,
                                                      .serial = serial("0a"),
                                                      .certificate = "",
                                                      .profile = "",
                                                      .profile_sha256 = "",
                                                      .names = {},
                                                      .not_before = on(0),
                                                      .not_after = on(10),
                                                      .key_sha256 = "",
                                                      .service = {},
                                                      .node = {},
                                                      .renewal_challenge = "",
                                                      .revocation_key = "",
                                                      .replaces = {}}};
  ASSERT_TRUE(projection().apply({event, {0, 1}, {}}, counting));
  const auto named = projection().reads(event);
  for (const auto& key : counting.got) EXPECT_NE(std::find(named.begin(), named.end(), key), named.end()) << key.space << ' ' << key.key;
}

}  // namespace
}  // namespace quicklime::ocsp
