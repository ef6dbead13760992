// Tokens: created, shown, revoked.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/service.hpp"
#include "identity/token_list.hpp"
#include "runtime/shared_settings.hpp"
#include "support/role_fixture.hpp"

namespace quicklime::identity {
namespace {

using test::Answer;
using test::Json;
using ::testing::ElementsAre;

class Tokens : public ::testing::Test {
 protected:
  Tokens() : role(projection()) {
    role.serve([](api::ServiceContext context) { return *make_service(context, Secret(std::string(32, 'k'))); });
  }
  Answer create(const Json& body) { return role.post("/v1/tokens").as_administrator().json(body).send(); }
  Answer get(const std::string& target) { return role.get(target).as_administrator().send(); }

  test::Role role;
};

TEST_F(Tokens, one_is_created_and_works_and_its_text_is_nowhere_else) {
  const auto created = create({{"name", "ci"}, {"names", {"*.load.internal", "10.0.0.0/8"}}, {"lifetime", "30d"}});
  ASSERT_EQ(created.status, 201u) << created.body;
  const Json json = created.json();
  EXPECT_EQ(json["name"], "ci");
  EXPECT_EQ(json["role"], "requester");
  EXPECT_THAT(json["profiles"], ElementsAre("tls-server"));
  EXPECT_THAT(json["names"], ElementsAre("*.load.internal", "10.0.0.0/8"));
  EXPECT_EQ(json["created"], "2026-11-21T12:00:00Z");
  EXPECT_EQ(json["not_after"], "2026-12-21T12:00:00Z");
  EXPECT_EQ(json["status"], "live");
  EXPECT_EQ(json["position"], created.header("Quicklime-Position"));
  EXPECT_EQ(created.header("Cache-Control"), "no-store");
  const std::string text = json["token"];
  EXPECT_TRUE(text.starts_with("qlk_"));

  role.settle();
  EXPECT_EQ(role.get("/v1/me").as(text).send().status, 200u);
  const auto list = get("/v1/tokens");
  ASSERT_EQ(list.json()["tokens"].size(), 1u);
  EXPECT_EQ(list.json()["tokens"][0]["id"], json["id"]);
  const std::string secret = text.substr(text.rfind('_') + 1);
  EXPECT_EQ(list.body.find(secret), std::string::npos);
  const auto end = role.log().end();
  for (std::uint64_t offset = 0; offset < end->offset; ++offset) {
    EXPECT_EQ(role.log().read_one(offset)->bytes.find(secret), std::string::npos);
  }
}

TEST_F(Tokens, whoever_may_ask_for_certificates_has_an_auth_key_for_clients_of_cfssl) {
  const Json made = create({{"name", "cfssl"}}).json();
  const std::string key = made["cfssl_auth_key"], id = made["id"];
  const auto expected = crypto::hmac_sha256(Secret(std::string(32, 'k')), "cfssl" + id);
  EXPECT_EQ(key, hex_encode(crypto::view(expected)));
  EXPECT_EQ(get("/v1/tokens").body.find(key), std::string::npos) << "shown once";
  for (const char* role_name : {"auditor", "agent", "process"}) {
    const auto other = create({{"name", "x"}, {"role", role_name}, {"profiles", Json::array()}, {"names", Json::array()}});
    EXPECT_FALSE(other.json().contains("cfssl_auth_key")) << other.body;
  }
  const Json once = create({{"name", "once"}, {"role", "administrator"}, {"single_use", true}, {"lifetime", "1h"}}).json();
  EXPECT_FALSE(once.contains("cfssl_auth_key"));
  EXPECT_NE(once["one_time_url"].get<std::string>().find("/ui/#one-time=" + once["token"].get<std::string>()), std::string::npos) << once;

  const std::string text = R"({"label":"x"})";
  const auto proof = [&](const std::string& token, const std::string& mac) {
    return role.post("/v1/tokens/" + token + "/proof").json({{"request", base64_encode(text)}, {"token", base64_encode(mac)}}).send();
  };
  const auto mac = crypto::hmac_sha256(Secret(*hex_decode(key)), text);
  EXPECT_EQ(proof(id, std::string(crypto::view(mac))).status, 200u);
  EXPECT_EQ(proof(once["id"], std::string(crypto::view(mac))).reason(), "auth-key-wrong") << "of another token";
  EXPECT_EQ(proof(id, std::string(32, '0')).status, 401u);
  EXPECT_EQ(proof(id, "").status, 401u);
}

TEST_F(Tokens, what_a_token_may_is_checked_when_it_is_made) {
  const std::pair<Json, const char*> bodies[] = {
      {Json::object(), "token-name-malformed"},
      {{{"name", ""}}, "token-name-malformed"},
      {{{"name", std::string(101, 'n')}}, "token-name-malformed"},
      {{{"name", "\x1b[2J"}}, "token-name-malformed"},
      {{{"name", "\u009b2J"}}, "token-name-malformed"},
      {{{"name", "a\u202eb"}}, "token-name-malformed"},
      {{{"name", "a\x7f"}}, "token-name-malformed"},
      {{{"name", "ci"}, {"role", "king"}}, "role-unknown"},
      {{{"name", "ci"}, {"profiles", {"tls-serv"}}}, "profile-unknown"},
      {{{"name", "ci"}, {"profiles", {"ocsp-signing"}}}, "profile-unknown"},
      {{{"name", "ci"}, {"names", {"a..b"}}}, "pattern-malformed"},
      {{{"name", "ci"}, {"lifetime", "4000d"}}, "lifetime-too-long"},
      {{{"name", "ci"}, {"lifetime", "0d"}}, "lifetime-too-long"},
      {{{"name", "ci"}, {"scope", "all"}}, "member-unknown"},
  };
  const std::size_t before = role.changes();
  for (const auto& [body, reason] : bodies) {
    const auto answer = create(body);
    EXPECT_EQ(answer.status, 400u) << body;
    EXPECT_EQ(answer.reason(), reason) << body;
  }
  EXPECT_EQ(create({{"name", "ci"}, {"lifetime", "soon"}}).status, 400u);
  EXPECT_EQ(role.changes(), before);
}

TEST_F(Tokens, the_profiles_are_those_that_the_ca_is_configured_with) {
  test::Role configured(projection());
  configured.configuration().of<runtime::SharedSettings>().profiles["printers"].like = "tls-server";
  configured.serve([](api::ServiceContext context) { return *make_service(context, Secret(std::string(32, 'k'))); });
  const auto create_with = [&](const char* kind, const char* profile) {
    const Json body{{"name", "ci"}, {"role", kind}, {"profiles", {profile}}};
    return configured.post("/v1/tokens").as_administrator().json(body).send();
  };
  EXPECT_EQ(create_with("requester", "printers").status, 201u);
  const std::string mistyped = create_with("requester", "printer").json()["detail"];
  EXPECT_EQ(mistyped, "there is no profile \"printer\"; did you mean \"printers\"? There are tls-server, tls-client, tls-peer, printers");
  const auto of_us = create_with("requester", "role-peer");
  EXPECT_EQ(of_us.reason(), "profile-unknown");
  EXPECT_EQ(create_with("process", "role-peer").status, 201u);
  const std::string for_processes = create_with("process", "role-pear").json()["detail"];
  EXPECT_EQ(for_processes,
            "there is no profile \"role-pear\"; did you mean \"role-peer\"? There are tls-server, tls-client, tls-peer, role-peer, "
            "ocsp-signing, printers");
}

TEST_F(Tokens, an_administrators_token_may_what_administrators_may) {
  const auto created = create({{"name", "root"}, {"role", "administrator"}});
  ASSERT_EQ(created.status, 201u) << created.body;
  EXPECT_THAT(created.json()["profiles"], ElementsAre("*"));
  EXPECT_THAT(created.json()["names"], ElementsAre("*"));
  role.settle();
  EXPECT_EQ(role.post("/v1/tokens").as(created.json()["token"]).json({{"name", "ci"}}).send().status, 201u);
}

TEST_F(Tokens, a_daemons_token_shows_it_nothing) {
  const std::string daemon = role.given_token(access::Role::process);
  for (const char* path : {"/v1/me", "/v1/sessions", "/v1/users", "/v1/tokens"}) {
    EXPECT_EQ(role.get(path).as(daemon).send().reason(), "token-not-here") << path;
  }
}

TEST_F(Tokens, a_daemons_token_names_its_role_and_lives_a_year_at_most) {
  const Json daemon{{"name", "bootstrap ocsp"}, {"role", "process"}, {"names", {"quicklime:role/ocsp", "ocsp"}}};
  const auto created = create(daemon);
  ASSERT_EQ(created.status, 201u) << created.body;
  EXPECT_EQ(created.json()["not_after"], "2027-11-21T12:00:00Z");
  EXPECT_THAT(created.json()["profiles"], ElementsAre("role-peer"));
  Json longer = daemon;
  longer["lifetime"] = "366d";
  EXPECT_EQ(create(longer).reason(), "lifetime-too-long");
}

TEST_F(Tokens, of_each_daemon_the_newest_token_says_when_it_must_be_replaced) {
  const Instant day = *Instant::parse("2026-11-21T12:00:00Z");
  const auto token = [&](const char* name, const char* role, int days, std::optional<Instant> revoked = {}) {
    return access::TokenRecord{.id = TokenId("0123456789abcdef"),
                               .name = name,
                               .secret_sha256 = {},
                               .role = role,
                               .profiles = {},
                               .names = {},
                               .created = day,
                               .not_after = day + std::chrono::hours(24 * days),
                               .revoked = revoked};
  };
  const auto expiries = bootstrap_token_expiries({token("bootstrap ocsp", "process", 300), token("ci", "requester", 1),
                                                  token("bootstrap crl", "process", 5, day), token("bootstrap ocsp", "process", 10)});
  ASSERT_EQ(expiries.size(), 1u);
  EXPECT_EQ(expiries[0].what, "token bootstrap ocsp");
  EXPECT_EQ(expiries[0].from, day);
  EXPECT_EQ(expiries[0].until, day + std::chrono::hours(24 * 300));
  EXPECT_NE(expiries[0].remedy.find("quicklime token bootstrap"), std::string::npos);
}

// The race of a revoked administrator: this view rests, and did not hear that the author is nobody any more.
TEST_F(Tokens, a_token_by_an_author_that_was_revoked_meanwhile_is_not_handed_out) {
  const std::string author = role.given_token(access::Role::administrator);
  role.let_the_view_age(Milliseconds(1'000));
  role.given_unseen(events::TokenRevoked{test::Role::id_of(author)});
  const auto created = role.judged_late([&] {
    return role.post("/v1/tokens").as(author).json({{"name", "thief"}, {"role", "administrator"}}).send();
  });
  EXPECT_EQ(created.status, 403u) << created.body;
  EXPECT_EQ(created.reason(), "token-revoked");
  EXPECT_EQ(created.body.find("qlk_"), std::string::npos);
  const auto made = role.written_of<events::TokenCreated>().back();
  EXPECT_EQ(made.name, "thief") << "it is in the log, and was born revoked";
  const Json listed = get("/v1/tokens").json()["tokens"][0];
  EXPECT_EQ(listed["name"], "thief");
  EXPECT_EQ(listed["status"], "revoked");
}

TEST_F(Tokens, what_is_not_judged_yet_is_not_handed_out_either) {
  const std::string author = role.given_token(access::Role::administrator);
  role.let_the_view_age(Milliseconds(1'000));
  const auto created = role.post("/v1/tokens").as(author).json({{"name", "late"}}).send();
  EXPECT_EQ(created.status, 503u);
  EXPECT_EQ(created.reason(), "view-behind");
  EXPECT_EQ(created.body.find("qlk_"), std::string::npos);
  EXPECT_EQ(create({{"name", "by the owner"}}).status, 201u) << "whom no log can take back";
  role.let_the_view_go_on();
}

TEST_F(Tokens, others_neither_create_nor_revoke_and_only_auditors_look) {
  const std::string requester = role.given_token(access::Role::requester);
  const std::string auditor = role.given_token(access::Role::auditor);
  const std::string path = "/v1/tokens/" + test::Role::id_of(requester).text();
  for (const auto& token : {requester, auditor}) {
    EXPECT_EQ(role.post("/v1/tokens").as(token).json({{"name", "mine"}}).send().reason(), "role-denied");
    EXPECT_EQ(role.del(path).as(token).send().reason(), "role-denied");
  }
  EXPECT_EQ(role.get("/v1/tokens").as(requester).send().status, 403u);
  EXPECT_EQ(role.get("/v1/tokens").as(auditor).send().status, 200u);
  EXPECT_EQ(role.post("/v1/tokens").json({{"name", "mine"}}).send().status, 401u);
  EXPECT_TRUE(role.written_of<events::TokenRevoked>().empty());
  EXPECT_EQ(role.written_of<events::TokenCreated>().size(), 2u);
}

// A token in the place of its id: the refusal is an event, and the log keeps it for ever.
TEST_F(Tokens, a_token_in_a_path_never_enters_the_log) {
  const std::string requester = role.given_token(access::Role::requester);
  EXPECT_EQ(role.del("/v1/tokens/" + requester).as(requester).send().reason(), "role-denied");
  const auto denials = role.written_of<events::RequestDenied>();
  ASSERT_EQ(denials.size(), 1u);
  EXPECT_EQ(denials[0].route, "DELETE /v1/tokens/{id}");
  const std::string secret = requester.substr(requester.rfind('_') + 1);
  for (std::uint64_t offset = 0; offset < role.log_length(); ++offset) {
    EXPECT_EQ(role.log().read_one(offset)->bytes.find(secret), std::string::npos);
  }
}

TEST_F(Tokens, revoked_once_for_good) {
  const std::string token = role.given_token(access::Role::requester);
  const std::string path = "/v1/tokens/" + test::Role::id_of(token).text();
  const auto revoked = role.del(path).as_administrator().send();
  ASSERT_EQ(revoked.status, 200u) << revoked.body;
  EXPECT_EQ(revoked.json()["status"], "revoked");
  role.settle();
  EXPECT_EQ(role.get("/v1/me").as(token).send().reason(), "token-revoked");
  EXPECT_EQ(role.del(path).as_administrator().send().status, 200u);
  EXPECT_EQ(role.written_of<events::TokenRevoked>().size(), 1u);
  EXPECT_EQ(role.del("/v1/tokens/nobody").as_administrator().send().reason(), "token-not-found");
  EXPECT_EQ(get("/v1/tokens").json()["tokens"][0]["status"], "revoked");
}

TEST_F(Tokens, newest_first_and_expired_ones_say_so) {
  const std::string first = role.given_token(access::Role::requester);
  const std::string second = role.given_token(access::Role::auditor);
  role.advance(std::chrono::hours(25));
  const Json tokens = get("/v1/tokens").json()["tokens"];
  ASSERT_EQ(tokens.size(), 2u);
  EXPECT_EQ(tokens[0]["id"], test::Role::id_of(second).text());
  EXPECT_EQ(tokens[1]["id"], test::Role::id_of(first).text());
  EXPECT_EQ(tokens[0]["status"], "expired");
}

}  // namespace
}  // namespace quicklime::identity
