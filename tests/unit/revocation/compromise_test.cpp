// A compromised key: what else falls with it, who may say so, and what the key itself can still say.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ca/authority.hpp"
#include "ca/key_proof.hpp"
#include "revocation/change.hpp"
#include "revocation/orders.hpp"
#include "revocation/service.hpp"
#include "support/role_fixture.hpp"
#include "support/watched_store.hpp"

namespace quicklime::revocation {
namespace {

using test::Answer;
using test::Json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

using Serials = std::vector<std::string>;
Serials serials(const Json& list) { return list.get<Serials>(); }

// A certificate with its key; who issued it is no matter here.
const ca::NewAuthority& holder() {
  static const ca::NewAuthority made =
      *ca::make_root({.organization = "Holder", .public_url = "http://ca.test"}, *Instant::parse("2026-11-21T12:00:00Z"));
  return made;
}

class Compromise : public ::testing::Test {
 protected:
  Compromise() : role(projection()) {
    role.serve([this](api::ServiceContext context) { return make_service(context, keys); });
  }

  struct Of {
    std::string key_name = "stolen";
    std::string replaces{};
    std::string not_after = "2027-02-19T12:00:00Z";
  };
  events::CertificateIssued certificate(const std::string& serial, const Of& of) {
    auto issued = test::an_issued(serial);
    issued.certificate = holder().certificate.der();
    issued.key_sha256 = hex_encode(crypto::view(crypto::sha256(of.key_name)));
    issued.not_after = *Instant::parse(of.not_after);
    if (!of.replaces.empty()) issued.replaces = *SerialNumber::from_hex(of.replaces);
    return issued;
  }
  void given(const std::string& serial, const Of& of) { role.given(certificate(serial, of)); }
  void given_revoked(const std::string& serial, const std::string& reason = "superseded") {
    role.given(
        events::CertificateRevoked{*SerialNumber::from_hex(serial), AuthorityId("issuing-1"), reason, std::string(64, '0'), std::nullopt});
  }
  // 0a with twins of every kind; what was renewed from it and from them; and strangers to it all.
  void given_a_family() {
    given("0a", {});
    given("0b", {});
    given("0c", {});
    given_revoked("0c");
    given("0d", {.not_after = "2026-11-21T12:00:30Z"});
    given("0e", {});
    role.given(events::CertificateHeld{*SerialNumber::from_hex("0e"), AuthorityId("issuing-1")});
    given("1a", {.key_name = "new 1", .replaces = "0a"});
    given("2a", {.key_name = "new 2", .replaces = "1a"});
    given("3a", {.key_name = "new 3", .replaces = "2a"});
    given_revoked("2a");
    given("1c", {.key_name = "new 4", .replaces = "0c"});
    given("77", {.key_name = "a stranger's"});
    given("78", {.key_name = "a stranger's next", .replaces = "77"});
    role.advance(Seconds(60));
  }

  Answer revoke(const std::string& serial, const Json& body) {
    return role.post("/v1/certificates/" + serial + "/revoke").as_administrator().json(body).send();
  }
  Answer prove(const std::string& serial, const std::string& reason, const Json& more = Json::object(), const std::string& says = "") {
    const auto order = order_for(says.empty() ? reason : says);
    Json body = more;
    body["reason"] = reason;
    body["signature"] = base64_encode(*holder().key.sign(ca::revocation_proof_text(*SerialNumber::from_hex(serial), order->reason)));
    return role.post("/v1/certificates/" + serial + "/revoke").json(body).send();
  }
  Serials revoked() {
    Serials all;
    for (const auto& event : role.written_of<events::CertificateRevoked>()) all.push_back(event.serial.hex());
    return all;
  }

