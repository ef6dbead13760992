#include "ca/decisions.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>

#include "access/principal.hpp"
#include "access/token.hpp"
#include "ca/authority.hpp"
#include "map_fold.hpp"

// fold_decision, judge and next_status together, against a small model that looks at the whole history for every answer.
namespace quicklime::ca {
namespace {

using test::MapFold;

SerialNumber serial(unsigned number) { return *SerialNumber::from_octets(std::string(1, static_cast<char>(number + 1))); }
Instant hour(int number) { return Instant::from_seconds(1'000'000 + number * 3600); }
const AuthorityId kAuthority("issuing-1");

// A history, written as a script.
class History {
 public:
  struct Issue {
    std::vector<std::string> once;
    std::string body = "body";
    std::string token{};  // none: by the administrator
    std::string key = "key";
    int lives = 24;
    std::optional<SerialNumber> replaces{};
    std::string allowed_by{};  // a token
    std::optional<SerialNumber> voucher{};
    std::optional<SerialNumber> author{};  // none: the token or the administrator
    std::string authority = "issuing-1";
  };

  SerialNumber issue(Issue asked) {
    const SerialNumber made = serial(next_serial_++);
    events::Actor actor =
        asked.token.empty() ? events::Actor{events::Actor::Kind::control, "root"} : events::Actor{events::Actor::Kind::token, asked.token};
    if (asked.author) actor = {events::Actor::Kind::certificate, asked.author->hex()};
    append(events::CertificateIssued{.authority = AuthorityId(asked.authority),
                                     .serial = made,
                                     .certificate = {},
                                     .profile = {},
                                     .profile_sha256 = {},
                                     .names = {},
                                     .not_before = now,
                                     .not_after = now + std::chrono::hours(asked.lives),
                                     .key_sha256 = asked.key,
                                     .service = {},
                                     .node = {},
                                     .renewal_challenge = "challenge",
                                     .revocation_key = {},
                                     .replaces = asked.replaces,
                                     .vouched_by = asked.voucher ? std::optional<std::string>("gateway") : std::nullopt,
                                     .voucher = asked.voucher,
                                     .allowed_by = asked.allowed_by.empty() ? std::nullopt : std::optional(TokenId(asked.allowed_by))},
           actor, asked.once, asked.once.empty() ? "" : asked.body);
    return made;
  }
  void revoke(const SerialNumber& which, const std::string& reason, const std::string& key = "key") {
    append(events::CertificateRevoked{which, kAuthority, reason, key, std::nullopt});
  }
  void hold(const SerialNumber& which) { append(events::CertificateHeld{which, kAuthority}); }
  void release(const SerialNumber& which, const std::string& token = {}) {
    append(events::CertificateReleased{which, kAuthority},
           token.empty() ? events::Actor{events::Actor::Kind::control, "root"} : events::Actor{events::Actor::Kind::token, token});
  }
  void make_token(const std::string& token) {
    append(events::TokenCreated{.token = TokenId(token),
                                .name = token,
                                .secret_sha256 = {},
                                .role = "requester",
                                .profiles = {},
                                .names = {},
                                .not_after = hour(1'000)});
  }
  void revoke_token(const std::string& token) { append(events::TokenRevoked{TokenId(token)}); }
  void add_authority(const std::string& id, const std::string& parent, const std::string& succeeds = {}) {
    const auto named = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional(AuthorityId(text)); };
    append(events::AuthorityAdded{AuthorityId(id), named(parent), "DER", named(succeeds)});
  }
  void block(const std::string& key) { append(events::KeyBlocked{key}); }
  void expire(Instant ended_before) { append(events::CertificatesExpired{ended_before}); }

  bool known(const SerialNumber& which) {
    const auto key = certificate_key(which);
    return fold.get(key.space, key.key).has_value();
  }
  CertificateRecord record(const SerialNumber& which) {
    const auto key = certificate_key(which);
    return *decode_certificate_record(*fold.get(key.space, key.key));
  }
  std::string standing(const SerialNumber& which) { return record(which).standing; }
  bool unanswered(const SerialNumber& which) { return fold.keys.contains(MapFold::at(kUnansweredSpace, which.hex())); }

  Instant now = hour(0);
  unsigned rules = events::kRules;  // of the events to come
  MapFold fold;
  std::vector<events::Event> events;

 private:
  void append(events::Data data, events::Actor actor = {events::Actor::Kind::control, "root"}, std::vector<std::string> once = {},
              std::string body = {}) {
    const auto offset = events.size();
    events.push_back({.id = EventId("event " + std::to_string(offset)),
                      .time = now,
                      .writer = {"w", offset + 1},
                      .actor = std::move(actor),
                      .request = RequestId("r"),
                      .once = std::move(once),
                      .body = std::move(body),
                      .data = std::move(data),
                      .rules = rules});
    access::fold_token(events.back(), fold);
    fold_authority(events.back(), fold);
    const auto folded = fold_decision(events.back(), Position{0, offset}, &access::principal_of, fold);
    EXPECT_TRUE(folded) << folded.error().detail;
  }
  unsigned next_serial_ = 0;
};

TEST(Decisions, TheFirstOfACommandStandsAndTheSecondIsItsRetry) {
  History history;
  const auto first = history.issue({.once = {"command:a"}});
  const auto second = history.issue({.once = {"command:a"}});
  const auto other = history.issue({.once = {"command:a"}, .body = "other"});
  EXPECT_EQ(history.standing(first), "stands");
  EXPECT_EQ(history.standing(second), "retry_of");
  EXPECT_EQ(history.record(second).lost_to->serial, first.hex());
  EXPECT_EQ(history.record(second).lost_to->offset, 0U);
  EXPECT_EQ(history.standing(other), "idempotency-conflict");
  EXPECT_FALSE(history.unanswered(first));
  EXPECT_TRUE(history.unanswered(second));
  EXPECT_TRUE(history.unanswered(other));
}

// issuing-1 and issuing-2 below root-1, issuing-3 below root-2 that succeeds it, issuing-4 below a root that only stands beside them.
TEST(Decisions, ARenewalCrossesToAnAuthorityThatGoesOnWithWhatTheOldOneIssued) {
  struct Case {
    std::string from, to, standing;
  };
  const Case cases[] = {{"issuing-1", "issuing-2", "stands"},
                        {"issuing-2", "issuing-1", "stands"},
                        {"issuing-1", "issuing-3", "stands"},
                        {"issuing-3", "issuing-1", "predecessor-of-another-authority"},
                        {"issuing-1", "issuing-4", "predecessor-of-another-authority"},
                        {"issuing-1", "issuing-9", "predecessor-of-another-authority"}};
  for (const auto& [from, to, standing] : cases) {
    History history;
    for (const auto& [id, parent, succeeds] : {std::array{"root-1", "", ""},
                                               {"issuing-1", "root-1", ""},
                                               {"issuing-2", "root-1", ""},
                                               {"root-2", "", "root-1"},
                                               {"issuing-3", "root-2", ""},
                                               {"root-3", "", ""},
                                               {"issuing-4", "root-3", ""}})
      history.add_authority(id, parent, succeeds);
    const auto old = history.issue({.once = {"command:a"}, .authority = from});
    const auto renewed = history.issue({.once = {"replaces:" + old.hex()}, .replaces = old, .authority = to});
    EXPECT_EQ(history.standing(renewed), standing) << from << " to " << to;
    // What was written by earlier rules is judged by those for ever.
    History before;
    before.rules = 3;
    before.add_authority("root-1", "");
    for (const char* id : {"issuing-1", "issuing-2"}) before.add_authority(id, "root-1");
    const auto then = before.issue({.once = {"command:a"}});
    EXPECT_EQ(before.standing(before.issue({.once = {"replaces:" + then.hex()}, .replaces = then, .authority = "issuing-2"})),
              "predecessor-of-another-authority");
  }
}

TEST(Decisions, WhatIsRevokedIsNoLongerWorkForTheSweep) {
  History history;
  history.issue({.once = {"command:a"}});
  const auto loser = history.issue({.once = {"command:a"}});
  history.revoke(loser, "superseded");
  EXPECT_FALSE(history.unanswered(loser));
  EXPECT_EQ(history.record(loser).status.kind, Status::Kind::revoked);
}

TEST(Decisions, ARevokedSuccessorFreesItsPredecessor) {
  History history;
  const auto old = history.issue({});
  const std::string claim = "replaces:" + old.hex();
  const auto first = history.issue({.once = {claim}, .body = "1", .replaces = old});
  const auto second = history.issue({.once = {claim}, .body = "2", .replaces = old});
  EXPECT_EQ(history.standing(second), "already-renewed");
  EXPECT_EQ(history.record(old).replaced_by, first.hex());
  history.revoke(second, "superseded");  // the sweep's: frees nothing
  EXPECT_EQ(history.record(old).replaced_by, first.hex());
  history.revoke(first, "superseded");
  EXPECT_FALSE(history.record(old).replaced_by);
  const auto third = history.issue({.once = {claim}, .body = "3", .replaces = old});
  EXPECT_EQ(history.standing(third), "stands");
  EXPECT_EQ(history.record(old).replaced_by, third.hex());
  history.revoke(first, "keyCompromise");  // a second revocation of the first successor does not free it again
  EXPECT_EQ(history.record(old).replaced_by, third.hex());
}

TEST(Decisions, KeyCompromiseBlocksTheKeyAlsoAsASecondReason) {
  History history;
  const auto certificate = history.issue({});
  history.revoke(certificate, "superseded");
  EXPECT_EQ(history.standing(history.issue({.once = {"command:a"}})), "stands");
  history.revoke(certificate, "keyCompromise");
  EXPECT_EQ(history.standing(history.issue({.once = {"command:b"}})), "key-blocked");
  EXPECT_EQ(history.standing(history.issue({.once = {"command:c"}, .key = "another"})), "stands");
}

TEST(Decisions, AKeyThatIsBlockedIsNoGroundForARenewalOfAnyCertificateWithIt) {
  for (const unsigned rules : {1U, 2U}) {
    History history;
    const auto compromised = history.issue({.once = {}, .key = "shared"});
    const auto twin = history.issue({.once = {}, .key = "shared"});
    history.revoke(compromised, "keyCompromise", "shared");
    history.rules = rules;
    const auto renewal = history.issue({.once = {"replaces:" + twin.hex()}, .key = "fresh", .replaces = twin});
    EXPECT_EQ(history.standing(renewal), rules == 1 ? "stands" : "predecessor-key-blocked") << "what was judged stays judged";
    EXPECT_EQ(history.unanswered(renewal), rules != 1);
  }
}

// One that a view which had not heard of the revocation let live longer.
TEST(Decisions, ARenewalForLongerStandsIfTheTokenThatAllowedItWasLiveAtItsOffset) {
  for (const unsigned rules : {2U, 3U}) {
    History history;
    const auto old = history.issue({}), other = history.issue({});
    history.make_token("administrator");
    history.rules = rules;
    const auto in_time = history.issue({.once = {"replaces:" + old.hex()}, .replaces = old, .allowed_by = "administrator"});
    history.revoke_token("administrator");
    const auto late = history.issue({.once = {"replaces:" + other.hex()}, .replaces = other, .allowed_by = "administrator"});
    EXPECT_EQ(history.standing(in_time), "stands");
    EXPECT_EQ(history.standing(late), rules == 2 ? "stands" : "token-revoked");
    EXPECT_EQ(history.unanswered(late), rules == 3) << "work for the sweep";
    if (rules == 2) continue;
    EXPECT_FALSE(history.record(other).replaced_by);
    EXPECT_EQ(history.standing(history.issue({.once = {"replaces:" + other.hex()}, .replaces = other})), "stands") << "its holder may";
  }
}

TEST(Decisions, ARenewalThatAGatewayVouchedForStandsIfTheGatewayWasGoodAtItsOffset) {
  for (const unsigned rules : {2U, 3U}) {
    for (const char* taken_back : {"held", "revoked", "by its key"}) {
      History history;
      const auto twin = history.issue({.once = {}, .key = "gateway"});
      const auto gateway = history.issue({.once = {}, .key = "gateway"}), old = history.issue({}), other = history.issue({});
      history.rules = rules;
      const auto in_time = history.issue({.once = {"replaces:" + old.hex()}, .replaces = old, .voucher = gateway});
      const std::string how = taken_back;
      if (how == "held") {
        history.hold(gateway);
      } else {
        history.revoke(how == "revoked" ? gateway : twin, how == "revoked" ? "superseded" : "keyCompromise", "gateway");
      }
      const auto late = history.issue({.once = {"replaces:" + other.hex()}, .replaces = other, .voucher = gateway});
      EXPECT_EQ(history.standing(in_time), "stands");
      EXPECT_EQ(history.standing(late), rules == 2 ? "stands" : "voucher-revoked") << how;
    }
  }
}

// A process shows the certificate that it has and asks for the next: its key was stolen, and a twin of it was revoked for that.
TEST(Decisions, ACertificateWhoseKeyIsBlockedIsNoAuthor) {
  for (const unsigned rules : {2U, 3U}) {
    History history;
    const auto compromised = history.issue({.once = {}, .key = "shared"});
    const auto twin = history.issue({.once = {}, .key = "shared"});
    history.rules = rules;
    const auto before = history.issue({.once = {"command:before"}, .key = "fresh", .author = twin});
    EXPECT_EQ(history.standing(before), "stands");
    history.revoke(compromised, "keyCompromise", "shared");
    const auto after = history.issue({.once = {"command:after"}, .key = "fresh", .author = twin});
    EXPECT_EQ(history.standing(after), rules == 2 ? "stands" : "author-revoked");
    EXPECT_EQ(history.unanswered(after), rules == 3) << "the sweep revokes it";
    EXPECT_EQ(history.standing(before), "stands");
  }
}

TEST(Decisions, ACommandIsRememberedUntilItsCertificateIsForgottenWhateverTheTimeOfAnEvent) {
  for (const unsigned rules : {1U, 2U}) {
    History history;
    history.rules = rules;
    history.issue({.once = {"command:a"}, .lives = 1});
    history.now = hour(100);  // a clock ahead, or a long time
    const auto again = history.issue({.once = {"command:a"}, .lives = 1});
    EXPECT_EQ(history.standing(again), rules == 1 ? "stands" : "retry_of");
  }
}

TEST(Decisions, WhatEndedBeyondDoubtLeavesWithItsClaims) {
  History history;
  const auto old = history.issue({.once = {"command:a"}, .lives = 1});
  const auto lost = history.issue({.once = {"command:a"}, .lives = 1});
  const auto renewed = history.issue({.once = {"command:r", "replaces:" + old.hex()}, .lives = 24 * 30, .replaces = old});
  history.block("bad");
  history.now = hour(24 * 10);
  history.expire(hour(24 * 3));
  EXPECT_FALSE(history.known(old));
  EXPECT_FALSE(history.known(lost));
  EXPECT_FALSE(history.unanswered(lost));
  EXPECT_EQ(history.standing(renewed), "stands");
  EXPECT_FALSE(history.fold.get("claim", "command:a"));
  EXPECT_FALSE(history.fold.get("claim", "replaces:" + old.hex()));
  EXPECT_TRUE(history.fold.get("claim", "command:r"));
  EXPECT_TRUE(history.fold.get("blocked_key", "bad")) << "a compromise is for ever";
  EXPECT_EQ(history.standing(history.issue({.once = {"command:a"}})), "stands");
  EXPECT_EQ(history.standing(history.issue({.once = {"replaces:" + old.hex()}, .replaces = old})), "predecessor-unknown");
}

TEST(Decisions, ALaterHolderOfACommandKeepsIt) {
  History history;
  history.rules = 1;
  history.issue({.once = {"command:a"}, .lives = 1});
  history.now = hour(50);
  const auto later = history.issue({.once = {"command:a"}, .lives = 24 * 30});  // rules 1 had forgotten the first
  history.rules = 2;
  history.expire(hour(49));
  EXPECT_TRUE(history.known(later));
  EXPECT_EQ(history.standing(history.issue({.once = {"command:a"}})), "retry_of");
}

TEST(Decisions, ASerialIssuedTwiceIsALogThatCannotBe) {
  History history;
  history.issue({});
  const auto again = fold_decision(history.events[0], Position{0, 9}, &access::principal_of, history.fold);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().reason, "log-contradiction");
  EXPECT_TRUE(fold_decision(history.events[0], Position{0, 0}, &access::principal_of, history.fold)) << "folded again after a crash";
}

TEST(Decisions, RevocationsOfForeignSerialsChangeNothing) {
  History history;
  history.revoke(serial(77), "superseded");
  EXPECT_FALSE(history.fold.get("certificate", serial(77).hex()));
}

TEST(Decisions, RecordsGoThereAndBack) {
  CertificateRecord record{.offset = 7,
                           .authority = kAuthority,
                           .key_sha256 = "k",
                           .not_before = hour(0),
                           .not_after = hour(1),
                           .status = {Status::Kind::held, pki::RevocationReason::certificate_hold, hour(0)},
                           .renewal_challenge = "c",
                           .replaces = "01",
                           .replaced_by = "02",
                           .standing = "retry_of",
                           .lost_to = Claim{EventId("e"), 1, "03", "b", hour(2)},
                           .commands = {"command:a"}};
  const auto again = decode_certificate_record(encode(record));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->offset, 7U);
  EXPECT_EQ(again->status, record.status);
  EXPECT_EQ(again->replaces, "01");
  EXPECT_EQ(again->replaced_by, "02");
  EXPECT_EQ(again->lost_to, record.lost_to);
  EXPECT_EQ(again->commands, record.commands);
  for (const char* bad : {"", "{}", "[]", "{\"offset\":\"x\"}"}) {
    EXPECT_FALSE(decode_certificate_record(bad)) << bad;
    EXPECT_FALSE(decode_claim(bad)) << bad;
  }
  EXPECT_FALSE(decode_claim(std::nullopt)->has_value());
}

TEST(Decisions, EverythingTheFoldJudgesByIsNamedBeforehand) {
  History history;
  const auto old = history.issue({});
  history.issue({.once = {"command:a", "replaces:" + old.hex()}, .token = "t", .replaces = old});
  const auto keys = judged_by(history.events.back(), &access::principal_of);
  const std::vector<views::PointKey> expected = {
      blocked_key_key("key"), claim_key("command:a"), claim_key("replaces:" + old.hex()), certificate_key(old), {"token", "t"}};
  EXPECT_EQ(keys, expected);
  history.issue({.once = {"replaces:" + old.hex()}, .replaces = old, .allowed_by = "u", .voucher = serial(7)});
  const std::vector<views::PointKey> of_others = {blocked_key_key("key"), claim_key("replaces:" + old.hex()), certificate_key(old),
                                                  access::token_key(TokenId("u")), certificate_key(serial(7))};
  EXPECT_EQ(judged_by(history.events.back(), &access::principal_of), of_others);
  history.block("x");
  EXPECT_TRUE(judged_by(history.events.back(), &access::principal_of).empty());
}

// ---- the model: every question is answered from the whole history before the event.
class Model {
 public:
  explicit Model(const std::vector<events::Event>& events) : events_(events) {}

