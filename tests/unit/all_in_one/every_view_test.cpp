// What a certificate's status is, every view says alike: whatever the order of events, whoever wrote them, under whatever rules.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "access/token.hpp"
#include "ca/decisions.hpp"
#include "crl/service.hpp"
#include "crl/view.hpp"
#include "dashboard_api/service.hpp"
#include "dashboard_api/view.hpp"
#include "issuance/service.hpp"
#include "ocsp/service.hpp"
#include "ocsp/view.hpp"
#include "renewal/service.hpp"
#include "revocation/service.hpp"
#include "revocation/view.hpp"
#include "support/role_fixture.hpp"

namespace quicklime::all_in_one {
namespace {

const AuthorityId kAuthority("issuing-1");
SerialNumber serial(const std::string& hex) { return *SerialNumber::from_hex(hex); }

class Fold final : public views::Fold {
 public:
  explicit Fold(const views::Projection& projection) {
    for (const auto& space : projection.spaces) spaces.insert(space.name);
  }
  std::optional<std::string> get(std::string_view space, std::string_view key) override {
    const auto found = points.find(at(space, key));
    return found == points.end() ? std::nullopt : std::optional(found->second);
  }
  void put(std::string_view space, std::string_view key, std::string value) override { points[at(space, key)] = std::move(value); }
  void erase(std::string_view space, std::string_view key) override { points.erase(at(space, key)); }
  void insert(std::string_view index, std::string_view) override { at(index, ""); }
  void remove(std::string_view index, std::string_view) override { at(index, ""); }

  std::set<std::string> spaces;
  std::map<std::pair<std::string, std::string>, std::string> points;

 private:
  std::pair<std::string, std::string> at(std::string_view space, std::string_view key) {
    EXPECT_TRUE(spaces.contains(std::string(space))) << space << " is no space of this view";
    return {std::string(space), std::string(key)};
  }
};

struct Folded {
  views::Projection projection;
  std::function<ca::Status(Fold&, const SerialNumber&)> status;
  Fold fold{projection};
};

class EveryView {
 public:
  EveryView() {
    const auto deciding = [](Fold& fold, const SerialNumber& which) {
      return ca::decode_certificate_record(*value(fold, ca::certificate_key(which)))->status;
    };
    add(issuance::projection(), deciding);
    add(renewal::projection(), deciding);
    add(revocation::projection(), [](Fold& fold, const SerialNumber& which) {
      return revocation::decode_record(*value(fold, revocation::certificate_key(which)))->status;
    });
    add(ocsp::projection(), [](Fold& fold, const SerialNumber& which) {
      return *ca::decode_status(*fold.get(ocsp::kStatusSpace, ocsp::status_key(kAuthority, which)));
    });
    add(crl::projection(), [](Fold& fold, const SerialNumber& which) {
      return crl::decode_certificate(*fold.get(crl::kCertificateSpace, crl::certificate_key(kAuthority, which)))->status;
    });
    add(dashboard_api::projection(), [](Fold& fold, const SerialNumber& which) {
      return dashboard_api::decode_certificate(*value(fold, dashboard_api::certificate_key(which)))->status;
    });
  }

