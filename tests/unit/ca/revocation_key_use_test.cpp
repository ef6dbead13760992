// Which revocation keys the certificates in the log count on.

#include "ca/revocation_key_use.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace quicklime::ca {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class OnePoint final : public views::Fold {
 public:
  std::optional<std::string> get(std::string_view, std::string_view) override { return value; }
  void put(std::string_view, std::string_view, std::string next) override {
    value = std::move(next);
    ++puts;
  }
  void erase(std::string_view, std::string_view) override {}
  void insert(std::string_view, std::string_view) override {}
  void remove(std::string_view, std::string_view) override {}
  std::optional<std::string> value;
  int puts = 0;
};

class RevocationKeyUses : public ::testing::Test {
 protected:
  void issued(const std::string& key, const std::string& not_after) {
    const events::Event event{.id = EventId(""),
                              .time = Instant::from_seconds(0),
                              .writer = {},
                              .actor = {},
                              .request = RequestId(""),
                              .data = events::CertificateIssued{.authority = AuthorityId("issuing-1"),
                                                                .serial = *SerialNumber::from_hex("0a"),
                                                                .certificate = {},
                                                                .profile = {},
                                                                .profile_sha256 = {},
                                                                .names = {},
                                                                .not_before = Instant::from_seconds(0),
                                                                .not_after = *Instant::parse(not_after),
                                                                .key_sha256 = {},
                                                                .service = {},
                                                                .node = {},
                                                                .renewal_challenge = {},
                                                                .revocation_key = key,
                                                                .replaces = {}}};
    ASSERT_TRUE(fold_revocation_key(event, fold));
  }
  std::vector<std::string> used() {
    std::vector<std::string> all;
    const auto keys = *decode_revocation_keys(fold.value);
    for (const auto& key : keys) all.push_back(key.id + " " + key.until.rfc3339_seconds());
    return all;
  }
  std::vector<std::string> missing(const std::string& now, const std::vector<std::string>& held = {}) {
    std::vector<std::string> all;
    for (const auto& key : missing_revocation_keys(*decode_revocation_keys(fold.value), held, *Instant::parse(now))) all.push_back(key.id);
    return all;
  }
  OnePoint fold;
};

TEST_F(RevocationKeyUses, AreKnownToTheDayAndWrittenOnceADay) {
  issued("0000000a", "2027-02-19T12:00:00Z");
  issued("0000000a", "2027-02-19T23:00:00Z");
  issued("0000000a", "2026-12-01T00:00:00Z");
  EXPECT_EQ(fold.puts, 1);
  issued("0000000b", "2027-01-01T00:00:00Z");
  issued("0000000a", "2027-02-20T00:00:01Z");
  EXPECT_EQ(fold.puts, 3);
  EXPECT_THAT(used(), ElementsAre("0000000a 2027-02-21T00:00:00Z", "0000000b 2027-01-01T00:00:00Z"));
}

TEST_F(RevocationKeyUses, AreMissedWhileACertificateCountsOnThem) {
  issued("0000000a", "2026-12-01T12:00:00Z");
  issued("0000000b", "2027-01-01T12:00:00Z");
  EXPECT_THAT(missing("2026-11-21T12:00:00Z"), ElementsAre("0000000a", "0000000b"));
  EXPECT_THAT(missing("2026-11-21T12:00:00Z", {"0000000a"}), ElementsAre("0000000b"));
  EXPECT_THAT(missing("2026-12-15T12:00:00Z"), ElementsAre("0000000b"));
  EXPECT_THAT(missing("2028-01-01T12:00:00Z"), IsEmpty());
}

TEST_F(RevocationKeyUses, WhatIsNoKeysIdIsNotWaitedForAndRubbishIsRefused) {
  for (const char* id : {"k", "0000000A", "0000000a1", "00000 0a", "000\n000a"}) issued(id, "2027-01-01T12:00:00Z");
  EXPECT_FALSE(fold.value);
  for (const char* rubbish : {"x", "0000000a", "0000000a ", "0000000a 1x", "0000000a 1\n\n"})
    EXPECT_FALSE(decode_revocation_keys(rubbish)) << rubbish;
}

}  // namespace
}  // namespace quicklime::ca