  std::string standing(std::size_t at) const {
    const auto& event = events_[at];
    const auto& issued = std::get<events::CertificateIssued>(event.data);
    if (event.once.empty()) return "stands";
    for (const auto& key : event.once) {
      if (const auto first = key.starts_with("command:") ? holder(key, at) : std::nullopt) {
        return events_[*first].body == event.body ? "retry_of" : "idempotency-conflict";
      }
    }
    if (event.actor.kind == events::Actor::Kind::token && !token_is_live(event.actor.id, at)) return "token-revoked";
    if (event.actor.kind == events::Actor::Kind::certificate && !issued.replaces) {
      const auto author = *SerialNumber::from_hex(event.actor.id);
      if (event.rules >= 2 && !is_good(author, at)) return "author-revoked";
      if (event.rules >= 3 && its_key_is_blocked(author, at)) return "author-revoked";
    }
    if (event.rules >= 3 && issued.allowed_by && !token_is_live(issued.allowed_by->text(), at)) return "token-revoked";
    if (event.rules >= 3 && issued.voucher && (!is_good(*issued.voucher, at) || its_key_is_blocked(*issued.voucher, at)))
      return "voucher-revoked";
    if (key_is_blocked(issued.key_sha256, at)) return "key-blocked";
    for (const auto& key : event.once) {
      if (const auto first = holder(key, at)) return events_[*first].body == event.body ? "retry_of" : "already-renewed";
    }
    if (!issued.replaces) return "stands";
    const auto predecessor = issue_of(*issued.replaces, at);
    if (!predecessor) return "predecessor-unknown";
    if (standing(*predecessor) != "stands") return "predecessor-not-standing";
    if (status(*issued.replaces, at) != "good") return "predecessor-revoked";
    const auto& replaced = std::get<events::CertificateIssued>(events_[*predecessor].data);
    if (event.rules >= 2 && key_is_blocked(replaced.key_sha256, at)) return "predecessor-key-blocked";
    return "stands";
  }

