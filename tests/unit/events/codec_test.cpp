#include "events/codec.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "examples.hpp"
#include "support/event_schema.hpp"

namespace quicklime::events {
namespace {

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what << " is not in " << text;
  return at == std::string::npos ? text : text.replace(at, what.size(), with);
}

std::string held() {
  for (const auto& [name, event] : test::examples()) {
    if (std::holds_alternative<CertificateHeld>(event.data)) return encode(event);
  }
  return {};
}

const Event& issued() {
  static const auto examples = test::examples();
  for (const auto& [name, event] : examples) {
    if (std::holds_alternative<CertificateIssued>(event.data)) return event;
  }
  throw std::logic_error("no example of certificate.issued");
}

TEST(Codec, FieldsKeepTheirMeaning) {
  const Event before = issued();
  const auto after = decode(encode(before));
  ASSERT_TRUE(after);
  EXPECT_EQ(after->id, before.id);
  EXPECT_EQ(after->time, before.time);
  EXPECT_EQ(after->writer, before.writer);
  EXPECT_EQ(after->actor, before.actor);
  EXPECT_EQ(after->request, before.request);
  EXPECT_EQ(after->once, before.once);
  EXPECT_EQ(after->body, before.body);
  EXPECT_EQ(after->subject, before.subject);
  const auto &left = std::get<CertificateIssued>(before.data), &right = std::get<CertificateIssued>(after->data);
  EXPECT_EQ(left.authority, right.authority);
  EXPECT_EQ(left.serial, right.serial);
  EXPECT_EQ(left.certificate, right.certificate);
  EXPECT_EQ(left.names, right.names);
  EXPECT_EQ(left.not_before, right.not_before);
  EXPECT_EQ(left.not_after, right.not_after);
  EXPECT_EQ(left.service, right.service);
  EXPECT_EQ(left.replaces, right.replaces);
}

TEST(Codec, OneLineOfJsonInTheOrderOfTheEnvelope) {
  EXPECT_EQ(
      held(),
      R"({"schema":"certificate.held/1-0-0","id":"019a8e2b-7c40-7abc-8def-0123456789ab","time":"2026-11-21T01:02:03.456Z",)"
      R"("writer":"6f1c9d2e/7","actor":{"kind":"control","id":"root"},"request":"b7c1d2e3f4",)"
      R"("subject":"39dd0a5e6f708192a3b4c5d6e7f80912","data":{"serial":"39dd0a5e6f708192a3b4c5d6e7f80912","authority":"issuing-1"}})");
}

TEST(Codec, UnknownAdditionsAreIgnored) {
  const auto event = decode(replaced(replaced(held(), "1-0-0", "1-0-4"), R"("data":{)", R"("added":1,"data":{"more":[1],)"));
  ASSERT_TRUE(event) << event.error().detail;
  EXPECT_TRUE(std::holds_alternative<CertificateHeld>(event->data));
}

TEST(Codec, AnUnknownTypeOrModelStopsUnlessIgnorable) {
  for (const auto& bytes :
       {replaced(held(), "certificate.held/1", "certificate.held/2"), replaced(held(), "certificate.held", "certificate.lent")}) {
    const auto event = decode(bytes);
    ASSERT_FALSE(event);
    EXPECT_EQ(event.error().reason, "event-unknown");
    const auto ignorable = decode(replaced(bytes, R"("id":)", R"("ignorable":true,"id":)"));
    ASSERT_TRUE(ignorable);
    EXPECT_TRUE(std::holds_alternative<Ignored>(ignorable->data));
    EXPECT_TRUE(type_name(ignorable->data).starts_with("certificate."));
  }
}

TEST(Codec, AnEventSaysByWhichRulesItWasJudged) {
  Event event = issued();
  event.rules = 1;
  EXPECT_EQ(decode(encode(event))->rules, 1U) << "without a number: as it began";
  EXPECT_EQ(encode(event).find("rules"), std::string::npos);
  event.rules = kRules;
  EXPECT_EQ(decode(encode(event))->rules, kRules);
  const std::string newest = encode(event);
  const auto unknown = decode(replaced(newest, R"("rules":)" + std::to_string(kRules), R"("rules":)" + std::to_string(kRules + 1)));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().reason, "event-unknown") << "a projector that guessed would fold something else";
  for (const char* number : {"0", "-1", "1.5", R"("2")", "4294967298"}) {
    EXPECT_FALSE(decode(replaced(newest, R"("rules":)" + std::to_string(kRules), std::string(R"("rules":)") + number))) << number;
  }
}