  ca::RevocationKeys keys = ca::RevocationKey(Secret(std::string(32, 'k')));
  test::Role role;
  ca::OnceKeys once_keys;
};

TEST_F(Compromise, names_the_live_twins_of_the_key_and_every_live_successor) {
  given_a_family();
  const auto by_secret =
      role.post("/v1/certificates/0a/revoke")
          .json({{"secret", std::string(keys.current().secret_for(*SerialNumber::from_hex("0a")).reveal())}, {"reason", "keyCompromise"}})
          .send();
  ASSERT_EQ(by_secret.status, 200u) << by_secret.body;
  EXPECT_THAT(serials(by_secret.json()["same_key"]), UnorderedElementsAre("0b", "0d", "0e"))
      << "0d has ended by this clock, which may be ahead";
  EXPECT_THAT(serials(by_secret.json()["successors"]), UnorderedElementsAre("1a", "3a", "1c")) << "past one that is revoked, too";
  EXPECT_EQ(by_secret.json()["more"], false);
  EXPECT_FALSE(by_secret.json().contains("also"));
  const auto again = revoke("0a", {{"reason", "keyCompromise"}});
  EXPECT_EQ(again.json()["same_key"], by_secret.json()["same_key"]) << "asked again, too";
  const auto many = role.post("/v1/revocations").as_administrator().json({{"serials", {"0a", "0b"}}, {"reason", "keyCompromise"}}).send();
  EXPECT_THAT(serials(many.json()["same_key"]), UnorderedElementsAre("0d", "0e"));
}

TEST_F(Compromise, other_reasons_say_nothing_of_others) {
  given_a_family();
  const auto answer = revoke("0a", {{"reason", "superseded"}});
  for (const char* member : {"same_key", "successors", "more", "also"}) EXPECT_FALSE(answer.json().contains(member)) << member;
}

TEST_F(Compromise, an_administrator_takes_all_of_them_back_in_one_command) {
  given_a_family();
  const auto answer = revoke("0a", {{"reason", "keyCompromise"}, {"same_key", true}, {"with_successors", true}});
  ASSERT_EQ(answer.status, 200u) << answer.body;
  EXPECT_EQ(answer.json()["serial"], "0a");
  Serials also;
  const Json json = answer.json();
  for (const auto& one : json["also"]) {
    also.push_back(one["serial"]);
    EXPECT_EQ(one["status"], "revoked");
    EXPECT_EQ(one["reason"], "keyCompromise");
    EXPECT_TRUE(one.contains("revoked_at"));
  }
  EXPECT_THAT(also, UnorderedElementsAre("0b", "0d", "0e", "1a", "3a", "1c"));
  EXPECT_THAT(serials(answer.json()["same_key"]), IsEmpty());
  EXPECT_THAT(serials(answer.json()["successors"]), IsEmpty());
  EXPECT_THAT(revoked(), UnorderedElementsAre("0c", "2a", "0a", "0b", "0d", "0e", "1a", "3a", "1c"));
  const std::size_t length = role.log_length();
  const auto again = revoke("0a", {{"reason", "keyCompromise"}, {"same_key", true}, {"with_successors", true}});
  EXPECT_EQ(again.status, 200u);
  EXPECT_EQ(role.log_length(), length);
}

TEST_F(Compromise, each_member_reaches_as_far_as_it_says) {
  given_a_family();
  const auto successors = role.post("/v1/revocations")
                              .as_administrator()
                              .json({{"serials", {"0a"}}, {"reason", "keyCompromise"}, {"with_successors", true}})
                              .send();
  ASSERT_EQ(successors.status, 200u) << successors.body;
  Serials done;
  const Json json = successors.json();
  for (const auto& one : json["revocations"]) done.push_back(one["serial"]);
  EXPECT_THAT(done, ElementsAre("0a", "1a", "3a"));
  EXPECT_THAT(serials(successors.json()["same_key"]), UnorderedElementsAre("0b", "0d", "0e"));
  EXPECT_THAT(serials(successors.json()["successors"]), ElementsAre("1c"));
  const auto twins = revoke("0a", {{"reason", "keyCompromise"}, {"same_key", true}});
  EXPECT_EQ(twins.json()["also"].size(), 3u);
  EXPECT_THAT(serials(twins.json()["successors"]), ElementsAre("1c"));
  EXPECT_EQ(revoke("0a", {{"same_key", "yes"}}).reason(), "member-kind");
}

TEST_F(Compromise, a_chain_goes_on_past_what_the_view_has_forgotten) {
  given("0a", {});
  given("0b", {.not_after = "2026-11-22T12:00:00Z"});
  given("1a", {.key_name = "new 1", .replaces = "0a", .not_after = "2026-11-22T12:00:00Z"});
  given("2a", {.key_name = "new 2", .replaces = "1a", .not_after = "2026-11-22T13:00:00Z"});
  given("3a", {.key_name = "new 3", .replaces = "2a"});
  role.given(events::CertificatesExpired{*Instant::parse("2026-11-24T00:00:00Z")});
  EXPECT_EQ(revoke("2a", Json::object()).reason(), "certificate-unknown");
  given("4a", {.key_name = "new 4", .replaces = "3a"});
  role.advance(Seconds(1));
  const auto answer = revoke("0a", {{"reason", "keyCompromise"}, {"same_key", true}, {"with_successors", true}});
  ASSERT_EQ(answer.status, 200u) << answer.body;
  EXPECT_THAT(revoked(), UnorderedElementsAre("0a", "3a", "4a"));
  EXPECT_EQ(answer.json()["more"], false);
}

TEST_F(Compromise, a_renewal_that_was_first_is_found_after_the_revocation) {
  given("0a", {});
  role.advance(Seconds(1));
  role.let_the_view_age(Seconds(0));
  // A thief's, in the log before the revocation, and not in the view yet.
  auto draft = eventlog::Draft{.actor = {events::Actor::Kind::certificate, "0a"},
                               .cause = {RequestId("given")},
                               .data = certificate("1a", {.key_name = "thief's", .replaces = "0a"})};
  ASSERT_TRUE(async::run_to_end(role.writer().append(std::move(draft))));
  std::thread later([this] {
    std::this_thread::sleep_for(Milliseconds(50));
    role.let_the_view_go_on();
  });
  const auto answer = role.post("/v1/certificates/0a/revoke")
                          .as_administrator()
                          .header("Prefer", "wait=10")
                          .json({{"reason", "keyCompromise"}, {"with_successors", true}})
                          .send();
  later.join();
  ASSERT_EQ(answer.status, 200u) << answer.body;
  EXPECT_THAT(revoked(), ElementsAre("0a", "1a"));
  EXPECT_EQ(answer.json()["also"][0]["serial"], "1a");
}

TEST_F(Compromise, a_view_that_lags_says_that_there_may_be_more) {
  given("0a", {});
  role.advance(Seconds(1));
  role.let_the_view_age(Seconds(0));
  const auto answer = revoke("0a", {{"reason", "keyCompromise"}});
  ASSERT_EQ(answer.status, 200u) << answer.body;
  EXPECT_EQ(answer.json()["more"], true);
}

TEST_F(Compromise, renewing_and_revoking_in_turn_makes_no_record_longer_and_hides_nothing) {
  given("0a", {});
  const auto successors = [this](const std::string& serial) {
    const std::vector<SerialNumber> of{*SerialNumber::from_hex(serial)};
    return async::run_to_end(find(role.context().view, of))->records.front()->successors;
  };
  for (const char* serial : {"11", "12", "13"}) {
    given(serial, {.key_name = serial, .replaces = "0a"});
    given_revoked(serial);
  }
  EXPECT_THAT(successors("0a"), IsEmpty());
  // Over more steps, from either end.
  given("14", {.key_name = "14", .replaces = "0a"});
  given("24", {.key_name = "24", .replaces = "14"});
  given_revoked("14");
  EXPECT_THAT(successors("0a"), ElementsAre("14"));
  given_revoked("24");
  EXPECT_THAT(successors("0a"), IsEmpty());
  // What is kept among them is found, with room for no more than it.
  given("15", {.key_name = "15", .replaces = "0a"});
  const std::vector<SerialNumber> of{*SerialNumber::from_hex("0a")};
  const auto related = async::run_to_end(find_related(role.context().view, of, {.with_successors = true}, 500, 2));
  ASSERT_TRUE(related);
  EXPECT_THAT(related->successors, ElementsAre(*SerialNumber::from_hex("15")));
  EXPECT_FALSE(related->incomplete);
}

TEST_F(Compromise, whatever_the_reason_a_scope_that_was_not_done_wholly_is_named) {
  using Act = Order::Act;
  for (const char* serial : {"01", "02", "03", "04", "05"}) given(serial, {});
  for (const Order order :
       {Order{Act::hold, pki::RevocationReason::certificate_hold}, Order{Act::revoke, pki::RevocationReason::superseded}}) {
    const auto ordered = [&] {
      const Orders orders{.order = order,
                          .serials = {*SerialNumber::from_hex("01")},
                          .scope = {.same_key = true},
                          .actor = {events::Actor::Kind::control, "tester"},
                          .cause = {RequestId("asked")},
                          .wait = Seconds(10),
                          .at_most = 3};
      return *async::run_to_end(carry_out(role.context(), once_keys, orders));
    };
    const auto first = ordered();
    ASSERT_TRUE(first.remaining);
    EXPECT_EQ(first.remaining->same_key.size(), 2u);
    const auto second = ordered();
    ASSERT_TRUE(second.remaining);
    EXPECT_TRUE(second.remaining->same_key.empty() && !second.remaining->more);
  }
  EXPECT_EQ(role.written_of<events::CertificateHeld>().size(), 5u);
  EXPECT_EQ(revoked().size(), 5u);
}

TEST_F(Compromise, whatever_the_reason_a_view_that_lags_says_that_the_scope_may_hold_more) {
  given("0a", {});
  role.advance(Seconds(1));
  role.let_the_view_age(Seconds(0));
  const auto answer = revoke("0a", {{"reason", "superseded"}, {"with_successors", true}});
  ASSERT_EQ(answer.status, 200u) << answer.body;
  EXPECT_EQ(answer.json()["more"], true);
}

TEST_F(Compromise, one_request_takes_back_so_many_says_so_and_the_next_goes_on) {
  for (const char* serial : {"01", "02", "03", "04", "05", "06", "07"}) given(serial, {});
  const auto ordered = [&](Scope scope) {
    const Orders orders{.order = {Order::Act::revoke, pki::RevocationReason::key_compromise},
                        .serials = {*SerialNumber::from_hex("01")},
                        .scope = scope,
                        .actor = {events::Actor::Kind::control, "tester"},
                        .cause = {RequestId("asked")},
                        .wait = Seconds(10),
                        .at_most = 4};
    return *async::run_to_end(carry_out(role.context(), once_keys, orders));
  };
  const auto named = ordered({});
  EXPECT_EQ(named.answers.size(), 1u);
  EXPECT_EQ(named.remaining->same_key.size(), 4u);
  EXPECT_TRUE(named.remaining->more);
  const auto first = ordered({.same_key = true});
  EXPECT_EQ(first.answers.size(), 4u);
  EXPECT_EQ(first.remaining->same_key.size(), 3u);
  EXPECT_FALSE(first.remaining->more);
  const auto second = ordered({.same_key = true});
  EXPECT_EQ(second.answers.size(), 4u);
  EXPECT_TRUE(second.remaining->same_key.empty());
  EXPECT_EQ(revoked().size(), 7u);
}

TEST_F(Compromise, many_are_looked_at_in_bounded_reads) {
  constexpr std::size_t kTwins = 1'203;
  views::Changes changes;  // straight into a view: so many events would take long
  const auto stands = [&](const std::string& serial, const std::string& key, std::vector<std::string> successors) {
    const Record record{.authority = AuthorityId("issuing-1"),
                        .key_sha256 = key,
                        .not_after = role.clock().now() + Seconds(60),
                        .successors = std::move(successors)};
    changes.points[certificate_key(*SerialNumber::from_hex(serial))] = encode(record);
    changes.index[{key_space().name, with_key(key).prefix + serial}] = true;
  };
  for (std::size_t i = 1'001; i < 1'000 + kTwins; ++i) stands(std::to_string(i), "stolen", {});
  stands("2203", "stolen", {"0a"});
  stands("0a", "its own", {});
  const auto memory = views::make_memory_store(projection().spaces, role.clock());
  ASSERT_TRUE(memory->apply(std::nullopt, changes, {{LogId("log"), Position{0, 9}, {}, {}}, projection().version, ""}));
  test::WatchedStore store(*memory);
  views::View view("revocation", store, views::View::Notified::by_runner);
  const std::vector<SerialNumber> of{*SerialNumber::from_hex("1001")};
  const auto related = async::run_to_end(find_related(view, of, {.same_key = true, .with_successors = true}, 5'000, 5'000));
  ASSERT_TRUE(related) << related.error().detail;
  EXPECT_EQ(related->same_key.size(), kTwins - 1);
  EXPECT_THAT(related->successors, ElementsAre(*SerialNumber::from_hex("0a")));
  EXPECT_FALSE(related->more || related->incomplete);
  EXPECT_LE(store.most_keys, 500u);
  store.gets = 0;
  const auto cut = async::run_to_end(find_related(view, of, {.same_key = true, .with_successors = true}, 500, 550));
  EXPECT_EQ(cut->same_key.size(), 500u);
  EXPECT_TRUE(cut->more && cut->incomplete);
  EXPECT_LE(store.gets, 6u);
}

TEST_F(Compromise, a_scope_that_no_request_can_look_at_is_refused_before_anything_is_written) {
  for (const char* serial : {"01", "02", "03", "04"}) given(serial, {});
  given("05", {.key_name = "next", .replaces = "04"});
  const auto ordered = [&](Scope scope, std::size_t look_at) {
    const Orders orders{.order = {Order::Act::revoke, pki::RevocationReason::key_compromise},
                        .serials = {*SerialNumber::from_hex("01")},
                        .scope = scope,
                        .actor = {events::Actor::Kind::control, "tester"},
                        .cause = {RequestId("asked")},
                        .wait = Seconds(10),
                        .look_at = look_at};
    return async::run_to_end(carry_out(role.context(), once_keys, orders));
  };
  for (const auto& [scope, look_at] :
       {std::pair(Scope{.same_key = true}, 3), std::pair(Scope{.same_key = true, .with_successors = true}, 4)}) {
    const auto refused = ordered(scope, static_cast<std::size_t>(look_at));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, "revocation-scope-too-large");
    EXPECT_NE(refused.error().detail.find("more than " + std::to_string(look_at) + " certificates"), std::string::npos);
    EXPECT_NE(refused.error().detail.find("Nothing was revoked"), std::string::npos) << refused.error().detail;
    EXPECT_THAT(revoked(), IsEmpty());
  }
  const auto alone = ordered({}, 3);
  ASSERT_TRUE(alone) << alone.error().detail;
  EXPECT_TRUE(alone->remaining->more) << "what it names is not all";
  const auto exactly = ordered({.same_key = true, .with_successors = true}, 5);
  ASSERT_TRUE(exactly) << exactly.error().detail;
  EXPECT_EQ(revoked().size(), 5u);
}

TEST_F(Compromise, the_key_itself_says_so_for_all_that_have_it) {
  given_a_family();
  const auto answer = prove("0a", "keyCompromise", {{"same_key", true}});
  ASSERT_EQ(answer.status, 200u) << answer.body;
  EXPECT_THAT(revoked(), UnorderedElementsAre("0c", "2a", "0a", "0b", "0d", "0e"));
  EXPECT_THAT(serials(answer.json()["successors"]), UnorderedElementsAre("1a", "3a", "1c"));
  EXPECT_EQ(role.written().back().actor, (events::Actor{events::Actor::Kind::certificate, "0a"}));
}

TEST_F(Compromise, a_proof_is_of_its_certificate_reason_and_key) {
  given_a_family();
  const std::size_t before = role.log_length();
  const auto refused = [](const Answer& answer) { return std::to_string(answer.status) + " " + answer.reason(); };
  EXPECT_EQ(refused(prove("0a", "keyCompromise", {}, "superseded")), "401 revocation-proof-wrong");
  EXPECT_EQ(refused(prove("0f", "keyCompromise")), "404 certificate-unknown");
  const auto elsewhere = order_for("superseded");
  const auto of_another = base64_encode(*holder().key.sign(ca::revocation_proof_text(*SerialNumber::from_hex("0b"), elsewhere->reason)));
  const auto post = [&](const Json& body) { return role.post("/v1/certificates/0a/revoke").json(body).send(); };
  EXPECT_EQ(refused(post({{"reason", "superseded"}, {"signature", of_another}})), "401 revocation-proof-wrong");
  EXPECT_EQ(refused(post({{"reason", "superseded"}, {"signature", "%%"}})), "400 signature-malformed");
  EXPECT_EQ(refused(post({{"secret", "x"}, {"signature", of_another}})), "400 revocation-target");
  EXPECT_EQ(refused(prove("0a", "certificateHold")), "403 hold-by-secret");
  EXPECT_EQ(role.log_length(), before);
  EXPECT_EQ(prove("0a", "superseded").status, 200u);
}

TEST_F(Compromise, who_proves_something_gets_no_more_than_that) {
  given_a_family();
  const std::size_t before = role.changes();
  const Json secret{{"secret", std::string(keys.current().secret_for(*SerialNumber::from_hex("0a")).reveal())},
                    {"reason", "keyCompromise"}};
  for (const char* member : {"same_key", "with_successors"}) {
    Json more = secret;
    more[member] = true;
    for (const char* target : {"/v1/certificates/0a/revoke", "/v1/revocations"}) {
      const auto answer = role.post(target).json(more).send();
      EXPECT_EQ(answer.status, 403u) << answer.body;
      EXPECT_EQ(answer.reason(), "revocation-not-covered");
    }
  }
  EXPECT_EQ(prove("0a", "keyCompromise", {{"with_successors", true}}).reason(), "revocation-not-covered");
  EXPECT_EQ(prove("0a", "superseded", {{"same_key", true}}).reason(), "revocation-not-covered");
  EXPECT_EQ(role.post("/v1/certificates/0a/revoke").json({{"same_key", true}}).send().status, 401u);
  EXPECT_EQ(role.changes(), before);
}

TEST_F(Compromise, a_compromised_key_can_say_that_it_is_and_nothing_else) {
  given_a_family();
  ASSERT_EQ(revoke("0a", {{"reason", "keyCompromise"}}).status, 200u);
  const std::size_t before = role.log_length();
  const auto superseded = prove("0b", "superseded");
  EXPECT_EQ(superseded.status, 403u) << superseded.body;
  EXPECT_EQ(superseded.reason(), "key-blocked");
  EXPECT_EQ(role.log_length(), before);
  EXPECT_EQ(prove("0b", "keyCompromise").json()["status"], "revoked");

  given("0f", {.key_name = "blocked"});
  role.given(events::KeyBlocked{hex_encode(crypto::view(crypto::sha256(std::string("blocked"))))});
  EXPECT_EQ(prove("0f", "superseded").reason(), "key-blocked");
}

}  // namespace
}  // namespace quicklime::revocation