  std::string status(const SerialNumber& serial, std::size_t before) const {
    if (first<events::CertificateRevoked>(before, [&](const auto& data) { return data.serial == serial; })) return "revoked";
    bool held = false;
    for (std::size_t i = 0; i < before; ++i) {
      if (const auto* hold = std::get_if<events::CertificateHeld>(&events_[i].data)) held = held || hold->serial == serial;
      const auto* release = std::get_if<events::CertificateReleased>(&events_[i].data);
      if (!release || release->serial != serial) continue;
      const bool dead =
          events_[i].rules >= 3 && events_[i].actor.kind == events::Actor::Kind::token && !token_is_live(events_[i].actor.id, i);
      held = held && dead;
    }
    return held ? "held" : "good";
  }

 private:
  bool is_good(const SerialNumber& serial, std::size_t before) const {
    const auto issue = issue_of(serial, before);
    return issue && standing(*issue) == "stands" && status(serial, before) == "good";
  }
  bool its_key_is_blocked(const SerialNumber& serial, std::size_t before) const {
    const auto issue = issue_of(serial, before);
    return issue && key_is_blocked(std::get<events::CertificateIssued>(events_[*issue].data).key_sha256, before);
  }
  template <class Data, class Matches>
  std::optional<std::size_t> first(std::size_t before, Matches matches) const {
    for (std::size_t i = 0; i < before; ++i) {
      const auto* data = std::get_if<Data>(&events_[i].data);
      if (data && matches(*data)) return i;
    }
    return std::nullopt;
  }
  std::optional<std::size_t> issue_of(const SerialNumber& serial, std::size_t before) const {
    return first<events::CertificateIssued>(before, [&](const auto& data) { return data.serial == serial; });
  }
  // The last that stands, unless its certificate has expired (a command, under rules 1) or was revoked (a renewal).
  std::optional<std::size_t> holder(const std::string& key, std::size_t before) const {
    for (std::size_t i = before; i-- > 0;) {
      const auto* issued = std::get_if<events::CertificateIssued>(&events_[i].data);
      if (!issued || std::find(events_[i].once.begin(), events_[i].once.end(), key) == events_[i].once.end()) continue;
      if (standing(i) != "stands") continue;
      const bool forgets = events_[before].rules == 1;
      if (forgets && key.starts_with("command:") && issued->not_after < events_[before].time) return std::nullopt;
      if (key.starts_with("replaces:") && status(issued->serial, before) == "revoked") return std::nullopt;
      return i;
    }
    return std::nullopt;
  }
  bool token_is_live(const std::string& token, std::size_t before) const {
    return first<events::TokenCreated>(before, [&](const auto& data) { return data.token.text() == token; }) &&
           !revoked_after_creation(token, before);
  }
  bool revoked_after_creation(const std::string& token, std::size_t before) const {
    const auto created = first<events::TokenCreated>(before, [&](const auto& data) { return data.token.text() == token; });
    for (std::size_t i = *created; i < before; ++i) {
      const auto* revoked = std::get_if<events::TokenRevoked>(&events_[i].data);
      if (revoked && revoked->token.text() == token) return true;
    }
    return false;
  }
  bool key_is_blocked(const std::string& key, std::size_t before) const {
    return first<events::KeyBlocked>(before, [&](const auto& data) { return data.key_sha256 == key; }) ||
           first<events::CertificateRevoked>(before,
                                             [&](const auto& data) { return data.key_sha256 == key && data.reason == "keyCompromise"; });
  }