TEST(Codec, AnActorOfAKindThatIsNotKnownStopsTheReader) {
  const std::string theirs = replaced(held(), R"("kind":"control")", R"("kind":"oracle")");
  const auto decoded = decode(theirs);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().reason, "event-unknown");
  EXPECT_NE(decoded.error().detail.find("oracle"), std::string::npos) << decoded.error().detail;
}

TEST(Codec, WhomAFrontEndActedForAndTheTraceAreKept) {
  Event event = issued();
  EXPECT_EQ(encode(event).find("on_behalf_of"), std::string::npos);
  EXPECT_EQ(encode(event).find("traceparent"), std::string::npos);
  event.on_behalf_of = "acme:account/17";
  event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const std::string json = encode(event);
  EXPECT_TRUE(quicklime::test::validate_event(json));
  const auto decoded = decode(json);
  ASSERT_TRUE(decoded) << decoded.error().detail;
  EXPECT_EQ(decoded->on_behalf_of, event.on_behalf_of);
  EXPECT_EQ(decoded->traceparent, event.traceparent);
}

TEST(Codec, WhatIsNotOursIsUndecodable) {
  const std::string good = held();
  const std::string serial = R"("serial":"39dd0a5e6f708192a3b4c5d6e7f80912")";
  const std::vector<std::string> bad = {
      "",
      "{",
      "[]",
      "null",
      good.substr(0, good.size() - 1),
      good + "x",
      replaced(good, R"("id":)", R"("no":)"),
      replaced(good, "certificate.held/1-0-0", "certificate.held"),
      replaced(good, "certificate.held/1-0-0", "certificate.held/1-0"),
      replaced(good, "certificate.held/1-0-0", "certificate.held/1-x-0"),
      replaced(good, "certificate.held/1-0-0", "/1-0-0"),
      replaced(good, "2026-11-21T01:02:03.456Z", "yesterday"),
      replaced(good, "6f1c9d2e/7", "6f1c9d2e"),
      replaced(good, "6f1c9d2e/7", "6f1c9d2e/-7"),
      replaced(good, "6f1c9d2e/7", "/7"),
      replaced(good, R"("kind":"control")", R"("kind":1)"),
      replaced(good, serial, R"("serial":"")"),
      replaced(good, serial, R"("serial":17)"),
      replaced(good, serial + ",", ""),
      replaced(good, R"("data":{)", R"("data":[{)").replace(good.size(), 1, "]}"),
  };
  for (const auto& bytes : bad) {
    const auto event = decode(bytes);
    ASSERT_FALSE(event) << bytes;
    EXPECT_EQ(event.error().code, ErrorCode::verification_failed) << bytes;
    EXPECT_EQ(event.error().reason, "event-undecodable") << bytes;
  }
}

TEST(Codec, NegativeAndFractionalCountsAreUndecodable) {
  for (const auto& [name, event] : test::examples()) {
    if (!std::holds_alternative<LogRestored>(event.data)) continue;
    for (const char* count : {R"("epoch":-1)", R"("epoch":1.5)", R"("epoch":"1")"}) {
      EXPECT_FALSE(decode(replaced(encode(event), R"("epoch":1)", count))) << count;
    }
  }
}

TEST(Codec, BytesThatAreNotUtf8AreShownAndNeverFail) {
  Event event = issued();
  event.data = RequestDenied{"POST /", "name-malformed", std::string("\xff\x00z", 3), 1};
  const auto again = decode(encode(event));
  ASSERT_TRUE(again);
  EXPECT_EQ(std::get<RequestDenied>(again->data).detail, std::string("\xef\xbf\xbd\x00z", 5));
}

// The validator itself must be able to say no.
TEST(Schemas, RefuseWhatTheyShould) {
  const std::string good = held();
  EXPECT_TRUE(quicklime::test::validate_event(good));
  EXPECT_FALSE(quicklime::test::validate_event(replaced(good, R"("data":{)", R"("data":{"more":1,)")));
  EXPECT_FALSE(quicklime::test::validate_event(replaced(good, R"("id":)", R"("more":1,"id":)")));
  EXPECT_FALSE(quicklime::test::validate_event(replaced(good, R"("serial":"39)", R"("serial":"XX)")));
  EXPECT_FALSE(quicklime::test::validate_event(replaced(good, R"("kind":"control")", R"("kind":"nobody")")));
  EXPECT_FALSE(quicklime::test::validate_event(replaced(good, "certificate.held", "certificate.lent")));
  EXPECT_FALSE(quicklime::test::validate_event("{}"));
}

}  // namespace
}  // namespace quicklime::events
