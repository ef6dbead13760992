// POST /v1/certificates from the request to the event and back, with a real authority behind it.

#include "issuance/service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/work.hpp"
#include "ca/authority.hpp"
#include "pki/pem.hpp"
#include "support/role_fixture.hpp"

namespace quicklime::issuance {
namespace {

using test::Answer;
using test::Json;

class Issuance : public ::testing::Test {
 protected:
  Issuance() : role(projection()) {
    const Instant now = role.clock().now();
    const ca::AuthorityPlan plan{.organization = "Test", .public_url = "http://ca.test"};
    const auto root = ca::make_root(plan, now);
    const auto issuing = ca::make_issuing(plan, *root, now);
    role.given(events::AuthorityAdded{root->id, std::nullopt, root->certificate.der()});
    role.given(events::AuthorityAdded{issuing->id, root->id, issuing->certificate.der()});
    ca::IssuePolicy policy;
    policy.public_url = plan.public_url;
    policy.verdict_wait = Milliseconds(200);
    role.serve([&](api::ServiceContext context) {
      auto issuer = std::make_shared<ca::Issuer>(ca::SigningKeys::fixed({{issuing->id, std::make_shared<crypto::KeySigner>(issuing->key)}}),
                                                 ca::RevocationKey(Secret(std::string(32, 'k'))), policy, context.writer, context.log,
                                                 context.view, context.clock, context.pools);
      return make_service(issuer, std::make_shared<KeyedIssuer>(context, issuer));
    });
    token = role.given_token(access::Role::requester, {"*.load.internal", "10.0.0.0/8"});
    before = role.log_length();
  }

  static std::string csr_der(const std::string& name) {
    static const auto key = crypto::PrivateKey::generate(crypto::KeyKind::p256);
    return pki::Csr::make(pki::Name::empty(), {*pki::AlternativeName::guess(name)}, *key)->der();
  }
  static std::string csr(const std::string& name = "a.load.internal") { return pki::pem_encode("CERTIFICATE REQUEST", csr_der(name)); }

  test::Role::Ask ask(const std::string& query = "") { return role.post("/v1/certificates" + query); }
  Answer ask_json(const Json& body) { return ask().as(token).json(body).send(); }
  std::vector<events::CertificateIssued> issued() { return role.written_of<events::CertificateIssued>(); }
  std::size_t new_events() { return role.log_length() - before; }

