// CFSSL's front: what its clients send, what it takes to be somebody there, and keys that are made here.

#include "issuance/cfssl.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/hash.hpp"
#include "issuance/service.hpp"
#include "pki/pem.hpp"
#include "support/role_fixture.hpp"

namespace quicklime::issuance {
namespace {

using test::Answer;
using test::Json;

// Identity, as far as it is asked: the auth key of a token is the hash of its id.
class OneWhoKnowsKeys final : public access::Exchange {
 public:
  static Secret key_of(const TokenId& token) { return Secret(std::string(crypto::view(crypto::sha256(token.text())))); }
  async::Task<std::optional<Result<access::Exchanged>>> exchange(const access::Credentials&) override { co_return std::nullopt; }
  async::Task<Result<bool>> is_by_auth_key(const access::SignedRequest& request) override {
    const auto expected = crypto::hmac_sha256(key_of(request.token), request.text);
    co_return crypto::view(expected) == request.mac;
  }
};

class Cfssl : public ::testing::Test {
 protected:
  explicit Cfssl(bool makes_keys = false) : role(projection()) {
    const ca::AuthorityPlan plan{.organization = "Test", .public_url = "http://ca.test"};
    const Instant now = role.clock().now();
    const auto root = ca::make_root(plan, now);
    const auto issuing = ca::make_issuing(plan, *root, now);
    role.given(events::AuthorityAdded{root->id, std::nullopt, root->certificate.der()});
    role.given(events::AuthorityAdded{issuing->id, root->id, issuing->certificate.der()});
    keys->set(std::make_shared<OneWhoKnowsKeys>());
    role.serve([&](api::ServiceContext context) {
      ca::IssuePolicy policy{.public_url = "http://ca.test"};
      for (auto& profile : policy.profiles) profile.makes_keys = makes_keys && !profile.internal();
      auto issuer = std::make_shared<ca::Issuer>(ca::SigningKeys::fixed({{issuing->id, std::make_shared<crypto::KeySigner>(issuing->key)}}),
                                                 ca::RevocationKey(Secret(std::string(32, 'k'))), policy, context.writer, context.log,
                                                 context.view, context.clock, context.pools);
      keyed = std::make_shared<KeyedIssuer>(context, issuer);
      auto service = make_service(issuer, keyed);
      for (auto& route : cfssl_routes(context, issuer, keyed, keys)) service.routes.push_back(std::move(route));
      return service;
    });
    token = role.given_token(access::Role::requester, {"*.internal"});
  }
  ~Cfssl() override { keyed.reset(); }

  static std::string csr(const std::string& name) {
    const auto key = *crypto::PrivateKey::generate(crypto::KeyKind::p256);
    const std::vector<pki::AlternativeName> names{*pki::AlternativeName::guess(name)};
    return pki::pem_encode("CERTIFICATE REQUEST", pki::Csr::make(pki::Name::empty(), names, key)->der());
  }
  Answer post(const std::string& what, const Json& body, const std::string& as = "") {
    auto ask = role.post(what.starts_with('/') ? what : "/api/v1/cfssl/" + what);
    if (!as.empty()) ask.as(as);
    return ask.json(body).send();
  }
  // As the client of Debian 12 sends it.
  Json request(const std::string& name = "api.internal") {
    return {{"hosts", nullptr},
            {"certificate_request", csr(name)},
            {"profile", ""},
            {"crl_override", ""},
            {"label", Role::id_of(token).text()}};
  }
  static Json signed_by(const Secret& key, const std::string& bytes) {
    const auto mac = crypto::hmac_sha256(key, bytes);
    return {{"timestamp", 0}, {"remote_address", nullptr}, {"token", base64_encode(crypto::view(mac))}, {"request", base64_encode(bytes)}};
  }
  Secret auth_key() { return OneWhoKnowsKeys::key_of(Role::id_of(token)); }
  static std::string message(const Answer& answer) { return answer.json()["errors"].at(0)["message"]; }
  static Json asked(const std::string& name = "api.internal") {
    return {{"CN", name}, {"hosts", {name}}, {"names", Json::array({Json::object()})}, {"key", {{"algo", "ecdsa"}, {"size", 256}}}};
  }
  std::size_t issued() { return role.written_of<events::CertificateIssued>().size(); }
  std::vector<events::CertificateRevoked> revoked() {
    role.settle();
    EXPECT_TRUE(async::run_to_end(keyed->revoke_lost()));
    return role.written_of<events::CertificateRevoked>();
  }

