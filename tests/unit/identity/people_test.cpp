// People of this CA: made, signed in, changed, and what of it ends whose session.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "access/session.hpp"
#include "identity/service.hpp"
#include "identity/view.hpp"
#include "support/role_fixture.hpp"

namespace quicklime::identity {
namespace {

using test::Answer;
using test::Json;
using ::testing::ElementsAre;
const std::string kPassword = "correct horse battery";

class People : public ::testing::Test {
 protected:
  People() : role(projection()) {
    auto& settings = role.configuration().of<Settings>();
    settings.password_memory = 64;  // of a test: argon2 needs 8 at least
    settings.failure_floor = Milliseconds(0);
    role.serve([](api::ServiceContext context) { return *make_service(context, Secret(std::string(32, 'k'))); });
  }

  Json create(const std::string& user, const std::string& of_role) {
    const auto made = role.post("/v1/users").as_administrator().json({{"user", user}, {"role", of_role}}).send();
    EXPECT_EQ(made.status, 201u) << made.body;
    return made.json();
  }
  // Each time from another address: who fails is not stopped for that.
  Answer exchange(const Json& shown) { return role.post("/v1/sign-in").from("192.0.2." + std::to_string(++asked)).json(shown).send(); }
  Answer sign_in(const std::string& user, const std::string& password) { return exchange({{"user", user}, {"password", password}}); }
  Answer set_password(const std::string& user, const std::string& session, const Json& body) {
    return role.put("/v1/users/" + user + "/password").as(session).json(body).send();
  }
  // A user who has set his password by his one-time URL.
  void given_user(const std::string& user, const std::string& of_role) {
    const auto one_time = exchange({{"one_time", create(user, of_role)["one_time"]}});
    ASSERT_EQ(one_time.status, 201u) << one_time.body;
    const auto set = set_password(user, one_time.json()["text"], {{"password", kPassword}});
    ASSERT_EQ(set.status, 200u) << set.body;
  }
  std::string session_of(const std::string& user) { return sign_in(user, kPassword).json().value("text", ""); }
  std::string me(const std::string& session) {
    const auto answer = role.get("/v1/me").as(session).send();
    return answer.status == 200 ? std::string(answer.json()["actor"]["id"]) : answer.reason();
  }