  const std::vector<events::Event>& events_;
};

class Commands {
 public:
  explicit Commands(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t bound) { return random_() % bound; }
  std::string one_of(std::initializer_list<const char*> choices) {
    return *(choices.begin() + static_cast<std::ptrdiff_t>(below(choices.size())));
  }

  void one(History& history, std::vector<SerialNumber>& made) {
    history.now = history.now + std::chrono::minutes(below(120));
    const auto any = [&] { return made.empty() ? serial(200) : made[below(made.size())]; };
    switch (below(12)) {
      case 0: history.make_token(one_of({"t", "u"})); break;
      case 1: history.revoke_token(one_of({"t", "u"})); break;
      case 2: history.revoke(any(), one_of({"superseded", "unspecified", "keyCompromise"}), one_of({"k", "l", "m"})); break;
      case 3: history.hold(any()); break;
      case 4: history.release(any(), one_of({"", "t", "u"})); break;
      case 5:
        if (below(4) == 0) history.block(one_of({"k", "l", "m"}));
        break;
      default: {
        History::Issue asked{.once = {},
                             .body = one_of({"1", "2"}),
                             .token = one_of({"", "", "t", "u"}),
                             .key = one_of({"k", "l", "m", "n"}),
                             .lives = static_cast<int>(below(30))};
        if (below(2) == 0) asked.once.push_back("command:" + one_of({"a", "b", "c"}));
        if (below(2) == 0) {
          asked.replaces = any();
          asked.once.push_back("replaces:" + asked.replaces->hex());
          asked.allowed_by = one_of({"", "", "t", "u"});
          if (below(3) == 0) asked.voucher = any();
        } else if (below(4) == 0) {
          asked.author = any();
        }
        made.push_back(history.issue(asked));
      }
    }
  }