  using Role = test::Role;
  Role role;
  std::shared_ptr<access::Exchanges> keys = std::make_shared<access::Exchanges>();
  std::shared_ptr<KeyedIssuer> keyed;
  std::string token;
};

class CfsslThatMakesKeys : public Cfssl {
 protected:
  CfsslThatMakesKeys() : Cfssl(true) {}
};

TEST_F(Cfssl, a_certificate_by_a_token_and_by_its_auth_key) {
  const auto by_token = post("sign", request(), token);
  ASSERT_EQ(by_token.status, 200u) << by_token.body;
  EXPECT_EQ(by_token.json()["success"], true);
  EXPECT_EQ(by_token.json()["errors"], Json::array());
  const auto by_key = post("authsign", signed_by(auth_key(), request("web.internal").dump()));
  ASSERT_EQ(by_key.status, 200u) << by_key.body;
  const auto der = pki::pem_or_der(by_key.json()["result"]["certificate"].get<std::string>(), "CERTIFICATE");
  EXPECT_EQ(pki::Certificate::parse(*der)->alternative_names().front().text(), "DNS:web.internal");
  EXPECT_EQ(issued(), 2u);
  for (const auto& event : role.written()) {
    if (std::holds_alternative<events::CertificateIssued>(event.data)) {
      EXPECT_EQ(event.actor.id, Role::id_of(token).text());
    }
  }
}

TEST_F(Cfssl, an_auth_key_is_of_one_token_and_ends_with_it) {
  const std::string other = role.given_token(access::Role::requester), bytes = request().dump();
  Json of_other = request(), of_nobody = request();
  of_other["label"] = Role::id_of(other).text();
  of_nobody["label"] = nullptr;
  Json tampered = signed_by(auth_key(), bytes);
  tampered["request"] = base64_encode(bytes + " ");
  for (const auto& body : {signed_by(auth_key(), of_other.dump()), signed_by(auth_key(), of_nobody.dump()),
                           signed_by(Secret(std::string(32, '1')), bytes), tampered}) {
    const auto refused = post("authsign", body);
    EXPECT_EQ(refused.status, 401u) << refused.body;
    EXPECT_TRUE(message(refused).starts_with("auth-key-wrong")) << refused.body;
  }
  EXPECT_EQ(issued(), 0u);
  role.given(events::TokenRevoked{Role::id_of(token)});
  const auto dead = post("authsign", signed_by(auth_key(), bytes));
  EXPECT_EQ(dead.status, 401u);
  EXPECT_TRUE(message(dead).starts_with("token-revoked")) << dead.body;
  EXPECT_EQ(role.written_of<events::RequestDenied>().size(), 1u) << "of somebody known";
}

TEST_F(Cfssl, the_key_of_an_auditor_asks_for_nothing) {
  token = role.given_token(access::Role::auditor);
  const auto refused = post("authsign", signed_by(auth_key(), request().dump()));
  EXPECT_EQ(refused.status, 403u) << refused.body;
  EXPECT_TRUE(message(refused).starts_with("role-denied")) << refused.body;
}

TEST_F(Cfssl, where_nobody_checks_auth_keys_it_says_so) {
  keys->set(nullptr);
  const auto refused = post("authsign", signed_by(auth_key(), request().dump()));
  EXPECT_EQ(refused.status, 404u);
  EXPECT_TRUE(message(refused).starts_with("auth-keys-elsewhere")) << refused.body;
}

TEST_F(Cfssl, no_is_said_in_its_own_words) {
  const auto nobody = post("sign", request());
  EXPECT_EQ(nobody.status, 401u);
  EXPECT_EQ(nobody.json()["success"], false);
  EXPECT_EQ(nobody.json()["result"], nullptr);
  EXPECT_EQ(nobody.json()["errors"][0]["code"], 401);
  EXPECT_EQ(nobody.header("Content-Type"), "application/json");
  EXPECT_EQ(role.get("/api/v1/cfssl/sign").send().json()["errors"][0]["code"], 405) << "also before there is a handler";
  EXPECT_EQ(post("bundle", Json::object()).json()["errors"][0]["code"], 404);
  EXPECT_EQ(issued(), 0u);
}

TEST_F(Cfssl, hosts_stand_in_place_of_the_names_of_the_request_within_the_grant) {
  Json named = request();
  named["hosts"] = {"other.internal", "OTHER.internal"};
  ASSERT_EQ(post("sign", named, token).status, 200u);
  EXPECT_THAT(role.written_of<events::CertificateIssued>().back().names, ::testing::ElementsAre("DNS:other.internal"));
  named.erase("hosts");
  named["hostname"] = "a.internal,b.internal";
  ASSERT_EQ(post("sign", named, token).status, 200u);
  EXPECT_THAT(role.written_of<events::CertificateIssued>().back().names, ::testing::ElementsAre("DNS:a.internal", "DNS:b.internal"));
  named["hostname"] = "elsewhere.example";
  EXPECT_EQ(post("sign", named, token).status, 403u) << "beyond the grant";
  EXPECT_EQ(issued(), 2u);
}

// A process is known by a name of the scheme "quicklime:": whoever could ask for one would be a process.
TEST_F(Cfssl, hosts_make_nobody_a_process_of_the_ca) {
  for (const char* profile : {"tls-server", "role-peer", "ocsp-signing"}) {
    for (const auto& who :
         {token, role.given_token(access::Role::requester, {"*"}, {"*"}), role.given_token(access::Role::administrator)}) {
      Json named = request();
      named["hosts"] = {"quicklime:role/issuance"};
      named["profile"] = profile;
      EXPECT_GE(post("sign", named, who).status, 400u) << profile;
    }
  }
  EXPECT_EQ(issued(), 0u);
}

TEST_F(Cfssl, what_is_not_the_clients_to_say_is_refused_by_name) {
  Json empty = request();
  empty.update(
      {{"NotBefore", "0001-01-01T00:00:00Z"}, {"NotAfter", "0001-01-01T00:00:00Z"}, {"ReturnPrecert", false}, {"metadata", nullptr}});
  EXPECT_EQ(post("sign", empty, token).status, 200u) << "as newer clients send it";
  for (const auto& [member, value] : std::map<std::string, Json>{{"subject", {{"CN", "x"}}},
                                                                 {"serial", 7},
                                                                 {"NotAfter", "2030-01-01T00:00:00Z"},
                                                                 {"crl_override", "http://x"},
                                                                 {"bundle", true},
                                                                 {"invented", ""}}) {
    Json more = request();
    more[member] = value;
    const auto refused = post("sign", more, token);
    EXPECT_EQ(refused.status, 400u) << member;
    EXPECT_NE(message(refused).find(member), std::string::npos) << refused.body;
  }
  EXPECT_EQ(issued(), 1u);
}

TEST_F(Cfssl, what_anybody_may_ask) {
  const auto info = post("info", {{"label", ""}, {"profile", ""}});
  ASSERT_EQ(info.status, 200u) << info.body;
  EXPECT_EQ(info.json()["result"]["usages"], (Json{"digital signature", "server auth"}));
  EXPECT_EQ(info.json()["result"]["expiry"], "2160h");
  EXPECT_EQ(role.get("/api/v1/cfssl/health").send().json()["result"]["healthy"], true);
  EXPECT_EQ(post("certinfo", {{"certificate", info.json()["result"]["certificate"]}}).json()["result"]["sigalg"], "ECDSAWithSHA256");
  EXPECT_EQ(post("certinfo", {{"certificate", "x"}}).status, 400u);
}

TEST_F(Cfssl, no_key_is_made_unless_the_profile_says_so) {
  for (const auto& [path, body] :
       std::map<std::string, Json>{{"newkey", asked()}, {"newcert", {{"request", asked()}}}, {"/v1/certificates", asked()}}) {
    const auto refused = post(path, body, token);
    EXPECT_EQ(refused.status, 403u) << path << refused.body;
    EXPECT_NE(refused.body.find("keys-not-made-here"), std::string::npos) << refused.body;
  }
  EXPECT_EQ(issued(), 0u);
}

TEST_F(CfsslThatMakesKeys, the_key_is_told_with_its_certificate_once_and_stands_nowhere_else) {
  const auto answer = post("newcert", {{"request", asked()}}, token);
  ASSERT_EQ(answer.status, 200u) << answer.body;
  const Json made = Json::parse(answer.all_pieces());
  answer.stream->sent();
  const auto key = crypto::PrivateKey::from_pem(Secret(made["result"]["private_key"].get<std::string>()));
  const auto der = pki::pem_or_der(made["result"]["certificate"].get<std::string>(), "CERTIFICATE");
  EXPECT_EQ(pki::Certificate::parse(*der)->spki(), key->public_key().spki());
  const auto csr = pki::pem_or_der(made["result"]["certificate_request"].get<std::string>(), "CERTIFICATE REQUEST");
  EXPECT_EQ(pki::Csr::parse(*csr)->public_key(), key->public_key());
  std::string sha1 = hex_encode(crypto::view(crypto::sha1(*der)));
  for (char& digit : sha1) digit = static_cast<char>(std::toupper(digit));
  EXPECT_EQ(made["result"]["sums"]["certificate"]["sha-1"], sha1);
  EXPECT_TRUE(revoked().empty());
}

TEST_F(CfsslThatMakesKeys, it_is_asked_for_at_the_native_route_too) {
  Json body = asked("web.internal");
  body.update({{"lifetime", "1d"}, {"service", "shop"}});
  const auto answer = post("/v1/certificates", body, token);
  ASSERT_EQ(answer.status, 201u) << answer.body;
  const Json made = Json::parse(answer.all_pieces());
  answer.stream->sent();
  EXPECT_NE(made["private_key"].get<std::string>().find("PRIVATE KEY"), std::string::npos);
  EXPECT_EQ(made["names"], (Json{"DNS:web.internal"}));
  EXPECT_EQ(role.written_of<events::CertificateIssued>().back().service, "shop");
  EXPECT_EQ(post("/v1/certificates", asked("elsewhere.example"), token).status, 403u) << "within the grant";
}

TEST_F(CfsslThatMakesKeys, what_was_not_sent_is_revoked) {
  {
    const auto lost = post("newcert", {{"request", asked()}}, token);
    EXPECT_FALSE(lost.next_piece().empty()) << "begun, and not sent to its end";
  }
  const auto after = revoked();
  ASSERT_EQ(after.size(), 1u);
  EXPECT_EQ(after.front().serial, role.written_of<events::CertificateIssued>().front().serial);
  EXPECT_EQ(revoked().size(), 1u) << "once";
  EXPECT_EQ(post("newcert", {{"request", asked("elsewhere.example")}}, token).status, 403u);
  EXPECT_EQ(revoked().size(), 1u) << "what was refused has nothing to take back";
}

TEST_F(CfsslThatMakesKeys, no_second_request_gets_the_key) {
  for (const auto& [path, body] : std::map<std::string, Json>{{"newkey", asked()}, {"newcert", {{"request", asked()}}}}) {
    const auto refused = role.post("/api/v1/cfssl/" + path).as(token).header("Idempotency-Key", "k").json(body).send();
    EXPECT_EQ(refused.status, 400u) << refused.body;
    EXPECT_TRUE(message(refused).starts_with("idempotency-key-refused")) << refused.body;
  }
  const auto native = role.post("/v1/certificates").as(token).header("Idempotency-Key", "k").json(asked()).send();
  EXPECT_EQ(native.reason(), "idempotency-key-refused");
  EXPECT_EQ(issued(), 0u);
}

TEST_F(CfsslThatMakesKeys, a_request_says_what_it_wants_in_known_words) {
  const auto refused = [&](const char* member, Json value, const char* reason) {
    Json body = asked();
    body[member] = std::move(value);
    const auto answer = post("newcert", {{"request", body}}, token);
    EXPECT_GE(answer.status, 400u) << member;
    EXPECT_TRUE(message(answer).starts_with(reason)) << answer.body;
  };
  refused("key", {{"algo", "rsa"}, {"size", 1024}}, "key-kind");
  refused("key", {{"algo", "dsa"}, {"size", 2048}}, "key-kind");
  refused("key", "P-256", "member-kind");
  refused("ca", {{"expiry", "1h"}}, "member-unknown");
  refused("hosts", Json::array({"not a name"}), "name-malformed");
  refused("names", Json::array({Json{{"O", "Acme"}}}), "csr-subject");
  refused("CN", "other.internal", "csr-subject");
  EXPECT_EQ(issued(), 0u);
  Json nothing_said{{"CN", "api.internal"}, {"hosts", nullptr}, {"key", nullptr}, {"names", nullptr}};
  EXPECT_EQ(post("newcert", {{"request", nothing_said}}, token).status, 200u) << "the CN is the name, the key P-256";
}

}  // namespace
}  // namespace quicklime::issuance
