#include "ca/verdict.hpp"

#include <gtest/gtest.h>

namespace quicklime::ca {
namespace {

const Instant kJudgedAt = Instant::from_seconds(1'000'000);
const SerialNumber kPredecessor = *SerialNumber::from_hex("0a");
const AuthorityId kJudging("issuing-1");

events::Event issued(std::vector<std::string> once, const std::string& body) {
  events::Event event{.id = EventId("this"),
                      .time = kJudgedAt,
                      .writer = {"w", 1},
                      .actor = {events::Actor::Kind::token, "t"},
                      .request = RequestId("r"),
                      .data = events::CertificateIssued{.authority = kJudging,
                                                        .serial = *SerialNumber::from_hex("2a"),
                                                        .certificate = {},
                                                        .profile = {},
                                                        .profile_sha256 = {},
                                                        .names = {},
                                                        .not_before = kJudgedAt,
                                                        .not_after = kJudgedAt + std::chrono::hours(1),
                                                        .key_sha256 = "key",
                                                        .service = {},
                                                        .node = {},
                                                        .renewal_challenge = {},
                                                        .revocation_key = {},
                                                        .replaces = {}}};
  for (const std::string& key : once) {
    if (key.starts_with("replaces:")) std::get<events::CertificateIssued>(event.data).replaces = kPredecessor;
  }
  event.once = std::move(once);
  event.body = body;
  return event;
}

Claim claim(const std::string& body, Instant not_after = kJudgedAt + std::chrono::hours(1)) {
  return {EventId("first"), 7, "0b", body, not_after};
}
const Before::Author kDeadToken{"token-revoked", 1, false};
Before::Predecessor good_predecessor() { return {kJudging, true, false}; }

std::string text(const Verdict& verdict) {
  if (const auto* retry = std::get_if<RetryOf>(&verdict)) return "retry of " + retry->first.first.text();
  if (const auto* refused = std::get_if<Refused>(&verdict)) return refused->error.reason;
  return "stands";
}

TEST(Verdict, TheFirstOfACommandStands) { EXPECT_EQ(text(judge(issued({"command:a"}, "body"), {.claims = {std::nullopt}})), "stands"); }

TEST(Verdict, TheSameBodyIsARetryAnotherIsAConflict) {
  EXPECT_EQ(text(judge(issued({"command:a"}, "body"), {.claims = {claim("body")}})), "retry of first");
  const Verdict conflict = judge(issued({"command:a"}, "other"), {.claims = {claim("body")}});
  EXPECT_EQ(text(conflict), "idempotency-conflict");
  EXPECT_EQ(std::get<Refused>(conflict).error.code, ErrorCode::unprocessable);
  EXPECT_EQ(std::get<Refused>(conflict).lost_to->first, EventId("first"));
}

TEST(Verdict, ARetryIsARetryWhateverChangedSince) {
  const Before before{.claims = {claim("body"), std::nullopt}, .author = kDeadToken, .key_blocked = true};
  EXPECT_EQ(text(judge(issued({"command:a", "replaces:0a"}, "body"), before)), "retry of first");
}

TEST(Verdict, RulesOneForgotACommandAtTheEndOfItsCertificate) {
  auto event = issued({"command:a"}, "body");
  EXPECT_EQ(text(judge(event, {.claims = {claim("body", kJudgedAt - Milliseconds(1))}})), "retry of first");
  event.rules = 1;
  EXPECT_EQ(text(judge(event, {.claims = {claim("body", kJudgedAt)}})), "retry of first");
  EXPECT_EQ(text(judge(event, {.claims = {claim("body", kJudgedAt - Milliseconds(1))}})), "stands");
}

TEST(Verdict, ItsOwnClaimIsNotAnothers) {
  Claim own = claim("other");
  own.first = EventId("this");
  EXPECT_EQ(text(judge(issued({"command:a"}, "body"), {.claims = {own}})), "stands");
}

TEST(Verdict, ARevokedTokenAndABlockedKeyAreForbidden) {
  const Verdict token = judge(issued({"command:a"}, "body"), {.claims = {std::nullopt}, .author = kDeadToken});
  EXPECT_EQ(text(token), "token-revoked");
  EXPECT_EQ(std::get<Refused>(token).error.code, ErrorCode::denied);
  EXPECT_FALSE(std::get<Refused>(token).lost_to);
  EXPECT_EQ(text(judge(issued({"command:a"}, "body"), {.claims = {std::nullopt}, .key_blocked = true})), "key-blocked");
}

TEST(Verdict, WhoAllowedALongerLifeAndWhoVouchedMustBeLiveFromRulesThreeOn) {
  for (const unsigned rules : {2U, 3U}) {
    events::Event event = issued({"replaces:0a"}, "body");
    event.actor = {events::Actor::Kind::certificate, "0a"};
    event.rules = rules;
    const auto with = [&](bool allowed_by_live, bool voucher_stands) {
      return judge(event, {.claims = {std::nullopt},
                           .allowed_by_live = allowed_by_live,
                           .voucher_stands = voucher_stands,
                           .predecessor = good_predecessor()});
    };
    EXPECT_EQ(text(with(true, true)), "stands");
    EXPECT_EQ(text(with(false, true)), rules < 3 ? "stands" : "token-revoked");
    EXPECT_EQ(text(with(true, false)), rules < 3 ? "stands" : "voucher-revoked");
    if (rules >= 3) {
      EXPECT_EQ(std::get<Refused>(with(false, true)).error.code, ErrorCode::denied);
      EXPECT_EQ(std::get<Refused>(with(true, false)).error.code, ErrorCode::denied);
    }
  }
}

TEST(Verdict, ADeadAuthorForbidsUnderTheRulesThatFirstAskedForHim) {
  for (const unsigned since : {1U, 2U, 3U}) {
    for (const unsigned rules : {1U, 2U, 3U}) {
      events::Event event = issued({"command:a"}, "body");
      event.rules = rules;
      const auto with = [&](bool live, bool key_blocked) {
        return text(judge(event, {.claims = {std::nullopt}, .author = Before::Author{"author-revoked", since, live, key_blocked}}));
      };
      EXPECT_EQ(with(true, false), "stands");
      EXPECT_EQ(with(false, false), rules >= since ? "author-revoked" : "stands");
      EXPECT_EQ(with(true, true), rules >= 3 ? "author-revoked" : "stands");
    }
  }
}

TEST(Verdict, WhatNamesNothingToBeFirstAtStandsOnceItIsWrittenAndIsAskedBefore) {
  const Before before{.author = kDeadToken, .key_blocked = true};
  EXPECT_EQ(text(judge(issued({}, ""), before)), "stands");
  EXPECT_EQ(text(judge_before_signing(issued({}, ""), before)), "token-revoked");
  EXPECT_EQ(text(judge_before_signing(issued({}, ""), {.key_blocked = true})), "key-blocked");
}

TEST(Verdict, ARenewalNeedsALivePredecessorOfTheSameAuthority) {
  const auto with = [](std::optional<Before::Predecessor> predecessor) {
    return text(judge(issued({"replaces:0a"}, "body"), {.claims = {std::nullopt}, .predecessor = predecessor}));
  };
  EXPECT_EQ(with(good_predecessor()), "stands");
  EXPECT_EQ(with(std::nullopt), "predecessor-unknown");
  auto predecessor = good_predecessor();
  predecessor.stands = false;
  EXPECT_EQ(with(predecessor), "predecessor-not-standing");
  predecessor = good_predecessor();
  predecessor.authority = AuthorityId("issuing-2");
  EXPECT_EQ(with(predecessor), "predecessor-of-another-authority");
  predecessor.continued = true;
  EXPECT_EQ(with(predecessor), "stands");
  predecessor = good_predecessor();
  predecessor.revoked_or_held = true;
  EXPECT_EQ(with(predecessor), "predecessor-revoked");
  predecessor = good_predecessor();
  predecessor.key_blocked = true;
  EXPECT_EQ(with(predecessor), "predecessor-key-blocked");
}

TEST(Verdict, ARenewalIsRememberedForEver) {
  const auto second = judge(issued({"replaces:0a"}, "other"),
                            {.claims = {claim("body", kJudgedAt - std::chrono::hours(1))}, .predecessor = good_predecessor()});
  EXPECT_EQ(text(second), "already-renewed") << "else a successor that may still be renewed after its expiry would have a sister";
  EXPECT_EQ(text(judge(issued({"token:t"}, "other"), {.claims = {claim("body", kJudgedAt - std::chrono::hours(1))}})), "already-used");
}

TEST(Verdict, TheSecondRenewalConflictsUnlessItIsTheSameRequest) {
  const auto second = [](const std::string& body) {
    return judge(issued({"command:b", "replaces:0a"}, body), {.claims = {std::nullopt, claim("body")}, .predecessor = good_predecessor()});
  };
  EXPECT_EQ(text(second("other")), "already-renewed");
  EXPECT_EQ(std::get<Refused>(second("other")).error.code, ErrorCode::conflict);
  EXPECT_EQ(text(second("body")), "retry of first");
}

TEST(Verdict, ASecondUseConflicts) { EXPECT_EQ(text(judge(issued({"token:t"}, "other"), {.claims = {claim("body")}})), "already-used"); }

TEST(Verdict, OtherEventsAreJudgedByTheirClaimsAlone) {
  const auto with = [](std::vector<std::string> once, Before before) {
    events::Event event = issued(std::move(once), "body");
    event.data = events::LogSealed{};
    return text(judge(event, before));
  };
  EXPECT_EQ(with({"command:a"}, {.claims = {std::nullopt}, .author = kDeadToken, .key_blocked = true}), "stands");
  EXPECT_EQ(with({"command:a"}, {.claims = {claim("body")}}), "retry of first");
  EXPECT_EQ(with({"command:a"}, {.claims = {claim("other")}}), "idempotency-conflict");
  EXPECT_EQ(with({"token:a"}, {.claims = {claim("other")}}), "already-used");
  EXPECT_EQ(with({}, {}), "stands");
}

TEST(Verdict, AReasonThatNobodyKnowsIsOurFault) {
  EXPECT_EQ(refusal("already-renewed").code, ErrorCode::conflict);
  EXPECT_EQ(refusal("because").code, ErrorCode::internal);
}

}  // namespace
}  // namespace quicklime::ca
