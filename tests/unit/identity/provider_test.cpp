#include "identity/provider.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "../async/test_certificates.hpp"
#include "async/completion.hpp"
#include "fake_provider.hpp"
#include "identity/provider_metadata.hpp"
#include "support/temporary_directory.hpp"

namespace quicklime::identity {
namespace {

using namespace std::chrono_literals;
using test::TokenMaker;
using testing::ElementsAre;
using testing::HasSubstr;

// Made once: keys take time.
const TokenMaker& first_key() {
  static const TokenMaker made("ES256", "first");
  return made;
}
const TokenMaker& second_key() {
  static const TokenMaker made("ES256", "second");
  return made;
}

std::string word(const Result<Person>& person) { return person ? person->subject : person.error().reason; }

class Providers : public testing::Test {
 protected:
  Providers() { provider_is_at_work(fake); }

  static void provider_is_at_work(FakeProvider& fake) {
    fake.publish({&first_key()});
    fake.signer = &first_key();
  }
  ProviderSettings settings() const {
    ProviderSettings settings;
    settings.issuer = fake.issuer;
    settings.client_id = "quicklime";
    return settings;
  }
  std::unique_ptr<Provider> provider(const ProviderSettings& settings) const { return Provider::make("op", settings, clock).value(); }
  std::unique_ptr<Provider> provider() const { return provider(settings()); }

  std::string claims(const std::string& more = "", const std::string& audience = "quicklime") const {
    return R"({"iss":")" + fake.issuer + R"(","sub":"alice","aud":")" + audience + R"(","exp":)" +
           std::to_string(clock.now().seconds() + 3600) + more + "}";
  }
  std::string token(const TokenMaker& by, const std::string& more = "") const { return by.token(claims(more)); }
  static Result<Person> verify(Provider& provider, const std::string& token) { return async::run_to_end(provider.verify(token)); }