  test::Role role;
  std::string token;
  std::size_t before = 0;
};

TEST_F(Issuance, answers_with_everything_and_the_event_is_in_the_log) {
  const auto answer = ask_json({{"csr", csr()}, {"lifetime", "30d"}, {"service", "shop"}, {"node", "n1"}});
  ASSERT_EQ(answer.status, 201u) << answer.body;
  const Json json = answer.json();
  EXPECT_THAT(json["names"], ::testing::ElementsAre("DNS:a.load.internal"));
  EXPECT_EQ(json["profile"], "tls-server");
  EXPECT_EQ(json["not_before"], "2026-11-21T11:59:00Z");
  EXPECT_EQ(json["not_after"], "2026-12-21T12:00:00Z");
  EXPECT_FALSE(json["renewal_challenge"].get<std::string>().empty());
  EXPECT_TRUE(json["revocation_secret"].get<std::string>().starts_with("qlr_" + json["serial"].get<std::string>() + "_"));
  EXPECT_EQ(json["position"], answer.header("Quicklime-Position"));
  EXPECT_EQ(answer.header("Location"), "/v1/certificates/" + json["serial"].get<std::string>());
  EXPECT_EQ(answer.header("Cache-Control"), "no-store");
  EXPECT_EQ(pki::pem_decode(json["chain"].get<std::string>())->size(), 1u);  // the root is left out

  const auto leaf = pki::Certificate::parse(*pki::pem_or_der(json["certificate"].get<std::string>(), "CERTIFICATE"));
  ASSERT_TRUE(leaf);
  ASSERT_EQ(issued().size(), 1u);
  const auto event = issued().front();
  EXPECT_EQ(event.certificate, leaf->der());
  EXPECT_EQ(event.serial.hex(), json["serial"].get<std::string>());
  EXPECT_EQ(event.service, "shop");
  EXPECT_EQ(event.node, "n1");
  EXPECT_EQ(role.written().back().actor, (events::Actor{events::Actor::Kind::token, test::Role::id_of(token).text()}));
}

TEST_F(Issuance, takes_every_form_in_which_people_send_a_request) {
  const std::string der = csr_der("a.load.internal");
  const std::pair<std::string, std::string> forms[] = {
      {"application/pkcs10", csr()},
      {"application/pkcs10", der},
      {"application/PKCS10; charset=utf-8", csr()},
      {"", csr()},
      {"", der},
      {"text/plain", "Certificate Request:\n    Data:\n" + csr()},
      {"application/x-pem-file", csr()},
      {"application/octet-stream", der},
      {"application/x-www-form-urlencoded", csr()},
      {"application/json", Json{{"csr", csr()}}.dump()},
      {"application/json", Json{{"csr", base64_encode(der)}}.dump()},
      {"", Json{{"csr", csr()}}.dump()},
  };
  std::size_t count = 0;
  for (const auto& [type, body] : forms) {
    const auto answer = ask().as(token).body(type, body).send();
    EXPECT_EQ(answer.status, 201u) << type << ": " << answer.body;
    EXPECT_EQ(issued().size(), ++count) << type;
  }
}

TEST_F(Issuance, a_bare_request_says_the_rest_in_its_query) {
  const auto answer = ask("?profile=tls-server&lifetime=2d&service=shop&node=n%201").as(token).body("application/pkcs10", csr()).send();
  ASSERT_EQ(answer.status, 201u) << answer.body;
  EXPECT_EQ(answer.json()["not_after"], "2026-11-23T12:00:00Z");
  EXPECT_EQ(issued().front().node, "n 1");
  const auto unknown = ask("?lifetme=2d").as(token).body("application/pkcs10", csr()).send();
  EXPECT_EQ(unknown.status, 400u);
  EXPECT_EQ(unknown.reason(), "parameter-unknown");
  EXPECT_EQ(ask("?lifetime=2d").as(token).json({{"csr", csr()}}).send().reason(), "parameter-unknown");
}

TEST_F(Issuance, pem_for_who_accepts_that_first) {
  const auto answer = ask().as(token).header("Accept", "application/pem-certificate-chain").body("", csr()).send();
  ASSERT_EQ(answer.status, 201u);
  EXPECT_EQ(answer.header("Content-Type"), "application/pem-certificate-chain");
  const auto chain = pki::pem_decode(answer.body);
  ASSERT_TRUE(chain);
  ASSERT_EQ(chain->size(), 2u);
  EXPECT_EQ(chain->front().der, issued().front().certificate);
  EXPECT_FALSE(answer.header("Quicklime-Position").empty());
  const auto json = ask().as(token).header("Accept", "application/json, application/pem-certificate-chain").body("", csr()).send();
  EXPECT_EQ(json.header("Content-Type"), "application/json");
}

TEST_F(Issuance, what_cannot_be_right_is_refused_by_name_and_recorded) {
  const std::pair<Json, const char*> bodies[] = {
      {{{"csr", csr()}, {"lifetme", "2d"}}, "member-unknown"},
      {{{"csr", csr()}, {"lifetime", 30}}, "member-kind"},
      {{{"profile", "tls-server"}}, "csr-missing"},
      {{{"csr", "not a request"}}, "csr-malformed"},
      {{{"csr", base64_encode("not a request")}}, "csr-malformed"},
      {{{"csr", csr()}, {"service", ""}}, "label-malformed"},
      {{{"csr", csr()}, {"node", "a\nb"}}, "label-malformed"},
      {{{"csr", csr()}, {"node", "\u009b2J"}}, "label-malformed"},
      {{{"csr", csr()}, {"service", "a\u202eb"}}, "label-malformed"},
      {{{"csr", csr()}, {"service", "a\x7f"}}, "label-malformed"},
      {Json::array(), "json-malformed"},
  };
  for (const auto& [body, reason] : bodies) {
    const auto answer = ask_json(body);
    EXPECT_EQ(answer.status, 400u) << body;
    EXPECT_EQ(answer.reason(), reason) << body;
  }
  EXPECT_EQ(ask_json({{"csr", csr()}, {"lifetime", "soon"}}).status, 400u);
  EXPECT_EQ(ask_json({{"csr", csr()}, {"lifetime", "soon"}}).json()["errors"][0]["pointer"], "/lifetime");
  EXPECT_EQ(ask().as(token).send().reason(), "csr-missing");
  EXPECT_EQ(ask().as(token).body("text/csv", csr()).send().status, 415u);
  EXPECT_EQ(ask().as(token).body("text/plain", "hello").send().status, 415u);
  EXPECT_EQ(ask().as(token).body("application/json", "{\"csr\":\"\xff\"}").send().reason(), "json-malformed");
  std::string altered = csr_der("a.load.internal");
  altered.back() = static_cast<char>(altered.back() ^ 1);
  EXPECT_EQ(ask().as(token).body("application/pkcs10", altered).send().status, 400u);
  EXPECT_TRUE(issued().empty());
  EXPECT_EQ(role.written_of<events::RequestDenied>().size(), 10U) << "of the minute; the others are counted";
}

TEST_F(Issuance, what_a_stranger_sends_is_not_read_at_all) {
  const auto counts = [] {
    std::uint64_t all = 0;
    for (const auto kind : work::kinds) all += work::counted(kind);
    return all;
  };
  const std::string sent = csr();
  const auto before = counts();
  EXPECT_EQ(ask().json({{"csr", sent}}).send().status, 401u);
  EXPECT_EQ(ask().as("qlk_guess").json({{"csr", sent}}).send().status, 401u);
  EXPECT_EQ(ask().presenting(std::string(53'000, 'c')).body("", sent).send().status, 401u);
  EXPECT_EQ(counts(), before);
}

TEST_F(Issuance, who_may_not_is_refused_and_a_denial_of_somebody_known_is_an_event) {
  EXPECT_EQ(ask().body("", csr()).send().status, 401u);
  EXPECT_EQ(new_events(), 0u);
  EXPECT_EQ(ask().as(token).body("", csr("api.internal")).send().reason(), "name-not-granted");
  EXPECT_EQ(ask().as(token).json({{"csr", csr()}, {"profile", "tls-client"}}).send().reason(), "profile-not-granted");
  EXPECT_EQ(ask().as_administrator().json({{"csr", csr()}, {"profile", "ocsp-signing"}}).send().status, 403u);
  const auto denials = role.written_of<events::RequestDenied>();
  ASSERT_EQ(denials.size(), 3u);
  EXPECT_EQ(denials[0].reason, "name-not-granted");
  EXPECT_EQ(denials[0].route, "POST /v1/certificates");
  EXPECT_TRUE(issued().empty());
  const std::string auditor = role.given_token(access::Role::auditor);
  EXPECT_EQ(ask().as(auditor).body("", csr()).send().reason(), "role-denied");
  EXPECT_EQ(ask().as_administrator().body("", csr("api.internal")).send().status, 201u);
}

TEST_F(Issuance, a_retry_with_the_same_key_gets_the_same_certificate) {
  const Json body{{"csr", csr()}};
  const auto first = ask().as(token).header("Idempotency-Key", "k1").json(body).send();
  const auto retry = ask().as(token).header("Idempotency-Key", "k1").json(body).send();
  ASSERT_EQ(first.status, 201u) << first.body;
  EXPECT_EQ(retry.status, 201u);
  EXPECT_EQ(retry.json(), first.json());
  EXPECT_EQ(issued().size(), 1u);
  const auto other = ask().as(token).header("Idempotency-Key", "k1").json({{"csr", csr()}, {"lifetime", "2d"}}).send();
  EXPECT_EQ(other.status, 422u) << other.body;
  EXPECT_EQ(other.reason(), "idempotency-conflict");
  const auto query = ask("?node=n1").as(token).header("Idempotency-Key", "k1").body("", csr()).send();
  EXPECT_EQ(query.status, 422u);
  EXPECT_EQ(ask().as(token).header("Idempotency-Key", "").json(body).send().reason(), "idempotency-key-malformed");
  EXPECT_EQ(issued().size(), 1u);
}

TEST_F(Issuance, with_the_view_at_rest_plain_requests_are_answered_and_keyed_ones_are_not_falsely) {
  const std::string body = csr();  // one text: a CSR made anew has another signature
  role.let_the_view_age(Milliseconds(0));
  EXPECT_EQ(ask().as(token).body("", body).send().status, 201u);
  const auto keyed = ask().as(token).header("Idempotency-Key", "k1").body("", body).send();
  EXPECT_EQ(keyed.status, 503u) << keyed.body;
  EXPECT_EQ(keyed.header("Retry-After"), "1");
  role.let_the_view_go_on();
  role.settle();
  const auto again = ask().as(token).header("Idempotency-Key", "k1").body("", body).send();
  EXPECT_EQ(again.status, 201u) << again.body;
  EXPECT_EQ(issued().size(), 2u);  // the first of the two keyed events is the answer
}

TEST_F(Issuance, a_position_ahead_of_the_view_is_waited_for) {
  EXPECT_EQ(ask().as(token).header("Quicklime-Min-Position", "soon").body("", csr()).send().status, 400u);
  const auto end = role.log().end();
  EXPECT_EQ(ask().as(token).header("Quicklime-Min-Position", "0." + std::to_string(end->offset - 1)).body("", csr()).send().status, 201u);
}

TEST_F(Issuance, the_sweep_revokes_what_lost_and_nothing_else) {
  // Two processes answered the same command; the second lost.
  auto draft = [&](const std::string& serial) {
    return eventlog::Draft{.actor = {events::Actor::Kind::token, test::Role::id_of(token).text()},
                           .cause = {RequestId("given")},
                           .once = {"command:" + std::string(64, 'c')},
                           .body = std::string(64, 'b'),
                           .subject = serial,
                           .data = test::an_issued(serial)};
  };
  ASSERT_TRUE(async::run_to_end(role.writer().append(draft("0a"))));
  ASSERT_TRUE(async::run_to_end(role.writer().append(draft("0b"))));
  role.settle();
  async::LoopThread background("background");
  background.loop().spawn(role.service().background.at(0)());
  for (int i = 0; i < 6'000 && role.written_of<events::CertificateRevoked>().empty(); ++i) std::this_thread::sleep_for(Milliseconds(10));
  const auto revoked = role.written_of<events::CertificateRevoked>();
  ASSERT_EQ(revoked.size(), 1u);
  EXPECT_EQ(revoked[0].serial.hex(), "0b");
  EXPECT_TRUE(revoked[0].lost_to);
}

}  // namespace
}  // namespace quicklime::issuance