  int asked = 0;
  test::Role role;
};

TEST_F(People, from_nothing_to_an_administrator_who_makes_others) {
  // What `quicklime login --url` asks over the control socket.
  const auto token = role.post("/v1/tokens")
                         .as_administrator()
                         .json({{"name", "first sign-in"}, {"role", "administrator"}, {"single_use", true}, {"lifetime", "10m"}})
                         .send();
  ASSERT_EQ(token.status, 201u) << token.body;
  EXPECT_EQ(role.get("/v1/me").as(token.json()["token"]).send().reason(), "token-not-here") << "it asks for nothing by itself";
  const auto first = exchange({{"one_time", token.json()["token"]}});
  ASSERT_EQ(first.status, 201u) << first.body;
  EXPECT_EQ(exchange({{"one_time", token.json()["token"]}}).reason(), "one-time-used");
  const std::string session = first.json()["text"];
  const auto alice = role.post("/v1/users").as(session).json({{"user", "alice"}, {"role", "administrator"}, {"name", "Alice"}}).send();
  ASSERT_EQ(alice.status, 201u) << alice.body;
  EXPECT_EQ(role.post("/v1/users").as(session).json({{"user", "Alice"}}).send().reason(), "user-exists");
  const auto by_url = exchange({{"one_time", alice.json()["one_time"]}});
  EXPECT_EQ(set_password("alice", by_url.json()["text"], {{"password", kPassword}}).status, 200u);
  EXPECT_EQ(me(by_url.json()["text"]), "session-ended") << "a new password ends the sessions that were";
  const auto signed_in = sign_in(" ALICE", kPassword);
  ASSERT_EQ(signed_in.status, 201u) << signed_in.body;
  EXPECT_EQ(signed_in.json()["session"]["user"], "local:alice");
  EXPECT_EQ(role.post("/v1/users").as(signed_in.json()["text"]).json({{"user", "bob"}}).send().status, 201u);
}

TEST_F(People, nothing_secret_stands_in_the_log) {
  given_user("alice", "requester");
  const std::string session = session_of("alice");
  const std::string secret = session.substr(session.rfind('_') + 1);
  for (std::uint64_t offset = 0; offset < role.log_length(); ++offset) {
    const std::string bytes = role.log().read_one(offset)->bytes;
    for (const std::string& word : {kPassword, secret, std::string("argon2")}) EXPECT_EQ(bytes.find(word), std::string::npos) << bytes;
  }
}

TEST_F(People, whoever_it_is_not_hears_the_same) {
  given_user("alice", "requester");
  create("bob", "requester");  // without a password
  given_user("carol", "requester");
  EXPECT_EQ(role.post("/v1/users/carol/disable").as_administrator().send().status, 200u);
  const auto body_of = [](Answer answer) {
    Json json = answer.json();
    json.erase("request_id");
    return json;
  };
  const Json wrong = body_of(sign_in("alice", "something else"));
  EXPECT_EQ(wrong["status"], 401);
  for (const auto& [user, password] : std::vector<std::pair<std::string, std::string>>{{"nobody", kPassword},
                                                                                       {"bob", kPassword},
                                                                                       {"bob", "nobody's password"},
                                                                                       {"nobody", "nobody's password"},
                                                                                       {"carol", kPassword},
                                                                                       {"alice", ""}}) {
    EXPECT_EQ(body_of(sign_in(user, password)), wrong) << user;
  }
}

TEST_F(People, what_changes_a_person_ends_his_sessions) {
  given_user("alice", "requester");
  const std::vector<std::function<Answer()>> changes{
      [&] {
        return role.post("/v1/users/alice/grant").as_administrator().json({{"role", "auditor"}}).send();
      },
      [&] {
        return set_password("alice", session_of("alice"), {{"password", kPassword}, {"old_password", kPassword}});
      },
      [&] { return role.post("/v1/users/alice/disable").as_administrator().send(); },
  };
  for (const auto& change : changes) {
    const std::string session = session_of("alice");
    ASSERT_EQ(me(session), "local:alice");
    const auto changed = change();
    EXPECT_EQ(changed.status, 200u) << changed.body;
    EXPECT_EQ(me(session), "session-ended");
  }
  EXPECT_EQ(sign_in("alice", kPassword).status, 401u);
  EXPECT_EQ(role.post("/v1/users/alice/enable").as_administrator().send().status, 200u);
  EXPECT_EQ(sign_in("alice", kPassword).status, 201u);
}

TEST_F(People, what_a_disabled_administrator_writes_meanwhile_does_not_stand) {
  given_user("mallory", "administrator");
  std::string session = session_of("mallory");
  const std::vector<std::pair<std::string, std::function<Answer()>>> deeds{
      {"a user",
       [&] {
         return role.post("/v1/users").as(session).json({{"user", "bob"}, {"role", "administrator"}}).send();
       }},
      {"a token",
       [&] {
         return role.post("/v1/tokens").as(session).json({{"name", "t"}, {"role", "administrator"}}).send();
       }},
      {"a rule",
       [&] {
         const Json rule{{"provider", "certificate"}, {"when", {"name=DNS:x.internal"}}, {"role", "administrator"}};
         return role.put("/v1/rules/r").as(session).json(rule).send();
       }},
      {"an enabling of himself", [&] { return role.post("/v1/users/mallory/enable").as(session).send(); }},
      {"a command line that is he",
       [&] {
         const auto made = access::make_session();
         return role.post("/v1/sessions").as(session).json({{"session", made.id.text()}, {"secret_sha256", made.secret_sha256}}).send();
       }},
  };
  for (const auto& [what, deed] : deeds) {
    role.let_the_view_age(Milliseconds(0));
    role.given_unseen(events::UserDisabled{UserId("local:mallory")});
    const auto answer = role.judged_late(deed);
    EXPECT_GE(answer.status, 400u) << what << answer.body;
    role.settle();
    role.given(events::UserEnabled{UserId("local:mallory")});
    // For the next: he signs in again.
    session = session_of("mallory");
    ASSERT_EQ(me(session), "local:mallory");
  }
  const Json users = role.get("/v1/users").as_administrator().send().json()["users"];
  EXPECT_EQ(users.size(), 1u) << users;
  const Json tokens = role.get("/v1/tokens").as_administrator().send().json()["tokens"];
  for (const auto& token : tokens) {
    EXPECT_TRUE(token["status"] == "revoked" || token.value("single_use", false)) << token;
  }
  EXPECT_TRUE(role.get("/v1/rules").as_administrator().send().json()["rules"].empty());
}

TEST_F(People, the_old_password_against_a_change_of_it_is_decided_by_the_log) {
  given_user("alice", "requester");
  const std::string session = session_of("alice");
  role.let_the_view_age(Milliseconds(0));
  role.given_unseen(events::UserPasswordSet{UserId("local:alice"), "access", "sealed otherwise"});
  const auto late = role.judged_late([&] { return sign_in("alice", kPassword); });
  EXPECT_EQ(late.reason(), "sign-in-failed") << late.body;
}

TEST_F(People, nobody_changes_his_own_role_or_sets_anothers_password) {
  given_user("alice", "administrator");
  given_user("bob", "requester");
  const std::string alice = session_of("alice"), bob = session_of("bob");
  EXPECT_EQ(role.post("/v1/users/alice/grant").as(alice).json({{"role", "auditor"}}).send().reason(), "own-role");
  EXPECT_EQ(role.post("/v1/users/alice/disable").as(alice).send().reason(), "own-account");
  EXPECT_EQ(role.post("/v1/users/bob/grant").as(bob).json({{"role", "administrator"}}).send().reason(), "role-denied");
  EXPECT_EQ(set_password("bob", alice, {{"password", kPassword}}).reason(), "password-of-another");
  EXPECT_EQ(set_password("bob", bob, {{"password", "another one 1"}}).reason(), "old-password-wrong");
  EXPECT_EQ(set_password("bob", bob, {{"password", "short"}, {"old_password", kPassword}}).reason(), "password-too-short");
}

TEST_F(People, what_is_of_another_kind_is_refused_and_changes_nothing) {
  given_user("alice", "requester");
  const std::size_t before = role.changes();
  for (const Json& body : {Json{{"profiles", "tls-server"}}, Json{{"names", true}}, Json{{"role", {"auditor"}}}})
    EXPECT_EQ(role.post("/v1/users/alice/grant").as_administrator().json(body).send().reason(), "member-kind") << body;
  EXPECT_EQ(role.changes(), before);
}

TEST_F(People, a_one_time_token_of_an_owner_is_bound_to_him_as_he_is_however_it_was_made) {
  given_user("alice", "requester");
  const Json asked{{"name", "for alice"}, {"single_use", true}, {"owner", "alice"}, {"lifetime", "1h"}};
  const Json made = role.post("/v1/tokens").as_administrator().json(asked).send().json();
  ASSERT_EQ(set_password("alice", session_of("alice"), {{"password", "another one 1"}, {"old_password", kPassword}}).status, 200u);
  EXPECT_EQ(exchange({{"one_time", made["token"]}}).reason(), "one-time-expired");
}

TEST_F(People, an_agent_takes_back_and_makes_nobody) {
  given_user("agent", "agent");
  const std::string agent = session_of("agent");
  EXPECT_EQ(role.post("/v1/users").as(agent).json({{"user", "bob"}}).send().reason(), "role-denied");
  EXPECT_EQ(role.get("/v1/users").as(agent).send().reason(), "role-denied");
}

TEST_F(People, a_browser_has_a_cookie_that_no_other_site_can_use) {
  given_user("alice", "administrator");
  const auto plain = role.post("/v1/sign-in").json({{"user", "alice"}, {"password", kPassword}, {"cookie", true}}).send();
  EXPECT_EQ(plain.reason(), "cookie-needs-tls");
  const auto signed_in = role.post("/v1/sign-in").over_tls().json({{"user", "alice"}, {"password", kPassword}, {"cookie", true}}).send();
  ASSERT_EQ(signed_in.status, 201u) << signed_in.body;
  EXPECT_FALSE(signed_in.json().contains("text"));
  const std::string cookie = signed_in.header("Set-Cookie");
  EXPECT_TRUE(cookie.starts_with("__Host-quicklime=qls_")) << cookie;
  for (const char* flag : {"; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"}) EXPECT_NE(cookie.find(flag), std::string::npos);
  const std::string session = cookie.substr(cookie.find('=') + 1, cookie.find(';') - cookie.find('=') - 1);

  EXPECT_EQ(role.get("/v1/me").with_cookie(session).send().status, 200u);
  const auto create_bob = [&](const char* site) {
    auto ask = role.post("/v1/users").with_cookie(session).json({{"user", "bob"}});
    if (*site != 0) ask.header("Sec-Fetch-Site", site);
    return ask.send();
  };
  for (const char* site : {"", "cross-site", "same-site", "none"}) EXPECT_EQ(create_bob(site).reason(), "cross-site-refused") << site;
  EXPECT_EQ(create_bob("same-origin").status, 201u);

  role.advance(std::chrono::minutes(20));
  EXPECT_EQ(role.post("/v1/sessions/current/extend").with_cookie(session).header("Sec-Fetch-Site", "same-origin").send().status, 200u);
  role.advance(std::chrono::minutes(20));
  EXPECT_EQ(role.get("/v1/me").with_cookie(session).send().status, 200u);
  role.advance(std::chrono::minutes(31));
  EXPECT_EQ(role.get("/v1/me").with_cookie(session).send().reason(), "session-expired") << "nothing was done for half an hour";
}

TEST_F(People, signing_out_ends_a_session_and_an_administrator_ends_anybodys) {
  given_user("alice", "administrator");
  given_user("bob", "requester");
  const std::string alice = session_of("alice"), bob = session_of("bob"), other = session_of("bob");
  EXPECT_EQ(role.get("/v1/sessions").as(bob).send().json()["sessions"].size(), 3u) << "his own: one began by the one-time URL";
  const std::string id_of_alice = access::parse_session(alice)->id.text(), id_of_bob = access::parse_session(bob)->id.text();
  EXPECT_EQ(role.del("/v1/sessions/" + id_of_alice).as(bob).send().reason(), "session-not-found");
  EXPECT_EQ(role.del("/v1/sessions/current").as(other).send().status, 200u);
  EXPECT_EQ(me(other), "session-ended");
  EXPECT_EQ(me(bob), "local:bob");
  EXPECT_EQ(role.del("/v1/sessions/" + id_of_bob).as(alice).send().status, 200u);
  EXPECT_EQ(me(bob), "session-ended");
}

TEST_F(People, a_command_line_is_let_in_by_whoever_is_signed_in) {
  given_user("alice", "requester");
  const auto made = access::make_session();
  const Json approval{{"session", made.id.text()}, {"secret_sha256", made.secret_sha256}};
  EXPECT_EQ(me(std::string(made.text.reveal())), "session-unknown");
  EXPECT_EQ(role.post("/v1/sessions").as(role.given_token(access::Role::administrator)).json(approval).send().reason(), "session-needed");
  const auto approved = role.post("/v1/sessions").as(session_of("alice")).json(approval).send();
  ASSERT_EQ(approved.status, 201u) << approved.body;
  EXPECT_EQ(me(std::string(made.text.reveal())), "local:alice");
  EXPECT_EQ(approved.json()["method"], "approved");
}

TEST_F(People, guessing_is_stopped_for_who_guesses_and_for_nobody_else) {
  given_user("alice", "requester");
  const auto first = sign_in("alice", kPassword);
  std::string device = first.header("Set-Cookie");
  device = device.substr(0, device.find(';'));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(sign_in("alice", "wrong " + std::to_string(i)).status, 401u);
  const std::size_t before = role.log_length();
  const auto limited = sign_in("alice", kPassword);
  EXPECT_EQ(limited.reason(), "sign-in-limited");
  EXPECT_FALSE(limited.header("Retry-After").empty());
  EXPECT_EQ(role.log_length(), before) << "no stranger makes the log grow";
  const auto known =
      role.post("/v1/sign-in").from("198.51.100.7").header("Cookie", device).json({{"user", "alice"}, {"password", kPassword}}).send();
  ASSERT_EQ(known.status, 201u) << known.body;
  EXPECT_EQ(known.json()["session"]["failures"], 5);
}

TEST_F(People, of_another_provider_are_called_as_that_provider_calls_them) {
  const auto made = access::make_session();
  const auto sign_in_as = [&](const char* user) {
    role.given(events::SessionCreated{.session = made.id,
                                      .secret_sha256 = made.secret_sha256,
                                      .user = UserId(user),
                                      .name = "Carol",
                                      .method = "assertion",
                                      .provider = "op",
                                      .role = "requester",
                                      .profiles = {},
                                      .names = {},
                                      .user_version = 0,
                                      .provider_version = 0,
                                      .not_after = role.clock().now() + std::chrono::hours(1),
                                      .ends = role.clock().now() + std::chrono::hours(1),
                                      .failures = 0},
               {events::Actor::Kind::process, "identity"});
  };
  sign_in_as("op:00uABC");
  const std::string session(made.text.reveal());
  EXPECT_EQ(role.get("/v1/sessions?user=op:00uABC").as_administrator().send().json()["sessions"].size(), 1u);
  EXPECT_EQ(role.post("/v1/users/op:00uabc/disable").as_administrator().send().status, 200u);
  EXPECT_EQ(me(session), "op:00uABC") << "somebody else";
  EXPECT_EQ(role.post("/v1/users/op:00uABC/disable").as_administrator().send().status, 200u);
  EXPECT_EQ(me(session), "session-ended");
  for (const char* unpresentable : {"/v1/users/op:a%00b/disable", "/v1/users/op:a%0ab/disable"})
    EXPECT_EQ(role.post(unpresentable).as_administrator().send().reason(), "user-name-malformed");
}

TEST_F(People, a_one_time_url_is_nothing_once_its_person_has_changed_or_it_was_taken_back) {
  const Json alice = create("alice", "requester");
  const Json another = role.post("/v1/users/alice/one-time").as_administrator().send().json();
  const auto first = exchange({{"one_time", alice["one_time"]}});
  ASSERT_EQ(set_password("alice", first.json()["text"], {{"password", kPassword}}).status, 200u);
  EXPECT_EQ(exchange({{"one_time", another["one_time"]}}).reason(), "one-time-expired");

  const Json third = role.post("/v1/users/alice/one-time").as_administrator().send().json();
  const TokenId id = access::parse_token(std::string(third["one_time"]))->id;
  role.let_the_view_age(Milliseconds(0));
  role.given_unseen(events::TokenRevoked{id});
  const auto late = role.judged_late([&] { return exchange({{"one_time", third["one_time"]}}); });
  EXPECT_EQ(late.reason(), "sign-in-failed") << late.body;
}

TEST_F(People, who_repeats_a_used_one_time_url_makes_nothing_grow) {
  const Json alice = create("alice", "requester");
  ASSERT_EQ(exchange({{"one_time", alice["one_time"]}}).status, 201u);
  const std::size_t before = role.log_length();
  for (int i = 0; i < 40; ++i) EXPECT_EQ(exchange({{"one_time", alice["one_time"]}}).reason(), "one-time-used");
  EXPECT_EQ(role.log_length(), before);
}

TEST_F(People, what_a_browser_sends_by_itself_counts_for_nothing_from_another_site) {
  given_user("alice", "administrator");
  const auto by_password = [&](const char* site) {
    return role.post("/v1/users").over_tls().as_user("alice", kPassword).header("Sec-Fetch-Site", site).json({{"user", "eve"}}).send();
  };
  EXPECT_EQ(by_password("cross-site").reason(), "cross-site-refused");
}

TEST_F(People, a_rule_says_what_a_client_certificate_may_and_is_tried_before_it_is_needed) {
  const Json rule{{"provider", "certificate"}, {"when", {"name=DNS:ci.internal"}}, {"role", "requester"}, {"names", {"*.ci.internal"}}};
  const auto set = role.put("/v1/rules/ci").as_administrator().json(rule).send();
  ASSERT_EQ(set.status, 200u) << set.body;
  const auto tried =
      role.post("/v1/rules/test").as_administrator().json({{"provider", "certificate"}, {"claims", {"name=DNS:ci.internal"}}}).send();
  ASSERT_EQ(tried.status, 200u) << tried.body;
  EXPECT_THAT(tried.json()["matches"], ElementsAre("ci"));
  EXPECT_THAT(tried.json()["names"], ElementsAre("*.ci.internal"));
  EXPECT_EQ(role.post("/v1/rules/test").as_administrator().json({{"provider", "certificate"}, {"claims", {"name=DNS:x"}}}).send().reason(),
            "no-rule-matches");
  EXPECT_EQ(role.put("/v1/rules/ci").as_administrator().json({{"provider", "acme"}, {"when", {"groups=a"}}}).send().reason(),
            "provider-unknown");
  EXPECT_EQ(role.del("/v1/rules/ci").as_administrator().send().status, 200u);
  EXPECT_EQ(role.del("/v1/rules/ci").as_administrator().send().reason(), "rule-not-found");
}

// However many there are: whoever goes through them misses nobody.
TEST_F(People, sessions_are_read_page_by_page_the_newest_first) {
  given_user("alice", "auditor");
  for (int i = 0; i < 3; ++i) ASSERT_NE(session_of("alice"), "");
  const auto all = async::run_to_end(newest(role.view(), kSessionList, kEverybodysSessions, 100));
  ASSERT_EQ(all->subjects.size(), 4u) << "and that of the one-time URL";
  EXPECT_EQ(all->next, "");
  const auto first = async::run_to_end(newest(role.view(), kSessionList, kEverybodysSessions, 3));
  EXPECT_EQ(first->subjects, std::vector(all->subjects.begin(), all->subjects.begin() + 3));
  const auto second = async::run_to_end(newest(role.view(), kSessionList, kEverybodysSessions, 3, first->next));
  EXPECT_EQ(second->subjects, std::vector(1, all->subjects.back()));
  EXPECT_EQ(second->next, "");
}

}  // namespace
}  // namespace quicklime::identity