  SetClock clock;
  FakeProvider fake;
  test::TemporaryDirectory directory;
};

TEST_F(Providers, ShowWhoATokenIsAbout) {
  const auto op = provider();
  const auto person = verify(*op, token(first_key(), R"(,"name":"Alice","groups":["pki"],"repository_id":74)"));
  ASSERT_TRUE(person) << person.error().detail;
  EXPECT_EQ(person->provider, "op");
  EXPECT_EQ(person->subject, "alice");
  EXPECT_EQ(person->name, "Alice");
  EXPECT_THAT(person->claims.at("groups"), ElementsAre("pki"));
  EXPECT_THAT(person->claims.at("repository_id"), ElementsAre("74"));
  EXPECT_EQ(person->until, clock.now() + 3600s);
  EXPECT_EQ(claimed_issuer(token(first_key())), fake.issuer);
  EXPECT_EQ(claimed_issuer("qlk_something"), std::nullopt);
}

TEST_F(Providers, TakeTokensOfEveryAlgorithm) {
  for (const char* algorithm : {"RS256", "ES256", "ES384", "EdDSA"}) {
    const TokenMaker key(algorithm);
    fake.publish({&key});
    EXPECT_EQ(word(verify(*provider(), token(key))), "alice") << algorithm;
  }
}

TEST_F(Providers, RefuseTokensForOthersOfOthersAndOfAnotherTime) {
  const auto op = provider();
  EXPECT_EQ(word(verify(*op, first_key().token(claims("", "other")))), "assertion-audience");
  EXPECT_EQ(word(verify(*op, first_key().token(R"({"iss":"https://other","sub":"a","aud":"quicklime","exp":1790003600})"))),
            "assertion-issuer");
  EXPECT_EQ(word(verify(*op, TokenMaker("ES256", "first").token(claims()))), "jws-signature-invalid");
  EXPECT_EQ(word(verify(*op, first_key().token(first_key().header(R"(,"typ":"logout+jwt")"), claims()))), "assertion-type");
  EXPECT_EQ(word(verify(*op, first_key().token(first_key().header(R"(,"typ":"at+jwt")"), claims()))), "alice");
  EXPECT_EQ(word(verify(*op, token(first_key(), R"(,"_claim_names":{"groups":"src1"})"))), "groups-not-sent");
  const std::string good = token(first_key());
  clock.advance(1h + 90s);
  EXPECT_EQ(word(verify(*op, good)), "assertion-time");

  ProviderSettings api = settings();
  api.audience = "https://ca.internal";
  EXPECT_EQ(word(verify(*provider(api), token(first_key()))), "assertion-audience") << "for programs, `audience` where it is said";
}

// Tasks on two loops at the same time, their subjects or reasons with how often each came.
std::map<std::string, int> together(Provider& provider, const std::vector<std::string>& tokens) {
  using Done = async::Completion<std::string>;
  struct Round {
    static async::Task<void> one(Provider& provider, std::string token, Done done) { done.complete(word(co_await provider.verify(token))); }
    static async::Task<std::string> wait(Done done) { co_return co_await done.wait(); }
  };
  async::LoopThread left("left"), right("right");
  std::vector<Done> all(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    (i % 2 == 0 ? left : right).loop().spawn(Round::one(provider, tokens[i], all[i]));
  }
  std::map<std::string, int> words;
  for (const Done& done : all) ++words[async::run_to_end(Round::wait(done))];
  return words;
}

TEST_F(Providers, AreAskedOnceByAllWhoWait) {
  const auto op = provider();
  const std::string good = token(first_key());
  EXPECT_EQ(together(*op, std::vector<std::string>(200, good)), (std::map<std::string, int>{{"alice", 200}}));
  EXPECT_EQ(fake.keys_asked, 1);
  EXPECT_EQ(fake.metadata_asked, 1);
}

TEST_F(Providers, MayTakeNewKeysWhileTokensOfTheOldOnesAreShown) {
  const auto op = provider();
  const std::string old = token(first_key()), fresh = token(second_key());
  EXPECT_EQ(word(verify(*op, old)), "alice");
  fake.publish({&second_key(), &first_key()});
  std::vector<std::string> tokens;
  for (int i = 0; i < 200; ++i) tokens.push_back(i % 2 == 0 ? old : fresh);
  EXPECT_EQ(together(*op, tokens), (std::map<std::string, int>{{"alice", 200}}));
  EXPECT_EQ(fake.keys_asked, 2);
}

TEST_F(Providers, AreNotAskedForEveryInventedKey) {
  const auto op = provider();
  const std::string good = token(first_key());
  std::vector<std::string> invented;
  for (int i = 0; i < 1000; ++i) {
    const std::string header = R"({"alg":"ES256","kid":"invented )" + std::to_string(i) + "\"}";
    invented.push_back(base64url_encode(header) + good.substr(good.find('.')));
  }
  EXPECT_EQ(together(*op, invented), (std::map<std::string, int>{{"jws-key-unknown", 1000}}));
  EXPECT_LE(fake.keys_asked, 2);
  const auto refused = verify(*op, invented.front());
  EXPECT_EQ(refused.error().retry_after_seconds, 30U);
  EXPECT_THAT(refused.error().detail, HasSubstr("newer keys are asked for in 30 s"));
  EXPECT_EQ(word(verify(*op, good)), "alice");

  fake.publish({&first_key(), &second_key()});
  EXPECT_EQ(word(verify(*op, token(second_key()))), "jws-key-unknown");
  clock.advance(30s);
  EXPECT_EQ(word(verify(*op, token(second_key()))), "alice") << "half a minute later a new key is found";
  EXPECT_LE(fake.keys_asked, 3);
}

TEST_F(Providers, AreAskedAgainByATokenWithoutAKeyId) {
  const TokenMaker one("EdDSA", ""), other("EdDSA", "");
  fake.publish({&one});
  const auto op = provider();
  EXPECT_EQ(word(verify(*op, token(one))), "alice");
  fake.publish({&other});
  EXPECT_EQ(word(verify(*op, token(other))), "alice");
  const auto refused = verify(*op, token(one));
  EXPECT_EQ(word(refused), "jws-signature-invalid");
  EXPECT_THAT(refused.error().detail, HasSubstr("newer keys are asked for in 30 s"));
}

TEST_F(Providers, TakeKeysBack) {
  const auto op = provider();
  const std::string old = token(first_key());
  EXPECT_EQ(word(verify(*op, old)), "alice");
  fake.publish({&second_key()});
  EXPECT_EQ(word(verify(*op, old)), "alice") << "nobody has asked yet";
  clock.advance(15min);
  EXPECT_EQ(word(verify(*op, old)), "jws-key-unknown");
}

TEST_F(Providers, MayBeAwayWhileTheirKeysAreKnown) {
  const auto op = provider();
  EXPECT_EQ(word(verify(*op, token(first_key()))), "alice");
  fake.stop();
  for (const auto later : {0min, 16min, 60min}) {
    clock.advance(later);
    EXPECT_EQ(word(verify(*op, token(first_key()))), "alice") << later.count();
    EXPECT_EQ(word(verify(*op, token(second_key()))), "provider-unreachable") << "which may have a new key";
  }
}

TEST_F(Providers, MayComeLater) {
  const auto op = provider();
  fake.stop();
  const auto refused = verify(*op, token(first_key()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "provider-unreachable");
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable) << "which is no 401";
  EXPECT_THAT(refused.error().detail, HasSubstr(fake.issuer));
  fake.start();
  clock.advance(1s);
  EXPECT_EQ(word(verify(*op, token(first_key()))), "alice");
}

TEST_F(Providers, AreWhoTheySayInEveryAddress) {
  fake.claims_issuer = "https://other.internal";
  EXPECT_EQ(word(verify(*provider(), token(first_key()))), "provider-answer");
  fake.claims_issuer.clear();
  fake.keys_at = "http://keys.internal";
  const auto refused = verify(*provider(), token(first_key()));
  EXPECT_EQ(word(refused), "provider-answer");
  EXPECT_THAT(refused.error().detail, HasSubstr("http://keys.internal/keys, which is not https://"));
  fake.keys_at.clear();
  fake.publish({});
  EXPECT_EQ(word(verify(*provider(), token(first_key()))), "provider-answer");
}

TEST_F(Providers, AreAskedOverTls) {
  TestAuthority authority;
  const TestCertificate certificate = authority.sign("op", "DNS:localhost,IP:127.0.0.1");
  FakeProvider secure(async::TlsServer::make(certificate.pem, certificate.key).value());
  provider_is_at_work(secure);
  ProviderSettings trusted = settings();
  trusted.issuer = secure.issuer;
  trusted.roots = authority.file("root.crt");
  const std::string good = first_key().token(R"({"iss":")" + secure.issuer + R"(","sub":"alice","aud":"quicklime","exp":1790003600})");
  EXPECT_EQ(word(verify(*provider(trusted), good)), "alice");
  TestAuthority other;
  for (const std::string& roots : {other.file("root.crt"), std::string(), (directory.path() / "none").string()}) {
    trusted.roots = roots;
    EXPECT_EQ(word(verify(*provider(trusted), good)), "provider-unreachable") << roots;
  }
}

TEST_F(Providers, MayBeKnownByAFileOfKeys) {
  ProviderSettings by_file;
  by_file.issuer = "https://ci.example.com";
  by_file.audience = "quicklime";
  by_file.keys_file = (directory.path() / "keys.json").string();
  std::ofstream(by_file.keys_file) << first_key().jwks();
  const auto op = provider(by_file);
  const auto good = [](const TokenMaker& by) {
    return by.token(R"({"iss":"https://ci.example.com","sub":"pipeline","aud":"quicklime","exp":1790003600})");
  };
  EXPECT_EQ(word(verify(*op, good(first_key()))), "pipeline");
  std::ofstream(by_file.keys_file) << second_key().jwks();
  EXPECT_EQ(word(verify(*op, good(second_key()))), "pipeline") << "the file was replaced";
  EXPECT_EQ(word(verify(*op, good(first_key()))), "jws-key-unknown");
  EXPECT_FALSE(op->by_browser());
  EXPECT_EQ(async::run_to_end(op->begin("https://ca.internal/callback")).error().reason, "provider-without-browser");
}

TEST_F(Providers, HaveSettingsThatCanBe) {
  const auto refused = [&](auto change) {
    ProviderSettings changed = settings();
    change(changed);
    const auto made = Provider::make("op", changed, clock);
    return made ? "taken" : made.error().reason + " " + made.error().field;
  };
  EXPECT_EQ(refused([](ProviderSettings&) {}), "taken");
  for (const char* issuer : {"", "login.internal", "http://login.internal", "http://127.0.0.1.evil.com", "http://127.0.0.1@evil.com",
                             "https://", "https:///x", "https://a b", "https://login.internal?x=y", "https://login.internal#x"}) {
    EXPECT_EQ(refused([&](ProviderSettings& s) { s.issuer = issuer; }), "setting-invalid oidc.op.issuer") << issuer;
  }
  EXPECT_EQ(refused([](ProviderSettings& s) { s.client_id = ""; }), "setting-invalid oidc.op.client_id");
  EXPECT_EQ(refused([](ProviderSettings& s) { s.groups = ""; }), "setting-invalid oidc.op.groups");
}

// Signing in by a browser.
class Browsers : public Providers {
 protected:
  static constexpr const char* kBack = "https://ca.internal/v1/sign-in/op/callback";

  Browsers() { fake.id_token = claims(R"(,"nonce":"NONCE","groups":["pki"])"); }

  // The browser goes to the provider, which will take one code.
  Secret begin(Provider& provider) {
    auto begun = async::run_to_end(provider.begin(kBack));
    if (!begun) throw std::runtime_error(begun.error().detail);
    http::Request request;
    request.target = begun->url.substr(fake.issuer.size());
    EXPECT_TRUE(http::split_target(request));
    asked = request.query;
    fake.challenge = asked["code_challenge"];
    fake.nonce = asked["nonce"];
    fake.only_code = "the code";
    return std::move(begun->kept);
  }
  Provider::Query answer() const { return {{"code", "the code"}, {"state", asked.at("state")}}; }
  static Result<Person> finish(Provider& provider, Secret kept, Provider::Query query) {
    return async::run_to_end(provider.finish(std::move(kept), std::move(query)));
  }
  Result<Person> sign_in(Provider& provider) {
    Secret kept = begin(provider);
    return finish(provider, std::move(kept), answer());
  }

  FakeProvider::Query asked;
};

TEST_F(Browsers, AskForACodeWithPkce) {
  fake.more_metadata = R"(,"scopes_supported":["openid","profile","groups"])";
  const auto op = provider();
  const Secret kept = begin(*op);
  EXPECT_EQ(asked["tenant"], "7") << "a query of the provider's own stays";
  EXPECT_EQ(asked["response_type"], "code");
  EXPECT_EQ(asked["client_id"], "quicklime");
  EXPECT_EQ(asked["redirect_uri"], kBack);
  EXPECT_EQ(asked["scope"], "openid profile groups");
  EXPECT_EQ(asked["code_challenge_method"], "S256");
  EXPECT_EQ(asked["code_challenge"].size(), 43U);
  const std::string state = asked["state"], nonce = asked["nonce"];
  EXPECT_EQ(state.size(), 43U);
  EXPECT_NE(state, nonce);
  const Secret next = begin(*op);
  EXPECT_NE(asked["state"], state);
}

TEST_F(Browsers, AreScopedByWhatTheProviderKnows) {
  const auto op = provider();
  const Secret kept = begin(*op);
  EXPECT_EQ(asked["scope"], "openid") << "some refuse a scope that they do not know";
}

TEST_F(Browsers, GoWhereTheProviderIsNow) {
  const auto op = provider();
  const Secret kept = begin(*op);
  fake.more_metadata = R"(,"scopes_supported":["openid","profile"])";
  clock.advance(15min);
  const Secret next = begin(*op);
  EXPECT_EQ(asked["scope"], "openid profile");
}

TEST_F(Browsers, SignInAndAreFinishedByAnotherReplica) {
  const auto one = provider(), other = provider();
  Secret kept = begin(*one);
  const auto person = finish(*other, std::move(kept), answer());
  ASSERT_TRUE(person) << person.error().detail;
  EXPECT_EQ(person->subject, "alice");
  EXPECT_EQ(person->name, "alice");
  EXPECT_THAT(person->claims.at("groups"), ElementsAre("pki"));
  EXPECT_EQ(person->until, clock.now() + 1h);
  EXPECT_EQ(fake.last_form["grant_type"], "authorization_code");
  EXPECT_EQ(fake.last_form["redirect_uri"], kBack);
  EXPECT_EQ(fake.last_form["client_id"], "quicklime");
  EXPECT_EQ(fake.last_authorization, "") << "a public client";
}

TEST_F(Browsers, SignInByAClientWithASecret) {
  ProviderSettings confidential = settings();
  confidential.client_id = "quick:lime";
  confidential.client_secret_file = (directory.path() / "secret").string();
  std::ofstream(confidential.client_secret_file) << "s%cret\n";
  fake.id_token = claims(R"(,"nonce":"NONCE")", "quick:lime");
  EXPECT_EQ(word(sign_in(*provider(confidential))), "alice");
  EXPECT_EQ(fake.last_authorization, "Basic " + base64_encode("quick%3Alime:s%25cret"));
  EXPECT_FALSE(fake.last_form.contains("client_secret"));

  fake.more_metadata = R"(,"token_endpoint_auth_methods_supported":["client_secret_post"])";
  EXPECT_EQ(word(sign_in(*provider(confidential))), "alice");
  EXPECT_EQ(fake.last_form["client_secret"], "s%cret");
  EXPECT_EQ(fake.last_authorization, "");
}

TEST_F(Browsers, AreRefusedWhenTheAnswerIsNotToWhatTheyBegan) {
  const auto op = provider();
  const auto changed = [&](const char* member, const std::string& value) {
    Secret kept = begin(*op);
    auto query = answer();
    query[member] = value;
    return word(finish(*op, std::move(kept), query));
  };
  EXPECT_EQ(changed("state", asked["state"]), "browser-sign-in-failed") << "of another flow";
  EXPECT_EQ(changed("state", ""), "browser-sign-in-failed");
  EXPECT_EQ(changed("iss", "https://other.internal"), "browser-sign-in-failed");
  EXPECT_EQ(changed("iss", fake.issuer), "alice");
  EXPECT_EQ(changed("code", ""), "browser-sign-in-failed");
  EXPECT_EQ(changed("code", "another"), "browser-sign-in-failed");
  EXPECT_EQ(changed("error", "access_denied"), "browser-sign-in-failed");
  EXPECT_EQ(fake.last_form["code"], "another") << "what the provider refused itself is not exchanged";
}

TEST_F(Browsers, NeedTheIssuerOfAProviderThatNamesItself) {
  fake.more_metadata = R"(,"authorization_response_iss_parameter_supported":true)";
  EXPECT_EQ(word(sign_in(*provider())), "browser-sign-in-failed");
}

TEST_F(Browsers, UseACodeOnce) {
  const auto op = provider();
  Secret kept = begin(*op);
  Secret again = Secret::copy_of(kept.reveal());
  EXPECT_EQ(word(finish(*op, std::move(kept), answer())), "alice");
  const auto refused = finish(*op, std::move(again), answer());
  EXPECT_EQ(word(refused), "browser-sign-in-failed");
  EXPECT_THAT(refused.error().detail, HasSubstr("invalid_grant"));
}

TEST_F(Browsers, ComeBackInTimeAndToWhereTheyBegan) {
  const auto op = provider();
  Secret kept = begin(*op);
  clock.advance(10min + 1s);
  EXPECT_EQ(word(finish(*op, std::move(kept), answer())), "browser-sign-in-failed");
  kept = begin(*op);
  EXPECT_EQ(word(finish(*Provider::make("other", settings(), clock).value(), std::move(kept), answer())), "browser-sign-in-failed");
  for (const char* broken : {"", "op", "op\na\nb\nc\nd\n", "op\na\nb\nc\nd\n1x", "op\na\nb\nc\nd\n1\n2"}) {
    EXPECT_EQ(word(finish(*op, Secret::copy_of(broken), answer())), "browser-sign-in-failed") << broken;
  }
}

TEST_F(Browsers, AreShownByATokenForThem) {
  const auto with = [&](const std::string& id_token) {
    fake.id_token = id_token;
    return word(sign_in(*provider()));
  };
  EXPECT_EQ(with(claims(R"(,"nonce":"NONCE")")), "alice");
  EXPECT_EQ(with(claims(R"(,"nonce":"another")")), "browser-sign-in-failed");
  EXPECT_EQ(with(claims()), "browser-sign-in-failed") << "no nonce";
  EXPECT_EQ(with(claims(R"(,"nonce":"NONCE")", "other")), "assertion-audience");
  EXPECT_EQ(with(claims(R"(,"nonce":"NONCE","azp":"other")")), "browser-sign-in-failed");
  const std::string two = R"({"iss":")" + fake.issuer + R"(","sub":"alice","aud":["quicklime","other"],"nonce":"NONCE","exp":1790003600)";
  EXPECT_EQ(with(two + "}"), "browser-sign-in-failed") << "for two, and not said for whom of them";
  EXPECT_EQ(with(two + R"(,"azp":"quicklime"})"), "alice");
  fake.signer = &second_key();
  EXPECT_EQ(with(claims(R"(,"nonce":"NONCE")")), "jws-key-unknown");
}

TEST_F(Browsers, AreAskedAboutWhereTheTokenHasNoGroups) {
  fake.more_metadata = R"(,"userinfo_endpoint":")" + fake.issuer + "/me\"";
  fake.id_token = claims(R"(,"nonce":"NONCE","acr":"token's")");
  fake.info = R"({"sub":"alice","name":"Alice","groups":["pki"],"acr":"info's"})";
  const auto person = sign_in(*provider());
  ASSERT_TRUE(person) << person.error().detail;
  EXPECT_EQ(person->name, "Alice");
  EXPECT_THAT(person->claims.at("groups"), ElementsAre("pki"));
  EXPECT_THAT(person->claims.at("acr"), ElementsAre("token's")) << "what is signed counts first";
  fake.info = R"({"sub":"bob","groups":["admins"]})";
  EXPECT_EQ(word(sign_in(*provider())), "browser-sign-in-failed") << "about somebody else";
  fake.info = "[]";
  EXPECT_EQ(word(sign_in(*provider())), "assertion-malformed");
  fake.id_token = claims(R"(,"nonce":"NONCE","groups":["pki"])");
  EXPECT_EQ(word(sign_in(*provider())), "alice") << "not asked where it is not needed";
}

}  // namespace
}  // namespace quicklime::identity