 private:
  std::mt19937 random_;
};

TEST(DecisionsModel, RandomHistories) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Commands commands(seed);
  std::map<std::string, int> seen;
  for (int round = 0; round < 150; ++round) {
    History history;
    std::vector<SerialNumber> made;
    // A log is begun under old rules and goes on under new ones.
    const auto new_rules_from = static_cast<int>(commands.below(60)) - 10;
    for (int i = 0; i < 40; ++i) {
      history.rules = i < new_rules_from ? 1 + static_cast<unsigned>(commands.below(2)) : events::kRules;
      commands.one(history, made);
    }
    const Model model(history.events);
    for (std::size_t at = 0; at < history.events.size(); ++at) {
      const auto* issued = std::get_if<events::CertificateIssued>(&history.events[at].data);
      if (!issued) continue;
      const auto record = history.record(issued->serial);
      const std::string expected = model.standing(at);
      ASSERT_EQ(record.standing, expected) << "event " << at << " of round " << round;
      ++seen[expected];
      const std::string status = model.status(issued->serial, history.events.size());
      const char* names[] = {"good", "held", "revoked"};
      ASSERT_EQ(names[static_cast<int>(record.status.kind)], status) << "event " << at << " of round " << round;
      ASSERT_EQ(history.unanswered(issued->serial), expected != "stands" && status != "revoked");
    }
  }
  for (const char* verdict :
       {"stands", "retry_of", "idempotency-conflict", "token-revoked", "author-revoked", "voucher-revoked", "key-blocked",
        "already-renewed", "predecessor-unknown", "predecessor-not-standing", "predecessor-revoked", "predecessor-key-blocked"}) {
    EXPECT_GT(seen[verdict], 0) << verdict << " never came up: the histories are too tame";
  }
}

}  // namespace
}  // namespace quicklime::ca