  void append(events::Data data, events::Actor actor = {events::Actor::Kind::control, "root"}, unsigned rules = events::kRules) {
    ++offset_;
    const events::Event event{.id = EventId("event " + std::to_string(offset_)),
                              .time = Instant::from_seconds(1'800'000'000 + static_cast<std::int64_t>(offset_)),
                              .writer = {"w", offset_},
                              .actor = std::move(actor),
                              .request = RequestId("r"),
                              .data = std::move(data),
                              .rules = rules};
    for (auto& view : views_) ASSERT_TRUE(view->projection.apply({event, Position{0, offset_}, {}}, view->fold)) << view->projection.name;
  }
  void issue(const std::string& hex) { append(test::an_issued(hex)); }
  void make_token(const std::string& token, events::Actor author = {events::Actor::Kind::control, "root"},
                  unsigned rules = events::kRules) {
    append(events::TokenCreated{.token = TokenId(token),
                                .name = "name of " + token,
                                .secret_sha256 = std::string(64, 'a'),
                                .role = "administrator",
                                .profiles = {"*"},
                                .names = {"*"},
                                .not_after = Instant::from_seconds(1'900'000'000)},
           std::move(author), rules);
  }
  void revoke_token(const std::string& token) { append(events::TokenRevoked{TokenId(token)}); }

  // What all of them say.
  ca::Status status(const std::string& hex) {
    const ca::Status said = views_.front()->status(views_.front()->fold, serial(hex));
    for (auto& view : views_) EXPECT_EQ(view->status(view->fold, serial(hex)), said) << view->projection.name;
    return said;
  }
  bool token_is_live(const std::string& token) {
    const auto live = [&](Folded& view) { return access::token_is_live(value(view.fold, access::token_key(TokenId(token)))); };
    const bool said = live(*views_.front());
    for (auto& view : views_) EXPECT_EQ(live(*view), said) << view->projection.name;
    return said;
  }
  const Fold& of(const std::string& name) const {
    for (const auto& view : views_) {
      if (view->projection.name == name) return view->fold;
    }
    throw std::runtime_error("no view " + name);
  }

 private:
  static std::optional<std::string> value(Fold& fold, const views::PointKey& key) { return fold.get(key.space, key.key); }
  void add(views::Projection projection, std::function<ca::Status(Fold&, const SerialNumber&)> status) {
    views_.push_back(std::make_unique<Folded>(Folded{std::move(projection), std::move(status)}));
  }

  std::vector<std::unique_ptr<Folded>> views_;
  std::uint64_t offset_ = 0;
};

using Kind = ca::Status::Kind;
const events::Actor kToken{events::Actor::Kind::token, "t"};

TEST(EveryView, AReleaseByATokenThatWasRevokedBeforeItReleasesNothing) {
  for (const unsigned rules : {1U, 2U, 3U}) {
    EveryView views;
    views.issue("0a");
    views.issue("0b");
    views.make_token("t");
    views.append(events::CertificateHeld{serial("0a"), kAuthority});
    views.append(events::CertificateHeld{serial("0b"), kAuthority});
    views.append(events::CertificateReleased{serial("0b"), kAuthority}, kToken, rules);
    views.revoke_token("t");
    views.append(events::CertificateReleased{serial("0a"), kAuthority}, kToken, rules);
    EXPECT_EQ(views.status("0a").kind, rules < 3 ? Kind::good : Kind::held) << "by the rules of its own time";
    EXPECT_EQ(views.status("0b").kind, Kind::good) << "what was released in time stays";
    views.append(events::CertificateReleased{serial("0a"), kAuthority}, {events::Actor::Kind::control, "root"}, rules);
    EXPECT_EQ(views.status("0a").kind, Kind::good);
  }
}

TEST(EveryView, WhatTakesAwayStaysWhoeverWroteIt) {
  EveryView views;
  views.issue("0a");
  views.issue("0b");
  views.make_token("t");
  views.revoke_token("t");
  views.append(events::CertificateHeld{serial("0a"), kAuthority}, kToken);
  views.append(events::CertificateRevoked{serial("0b"), kAuthority, "superseded", "", {}}, kToken);
  EXPECT_EQ(views.status("0a").kind, Kind::held);
  EXPECT_EQ(views.status("0b").kind, Kind::revoked);
}

TEST(EveryView, AReleaseByATokenThatIsBornRevokedReleasesNothingEither) {
  EveryView views;
  views.issue("0a");
  views.make_token("t");
  views.append(events::CertificateHeld{serial("0a"), kAuthority});
  views.revoke_token("t");
  views.make_token("child", kToken);
  EXPECT_FALSE(views.token_is_live("child"));
  views.append(events::CertificateReleased{serial("0a"), kAuthority}, {events::Actor::Kind::token, "child"});
  EXPECT_EQ(views.status("0a").kind, Kind::held);
}

TEST(EveryView, ThatFacesThePublicKeepsOfATokenOnlyWhetherItLives) {
  EveryView views;
  views.make_token("t");
  for (const char* name : {"ocsp", "crl"}) {
    for (const auto& [key, value] : views.of(name).points) {
      EXPECT_EQ(value.find("name of t"), std::string::npos) << name;
      EXPECT_EQ(value.find(std::string(64, 'a')), std::string::npos) << name;
      EXPECT_EQ(value.find("administrator"), std::string::npos) << name;
    }
  }
}

TEST(EveryView, RandomHistories) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto one_of = [&](std::vector<std::string> choices) { return choices[random() % choices.size()]; };
  std::size_t held_after_release = 0;
  for (int round = 0; round < 50; ++round) {
    EveryView views;
    for (const char* hex : {"0a", "0b"}) views.issue(hex);
    for (const char* token : {"t", "u"}) views.make_token(token);
    for (int step = 0; step < 30; ++step) {
      const auto which = one_of({"0a", "0b"});
      const auto token = one_of({"t", "u", "v", "w", "x"});
      const auto rules = 1 + static_cast<unsigned>(random() % events::kRules);
      events::Actor author{events::Actor::Kind::token, token};
      if (random() % 4 == 0) author = {events::Actor::Kind::control, "root"};
      switch (random() % 12) {
        case 0: views.revoke_token(token); break;
        case 1:
        case 2: views.make_token(one_of({"v", "w", "x"}), author, rules); break;
        case 3:
          if (random() % 8 == 0) views.append(events::CertificateRevoked{serial(which), kAuthority, "superseded", "", {}}, author, rules);
          break;
        case 4:
        case 5:
        case 6: views.append(events::CertificateHeld{serial(which), kAuthority}, author, rules); break;
        default:
          views.append(events::CertificateReleased{serial(which), kAuthority}, author, rules);
          if (views.status(which).kind == Kind::held) ++held_after_release;
      }
      for (const char* hex : {"0a", "0b"}) views.status(hex);
      if (testing::Test::HasFailure()) FAIL() << "step " << step << " of round " << round;
    }
    for (const char* id : {"t", "u", "v", "w", "x"}) views.token_is_live(id);
    if (testing::Test::HasFailure()) FAIL() << "tokens of round " << round;
  }
  EXPECT_GT(held_after_release, 5U) << "the histories are too tame";
}

}  // namespace
}  // namespace quicklime::all_in_one
