#include "ca/issue.hpp"

#include <gtest/gtest.h>

#include <future>

#include "base/encoding.hpp"
#include "installation.hpp"

namespace quicklime::ca {
namespace {

using test::administrator;
using test::authorities;
using test::csr_for;
using test::Installation;
using test::issue;
using test::request;

async::Task<void> ask(Issuer& issuer, IssueRequest asked, std::optional<Result<Issued>>& answer, std::atomic<unsigned>& done) {
  answer.emplace(co_await issuer.issue(std::move(asked), administrator()));
  ++done;
}

std::string reason(const Result<Issued>& issued) { return issued ? "" : issued.error().reason; }

TEST(Issue, ACertificateThatStrictCheckersAccept) {
  Installation ca;
  const auto process = ca.process();
  IssueRequest asked = request();
  asked.service = "api";
  asked.node = "node-7";
  const auto issued = issue(process->issuer, asked);
  ASSERT_TRUE(issued) << issued.error().detail;
  const auto leaf = pki::Certificate::parse(issued->certificate);
  ASSERT_TRUE(leaf);
  const auto chain = pki::certificates_in(issued->chain);
  ASSERT_TRUE(chain);
  ASSERT_EQ(chain->size(), 1U) << "the root is left out";
  EXPECT_TRUE(pki::verify_chain(*leaf, *chain, {test::authorities().root.certificate}, ca.clock.now()));
  EXPECT_EQ(leaf->serial(), issued->serial);
  EXPECT_EQ(leaf->subject().common_name(), "api.internal");
  EXPECT_EQ(leaf->extended_key_usages(), std::vector<std::string>{std::string(pki::oid::server_auth)});
  EXPECT_EQ(issued->not_before, Instant::parse("2026-11-21T01:01:03Z"));
  EXPECT_EQ(issued->not_after, Instant::parse("2027-02-19T01:02:03Z"));
  EXPECT_NE(leaf->der().find("http://ca.internal:8080/ocsp"), std::string::npos);
  EXPECT_NE(leaf->der().find("http://ca.internal:8080/crl/issuing-1.crl"), std::string::npos);
  EXPECT_NE(leaf->der().find("http://ca.internal:8080/ca/issuing-1.crt"), std::string::npos);

  const auto events = ca.events();
  const auto& event = events.back();
  const auto& data = std::get<events::CertificateIssued>(event.data);
  EXPECT_EQ(issued->position, (Position{0, events.size() - 1}));
  EXPECT_EQ(data.certificate, issued->certificate);
  EXPECT_EQ(event.subject, issued->serial.hex());
  EXPECT_EQ(data.names, std::vector<std::string>{"DNS:api.internal"});
  EXPECT_EQ(data.service, "api");
  EXPECT_EQ(data.node, "node-7");
  EXPECT_EQ(data.profile_sha256, (*find_profile(default_profiles(), "tls-server"))->content_sha256());
  EXPECT_EQ(data.renewal_challenge, issued->renewal_challenge);
  EXPECT_TRUE(event.once.empty());
  EXPECT_EQ(ca.signer->count(), 1U);
  const RevocationKey key(Secret(std::string(32, 'k')));
  EXPECT_EQ(*key.verify(issued->revocation_secret.reveal()), issued->serial);
  EXPECT_EQ(ca.log->read_one(issued->position.offset)->bytes.find(issued->revocation_secret.reveal()), std::string::npos)
      << "nowhere in the log";
}

TEST(Issue, WhatIsKnownOfTheRequesterForTooLongIsNoGround) {
  Installation ca;
  const auto process = ca.process();
  const auto events = ca.log->end()->offset;
  // Identified, and then the process stood still: the view that is asked next is fresh again, and says nothing of the token.
  Requester identified = administrator();
  identified.persist_by = std::chrono::steady_clock::now() - Milliseconds(1);
  for (const char* key : {"", "k1"}) {
    const auto refused = issue(process->issuer, request(*key ? std::optional<std::string>(key) : std::nullopt), identified);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_EQ(reason(refused), "view-stale");
  }
  EXPECT_EQ(ca.log->end()->offset, events);
  EXPECT_TRUE(issue(process->issuer, request("k1"))) << "the key is free: nothing was done under it";
}

TEST(Issue, AViewThatGrowsOldWhileItsDecisionWaitsIsNoGround) {
  Installation ca;
  auto policy = Installation::default_policy();
  policy.stale_limit = Milliseconds(500);
  const auto process = ca.process(policy);
  ca.wait_until_fresh();
  const auto events = ca.log->end()->offset;
  ca.log->stall(true);
  std::optional<Result<Issued>> answer;
  std::atomic<unsigned> done{0};
  async::LoopThread loop("client");
  loop.loop().spawn(ask(process->issuer, request(), answer, done));
  std::this_thread::sleep_for(Milliseconds(700));
  ca.log->stall(false);
  test::wait_until([&] { return done == 1; }, "an answer");
  EXPECT_EQ(reason(*answer), "view-stale");
  EXPECT_EQ(ca.log->end()->offset, events);
}

TEST(Issue, RsaKeysGetKeyEncipherment) {
  Installation ca;
  const auto process = ca.process();
  const auto rsa = *crypto::PrivateKey::generate(crypto::KeyKind::rsa2048);
  // keyUsage (RFC 5280 section 4.2.1.3), critical: digitalSignature alone, and with keyEncipherment.
  const std::string alone = *hex_decode("0603551d0f0101ff040403020780"), both = *hex_decode("0603551d0f0101ff0404030205a0");
  IssueRequest asked = request();
  EXPECT_NE(issue(process->issuer, asked)->certificate.find(alone), std::string::npos);
  asked.csr = csr_for({"api.internal"}, rsa);
  EXPECT_NE(issue(process->issuer, asked)->certificate.find(both), std::string::npos);
}

TEST(Issue, SlowSignersWorkOnAPool) {
  Installation ca(quicklime::test::CountingSigner::Speed::slow);
  const auto process = ca.process();
  ASSERT_TRUE(issue(process->issuer, request()));
  EXPECT_NE(ca.signer->last_thread(), std::this_thread::get_id());
  Installation fast;
  const auto other = fast.process();
  ASSERT_TRUE(issue(other->issuer, request()));
  EXPECT_EQ(fast.signer->last_thread(), std::this_thread::get_id());
}

// As a broker that answers nobody: whoever asks it holds a thread until it does.
TEST(Issue, ALogThatAnswersNoQuestionStopsNoSignature) {
  Installation ca(quicklime::test::CountingSigner::Speed::slow);
  const auto process = ca.process();
  std::promise<void> silence;
  const std::shared_future<void> answer = silence.get_future().share();
  for (int asked = 0; asked < 100; ++asked) ca.pools.log.post([answer] { answer.wait(); });
  EXPECT_TRUE(issue(process->issuer, request()));
  silence.set_value();
}

TEST(Issue, ARetryGetsTheFirstAnswerAgain) {
  Installation ca;
  const auto process = ca.process();
  const auto first = issue(process->issuer, request("key"));
  ASSERT_TRUE(first) << first.error().detail;
  EXPECT_FALSE(first->retry);
  const auto again = issue(process->issuer, request("key"));
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_TRUE(again->retry);
  EXPECT_EQ(again->certificate, first->certificate);
  EXPECT_EQ(again->revocation_secret.reveal(), first->revocation_secret.reveal());
  EXPECT_EQ(again->renewal_challenge, first->renewal_challenge);
  EXPECT_EQ(again->position, first->position);
  EXPECT_EQ(again->names, first->names);
  EXPECT_EQ(again->chain, first->chain);
  EXPECT_EQ(ca.signer->count(), 1U);
  EXPECT_EQ(ca.events_of<events::CertificateIssued>().size(), 1U);
}

TEST(Issue, ARetryGetsItsSecretAgainAfterTheRevocationKeyWasRotated) {
  Installation ca;
  const auto before = ca.process();
  const auto first = issue(before->issuer, request("key"));
  ASSERT_TRUE(first) << first.error().detail;
  std::vector<RevocationKey> others;
  others.push_back(RevocationKey(Secret(std::string(32, 'k'))));
  const RevocationKeys rotated(RevocationKey(Secret(std::string(32, 'n'))), std::move(others));
  const auto after = ca.process(rotated);
  const auto again = issue(after->issuer, request("key"));
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->revocation_secret.reveal(), first->revocation_secret.reveal());
  const auto next = issue(after->issuer, request("another"));
  ASSERT_TRUE(next) << next.error().detail;
  EXPECT_EQ(next->revocation_secret.reveal(), rotated.current().secret_for(next->serial).reveal());
  EXPECT_EQ(ca.events_of<events::CertificateIssued>().back().revocation_key, rotated.current().id());
  const auto without = ca.process(RevocationKeys(RevocationKey(Secret(std::string(32, 'n')))));
  EXPECT_EQ(issue(without->issuer, request("key")).error().reason, "revocation-key-unknown");
}

TEST(Issue, AnotherBodyUnderTheSameKeyIsRefused) {
  Installation ca;
  const auto process = ca.process();
  ASSERT_TRUE(issue(process->issuer, request("key", "a")));
  const auto other = issue(process->issuer, request("key", "b"));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::unprocessable);
  EXPECT_EQ(other.error().reason, "idempotency-conflict");
  EXPECT_EQ(ca.signer->count(), 1U);
}

TEST(Issue, TheSameKeyOfAnotherActorOrRouteIsAnotherCommand) {
  Installation ca;
  const auto process = ca.process();
  ca.make_token("t");
  const auto first = issue(process->issuer, request("key"));
  const auto second = issue(process->issuer, request("key"), test::token("t"));
  IssueRequest elsewhere = request("key");
  elsewhere.route = "/api/v1/cfssl/sign";
  const auto third = issue(process->issuer, elsewhere);
  ASSERT_TRUE(first && second && third);
  EXPECT_NE(first->serial, second->serial);
  EXPECT_NE(first->serial, third->serial);
}

TEST(Issue, ARetryIsAnsweredEvenIfItsGrantIsGone) {
  Installation ca;
  const auto process = ca.process();
  const auto first = issue(process->issuer, request("key"));
  Requester lesser = administrator();
  lesser.profiles = {};
  const auto again = issue(process->issuer, request("key"), lesser);
  ASSERT_TRUE(first && again);
  EXPECT_EQ(again->serial, first->serial);
}

TEST(Issue, AHundredAtOnceWithOneKeyGetOneCertificate) {
  Installation ca;
  const auto process = ca.process();
  std::vector<std::optional<Result<Issued>>> answers(100);
  std::atomic<unsigned> done{0};
  {
    async::LoopThread left("left"), right("right");
    for (std::size_t i = 0; i < answers.size(); ++i) {
      (i % 2 ? left : right).loop().spawn(ask(process->issuer, request("key"), answers[i], done));
    }
    test::wait_until([&] { return done == answers.size(); }, "every answer");
  }
  std::set<std::string> serials;
  unsigned first_answers = 0;
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer && *answer) << (*answer).error().detail;
    serials.insert((*answer)->serial.hex());
    first_answers += (*answer)->retry ? 0 : 1;
  }
  EXPECT_EQ(serials.size(), 1U);
  EXPECT_EQ(first_answers, 1U);
  EXPECT_EQ(ca.signer->count(), 1U) << "in one process later callers join";
  EXPECT_EQ(ca.events_of<events::CertificateIssued>().size(), 1U);
}

// Two processes do not see each other's requests in flight: the log decides.
TEST(Issue, BetweenProcessesTheFirstInTheLogWins) {
  Installation ca;
  std::vector<std::unique_ptr<Installation::Process>> processes;
  for (int i = 0; i < 4; ++i) processes.push_back(ca.process());
  ca.runner.pause_for_test(true);
  const auto before = ca.log->end()->offset;
  std::vector<std::optional<Result<Issued>>> answers(processes.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < processes.size(); ++i) {
    threads.emplace_back([&, i] { answers[i].emplace(issue(processes[i]->issuer, request("key", i == 3 ? "b" : "a"))); });
    test::wait_until([&] { return ca.log->end()->offset == before + i + 1; }, "its event");  // so the order is known
  }
  ca.runner.pause_for_test(false);
  for (auto& thread : threads) thread.join();
  const auto issued = ca.events_of<events::CertificateIssued>();
  ASSERT_EQ(issued.size(), 4U);
  for (std::size_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(*answers[i]) << (*answers[i]).error().detail;
    EXPECT_EQ((*answers[i])->serial, issued[0].serial);
    EXPECT_EQ((*answers[i])->retry, i > 0);
  }
  EXPECT_EQ(reason(*answers[3]), "idempotency-conflict");
  EXPECT_EQ(ca.record(issued[0].serial).standing, "stands");
  EXPECT_EQ(ca.record(issued[2].serial).standing, "retry_of");
}

TEST(Issue, ATokenRevokedInBetweenForbidsAKeyedRequestAndNotAPlainOne) {
  Installation ca;
  const auto process = ca.process();
  ca.make_token("t");
  ca.runner.pause_for_test(true);
  ca.append(events::TokenRevoked{TokenId("t")});
  const auto plain = issue(process->issuer, request(), test::token("t"));
  EXPECT_TRUE(plain) << "it was answered as soon as it was durable";
  std::optional<Result<Issued>> keyed;
  std::thread asking([&] { keyed.emplace(issue(process->issuer, request("key"), test::token("t"))); });
  test::wait_until([&] { return ca.events_of<events::CertificateIssued>().size() == 2; }, "its event");
  ca.runner.pause_for_test(false);
  asking.join();
  ASSERT_FALSE(*keyed);
  EXPECT_EQ((*keyed).error().code, ErrorCode::denied);
  EXPECT_EQ((*keyed).error().reason, "token-revoked");
  EXPECT_EQ(ca.record(plain->serial).standing, "stands");
}

// ---- the log's outcomes
TEST(Issue, NotPersistedIsNotIssued) {
  Installation ca;
  const auto process = ca.process();
  ca.log->inject(eventlog::MemoryLog::Fault::not_persisted);
  const auto issued = issue(process->issuer, request("key"));
  ASSERT_FALSE(issued);
  EXPECT_EQ(issued.error().code, ErrorCode::unavailable);
  EXPECT_TRUE(ca.events_of<events::CertificateIssued>().empty());
  EXPECT_TRUE(issue(process->issuer, request("key")));
}

TEST(Issue, UnknownIsUnknownAndARetryFindsWhatLanded) {
  Installation ca;
  const auto process = ca.process();
  ca.log->inject(eventlog::MemoryLog::Fault::unknown_persisted);
  const auto issued = issue(process->issuer, request("key"));
  ASSERT_FALSE(issued);
  EXPECT_EQ(issued.error().code, ErrorCode::outcome_unknown);
  EXPECT_EQ(issued.error().reason, "outcome-unknown");
  EXPECT_GT(issued.error().retry_after_seconds, 0U);
  ca.wait_for_all();
  const auto retry = issue(process->issuer, request("key"));
  ASSERT_TRUE(retry);
  EXPECT_TRUE(retry->retry);
  EXPECT_EQ(ca.signer->count(), 1U);
  EXPECT_EQ(ca.events_of<events::CertificateIssued>().size(), 1U);
}

TEST(Issue, UnknownThatDidNotLandIsIssuedByTheRetry) {
  Installation ca;
  const auto process = ca.process();
  ca.log->inject(eventlog::MemoryLog::Fault::unknown_not_persisted);
  EXPECT_EQ(reason(issue(process->issuer, request("key"))), "outcome-unknown");
  const auto retry = issue(process->issuer, request("key"));
  ASSERT_TRUE(retry);
  EXPECT_FALSE(retry->retry);
  EXPECT_EQ(ca.events_of<events::CertificateIssued>().size(), 1U);
}

TEST(Issue, AnEventThatTheProducerWroteTwiceIsOneCertificate) {
  Installation ca;
  const auto process = ca.process();
  ca.log->inject(eventlog::MemoryLog::Fault::written_twice);
  const auto issued = issue(process->issuer, request("key"));
  ASSERT_TRUE(issued) << issued.error().detail;
  EXPECT_EQ(ca.events_of<events::CertificateIssued>().size(), 2U);
  EXPECT_EQ(ca.record(issued->serial).standing, "stands");
  EXPECT_EQ(issue(process->issuer, request("key"))->serial, issued->serial);
  EXPECT_EQ(async::run_to_end(process->issuer.sweep()).value(), 0U);
}

TEST(Issue, ThoseWhoJoinedShareAnUnknownOutcome) {
  Installation ca;
  const auto process = ca.process();
  std::vector<std::optional<Result<Issued>>> answers(5);
  std::atomic<unsigned> done{0};
  ca.log->stall(true);
  {
    async::LoopThread thread("one");
    for (auto& answer : answers) thread.loop().spawn(ask(process->issuer, request("key"), answer, done));
    // On one loop in order: the first goes as far as the log, the others as far as the first.
    std::atomic<bool> joined{false};
    thread.loop().post([&] { joined = true; });
    test::wait_until([&] { return joined.load() && ca.signer->count() == 1; }, "all have joined");
    ca.log->inject(eventlog::MemoryLog::Fault::unknown_not_persisted);
    ca.log->stall(false);
    test::wait_until([&] { return done == answers.size(); }, "every answer");
  }
  for (const auto& answer : answers) EXPECT_EQ(reason(*answer), "outcome-unknown");
  EXPECT_EQ(ca.signer->count(), 1U);
}

TEST(Issue, AFailingSignerLeavesNothing) {
  Installation ca;
  const auto process = ca.process();
  ca.signer->failing = true;
  EXPECT_EQ(reason(issue(process->issuer, request("key"))), "signer-unavailable");
  EXPECT_TRUE(ca.events_of<events::CertificateIssued>().empty());
  ca.signer->failing = false;
  EXPECT_TRUE(issue(process->issuer, request("key")));
}

// ---- the view's age
TEST(Issue, AStaleViewIsNoGroundForADecisionButARetryIsStillTrue) {
  Installation ca;
  const auto process = ca.process();
  const auto first = issue(process->issuer, request("key"));
  ASSERT_TRUE(first);
  ca.runner.pause_for_test(true);
  EXPECT_TRUE(issue(process->issuer, request())) << "plain issuing goes on until its limit";
  ca.clock.move(Seconds(6));
  for (const auto& key : {std::optional<std::string>(), std::optional<std::string>("other")}) {
    const auto stale = issue(process->issuer, request(key));
    ASSERT_FALSE(stale);
    EXPECT_EQ(stale.error().code, ErrorCode::unavailable);
    EXPECT_EQ(stale.error().reason, "view-stale");
  }
  EXPECT_EQ(ca.signer->count(), 2U) << "nothing was signed for them";
  const auto again = issue(process->issuer, request("key"));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->serial, first->serial);
}

TEST(Issue, AViewThatDoesNotFollowAnswersNothingFalse) {
  Installation ca;
  IssuePolicy policy = Installation::default_policy();
  policy.verdict_wait = Milliseconds(100);
  const auto process = ca.process(policy);
  ca.runner.pause_for_test(true);
  const auto behind = issue(process->issuer, request("key"));
  ASSERT_FALSE(behind);
  EXPECT_EQ(behind.error().code, ErrorCode::outcome_unknown);
  EXPECT_EQ(behind.error().reason, "view-behind");
  ca.runner.pause_for_test(false);
  ca.wait_for_all();
  const auto again = issue(process->issuer, request("key"));
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->retry);
  EXPECT_EQ(ca.events_of<events::CertificateIssued>().size(), 1U);
}

// ---- renewals, as far as issuing goes
TEST(Issue, ARenewalReplacesOnceAndAgainWhenItsSuccessorIsRevoked) {
  Installation ca;
  const auto process = ca.process();
  const auto old = issue(process->issuer, request());
  ASSERT_TRUE(old);
  ca.wait_for_all();
  const auto renew = [&](const std::string& body) {
    IssueRequest asked = request({}, body);
    asked.replaces = old->serial;
    return issue(process->issuer, std::move(asked));
  };
  const auto successor = renew("a");
  ASSERT_TRUE(successor) << successor.error().detail;
  EXPECT_EQ(renew("a")->serial, successor->serial) << "the same request is a retry";
  EXPECT_EQ(reason(renew("b")), "already-renewed");
  ca.wait_for(
      ca.append(events::CertificateRevoked{successor->serial, AuthorityId("issuing-1"), "superseded", std::string(64, '0'), std::nullopt}));
  const auto next = renew("b");
  ASSERT_TRUE(next) << next.error().detail;
  EXPECT_NE(next->serial, successor->serial);

  IssueRequest foreign = request({}, "c");
  foreign.replaces = SerialNumber::from_hex("2a").value();
  EXPECT_EQ(reason(issue(process->issuer, foreign)), "predecessor-unknown");
}

// ---- which authority issues
class Successors {
 public:
  Successors() {
    const AuthorityPlan plan{.organization = "Acme", .public_url = "http://ca.internal:8080"};
    const Instant now = *Instant::parse("2026-11-20T00:00:00Z");
    second = make("issuing-2", authorities().root.id, authorities().root, now);
    root = *make_root(plan, now);
    root->id = AuthorityId("root-2");
    third = make("issuing-3", root->id, *root, now);
  }
  // Everything is there; the keys of those that are named are here.
  Issuer issuer(Installation& ca, const std::vector<std::string>& keys, IssuePolicy policy = Installation::default_policy()) {
    SigningKeys::Signers signers;
    for (const auto& [id, key] :
         {std::pair{authorities().issuing.id, authorities().issuing.key}, {second->id, second->key}, {third->id, third->key}}) {
      if (std::find(keys.begin(), keys.end(), id.text()) != keys.end()) signers.emplace(id, std::make_shared<crypto::KeySigner>(key));
    }
    writer.emplace(ca.validated, ca.clock);
    return {SigningKeys::fixed(std::move(signers)),
            RevocationKey(Secret(std::string(32, 'k'))),
            std::move(policy),
            *writer,
            ca.validated,
            ca.view,
            ca.clock,
            ca.pools};
  }
  void add(Installation& ca, const NewAuthority& one, std::optional<AuthorityId> parent, std::optional<AuthorityId> succeeds = {}) {
    ca.wait_for(ca.append(events::AuthorityAdded{one.id, std::move(parent), one.certificate.der(), std::move(succeeds)}));
  }
  std::optional<NewAuthority> second, root, third;

 private:
  static NewAuthority make(const std::string& id, const AuthorityId& parent, const NewAuthority& by, Instant now) {
    auto key = *crypto::PrivateKey::generate(crypto::KeyKind::p256);
    const FurtherAuthority what{AuthorityId(id), "Acme", "http://ca.internal:8080", kIssuingLifetime, 0U, {}};
    auto certificate = sign_below(what, key.public_key(), {parent, by.certificate, crypto::KeySigner(by.key)}, now);
    return {AuthorityId(id), std::move(key), *std::move(certificate)};
  }
  std::optional<eventlog::EventWriter> writer;
};

std::string authority_of(Installation& ca, const Result<Issued>& issued) {
  return issued ? ca.record(issued->serial).authority.text() : issued.error().reason;
}

TEST(Issue, TheNewestThatMayIssueIsAskedOfTheViewEachTime) {
  Installation ca;
  Successors successors;
  auto issuer = successors.issuer(ca, {"issuing-1", "issuing-2"});
  const auto old = issue(issuer, request());
  EXPECT_EQ(authority_of(ca, old), "issuing-1");
  successors.add(ca, *successors.second, authorities().root.id);
  const auto now = issue(issuer, request());
  EXPECT_EQ(authority_of(ca, now), "issuing-2") << "by the next request";
  EXPECT_TRUE(pki::verify_chain(*pki::Certificate::parse(now->certificate), *pki::certificates_in(now->chain),
                                {authorities().root.certificate}, ca.clock.now()));
  IssueRequest renewal = request();
  renewal.replaces = old->serial;
  EXPECT_EQ(authority_of(ca, issue(issuer, renewal)), "issuing-2");
  ca.wait_for(ca.append(events::AuthorityRetired{AuthorityId("issuing-2")}));
  EXPECT_EQ(authority_of(ca, issue(issuer, request())), "issuing-1");
  ca.wait_for(ca.append(events::CertificateRevoked{authorities().issuing.certificate.serial(), authorities().root.id, "cACompromise",
                                                   std::string(64, '0'), std::nullopt}));
  EXPECT_EQ(authority_of(ca, issue(issuer, request())), "authority-revoked") << "the retired one does not come back";
}

TEST(Issue, WithoutItsKeyTheNewestIsNoneThatIssues) {
  Installation ca;
  Successors successors;
  successors.add(ca, *successors.second, authorities().root.id);
  auto first = successors.issuer(ca, {"issuing-1"});
  EXPECT_EQ(authority_of(ca, issue(first, request())), "issuing-1");
  auto none = successors.issuer(ca, {});
  const auto refused = issue(none, request());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "issuing-key-missing");
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
}

TEST(Issue, WhoIsNamedIssues) {
  Installation ca;
  Successors successors;
  successors.add(ca, *successors.second, authorities().root.id);
  IssuePolicy policy = Installation::default_policy();
  policy.profiles[1].authority = "issuing-1";
  auto issuer = successors.issuer(ca, {"issuing-1", "issuing-2"}, policy);
  const auto named = [&](const std::string& authority, const std::string& profile) {
    IssueRequest asked = request();
    if (!authority.empty()) asked.authority = AuthorityId(authority);
    asked.profile = profile;
    return authority_of(ca, issue(issuer, std::move(asked)));
  };
  EXPECT_EQ(named("", policy.profiles[0].name), "issuing-2");
  EXPECT_EQ(named("issuing-1", policy.profiles[0].name), "issuing-1");
  EXPECT_EQ(named("", policy.profiles[1].name), "issuing-1") << "by its profile";
  EXPECT_EQ(named("issuing-2", policy.profiles[1].name), "issuing-2") << "the request knows better";
  EXPECT_EQ(named("root-1", policy.profiles[0].name), "authority-not-issuing");
  EXPECT_EQ(named("issuing-7", policy.profiles[0].name), "authority-unknown");
}

// RFC 6960 section 4.2.2.2: whoever answers for an authority has his certificate from it, retired or revoked as it may be.
TEST(Issue, AResponderHasItsCertificateFromTheAuthorityThatItAnswersFor) {
  Installation ca;
  Successors successors;
  successors.add(ca, *successors.second, authorities().root.id);
  auto issuer = successors.issuer(ca, {"issuing-1", "issuing-2"});
  ca.wait_for(ca.append(events::AuthorityRetired{AuthorityId("issuing-1")}));
  const Requester itself{{events::Actor::Kind::process, "ocsp"}, {}, *NamePolicy::make({}, {}), true};
  const auto responder_of = [&](const char* authority) {
    IssueRequest asked = request();
    asked.profile = kOcspSigningProfile;
    asked.authority = AuthorityId(authority);
    asked.csr = *pki::Csr::make(pki::Name::common_name("OCSP responder"), {}, test::leaf_key());
    asked.lifetime = Seconds(10);
    return authority_of(ca, issue(issuer, std::move(asked), itself));
  };
  EXPECT_EQ(responder_of("issuing-1"), "issuing-1");
  EXPECT_EQ(responder_of("issuing-2"), "issuing-2");
  ca.wait_for(ca.append(events::CertificateRevoked{authorities().issuing.certificate.serial(), authorities().root.id, "cACompromise",
                                                   std::string(64, '0'), std::nullopt}));
  EXPECT_EQ(responder_of("issuing-1"), "issuing-1");
}

TEST(Issue, ARenewalStaysBelowItsRootAndThoseThatSucceedIt) {
  for (const bool succeeds : {true, false}) {
    Installation ca;
    Successors successors;
    auto issuer = successors.issuer(ca, {"issuing-1", "issuing-3"});
    const auto old = issue(issuer, request());
    ASSERT_TRUE(old);
    successors.add(ca, *successors.root, std::nullopt, succeeds ? std::optional(authorities().root.id) : std::nullopt);
    successors.add(ca, *successors.third, successors.root->id);
    EXPECT_EQ(authority_of(ca, issue(issuer, request())), "issuing-3") << "what is new is the newest's";
    IssueRequest renewal = request();
    renewal.replaces = old->serial;
    const auto renewed = issue(issuer, renewal);
    EXPECT_EQ(authority_of(ca, renewed), succeeds ? "issuing-3" : "issuing-1");
    auto only_the_other = successors.issuer(ca, {"issuing-3"});
    IssueRequest again = request({}, "b");
    again.replaces = renewed->serial;
    EXPECT_EQ(authority_of(ca, issue(only_the_other, again)), succeeds ? "issuing-3" : "predecessor-of-another-authority");
  }
}

TEST(Issue, ANameThatItsAuthorityMayNotCertifyIsRefusedBeforeSigning) {
  Installation ca;
  Successors successors;
  auto key = *crypto::PrivateKey::generate(crypto::KeyKind::p256);
  const FurtherAuthority what{successors.second->id, "Acme", "http://ca.internal:8080",
                              kIssuingLifetime,      0U,     *pki::NameConstraints::permitting({"home.lan"}, {})};
  const auto certificate =
      sign_below(what, key.public_key(), {authorities().root.id, authorities().root.certificate, crypto::KeySigner(authorities().root.key)},
                 *Instant::parse("2026-11-20T00:00:00Z"));
  ASSERT_TRUE(certificate) << certificate.error().detail;
  successors.second = NewAuthority{what.id, key, *certificate};
  successors.add(ca, *successors.second, authorities().root.id);
  auto issuer = successors.issuer(ca, {"issuing-2"});
  IssueRequest inside = request(), outside = request();
  inside.csr = csr_for({"web.home.lan"});
  EXPECT_EQ(authority_of(ca, issue(issuer, inside)), "issuing-2");
  outside.csr = csr_for({"10.0.0.1"});
  EXPECT_EQ(authority_of(ca, issue(issuer, outside)), "name-constrained");
}

// ---- what the CA refuses, before anything is signed
TEST(Issue, RefusalsCostNoSignatureAndNoEvent) {
  Installation ca;
  IssuePolicy policy = Installation::default_policy();
  policy.names = *NamePolicy::make({"**.internal", "*@internal"}, {"vault.internal"});
  const auto process = ca.process(policy);
  const auto refused = [&](auto change) {
    IssueRequest asked = request();
    Requester who = administrator();
    change(asked, who);
    return reason(issue(process->issuer, asked, who));
  };
  EXPECT_EQ(refused([](auto& asked, auto&) { asked.profile = "tls-sever"; }), "profile-unknown");
  EXPECT_EQ(refused([](auto& asked, auto&) { asked.profile = "ocsp-signing"; }), "profile-not-granted") << "no star covers an internal one";
  EXPECT_EQ(refused([](auto&, auto& who) { who.profiles = {"tls-client"}; }), "profile-not-granted");
  EXPECT_EQ(refused([](auto& asked, auto&) { asked.csr = csr_for({"api.example"}); }), "name-not-granted") << "the whole CA's policy";
  EXPECT_EQ(refused([](auto& asked, auto&) { asked.csr = csr_for({"vault.internal"}); }), "name-denied");
  EXPECT_EQ(refused([](auto&, auto& who) { who.names = *NamePolicy::make({"web.internal"}, {}); }), "name-not-granted") << "the grant";
  EXPECT_EQ(refused([](auto& asked, auto&) { asked.csr = csr_for({"api.internal", "a@internal"}); }), "name-kind");
  EXPECT_EQ(refused([](auto& asked, auto&) { asked.lifetime = std::chrono::hours(24 * 1000); }), "lifetime-too-long");
  EXPECT_EQ(refused([](auto& asked, auto&) { asked.node = ""; }), "label-malformed");
  EXPECT_EQ(refused([](auto& asked, auto&) { asked.service = "a\nb"; }), "label-malformed");
  EXPECT_EQ(refused([](auto& asked, auto&) { asked.idempotency_key = ""; }), "idempotency-key-malformed");
  EXPECT_EQ(refused([](auto& asked, auto&) { asked.idempotency_key = std::string(256, 'x'); }), "idempotency-key-malformed");
  EXPECT_EQ(refused([](auto& asked, auto&) { asked.idempotency_key = "a\tb"; }), "idempotency-key-malformed");
  ca.clock.move(std::chrono::hours(24 * 1780));
  ca.wait_until_fresh();
  EXPECT_EQ(refused([](auto&, auto&) {}), "authority-expires");
  ca.clock.move(Installation::all()[1].certificate.not_before() - ca.clock.now() - Seconds(1));
  ca.wait_until_fresh();
  EXPECT_EQ(refused([](auto&, auto&) {}), "clock-behind") << "no certificate ends before it begins";
  EXPECT_EQ(ca.signer->count(), 0U);
  EXPECT_TRUE(ca.events_of<events::CertificateIssued>().empty());
}

TEST(Issue, ABlockedKeyIsRefusedBeforeSigning) {
  Installation ca;
  const auto process = ca.process();
  ca.wait_for(ca.append(events::KeyBlocked{hex_encode(crypto::view(crypto::sha256(test::leaf_key().public_key().spki())))}));
  for (const auto& key : {std::optional<std::string>(), std::optional<std::string>("key")}) {
    const auto issued = issue(process->issuer, request(key));
    ASSERT_FALSE(issued);
    EXPECT_EQ(issued.error().code, ErrorCode::denied);
    EXPECT_EQ(issued.error().reason, "key-blocked");
  }
  EXPECT_EQ(ca.signer->count(), 0U);
}

TEST(Issue, WhatWouldNotFitIntoAnEventIsRefusedBeforeSigning) {
  Installation ca;
  const auto process = ca.process();
  const auto names = [](std::size_t count, std::size_t length) {
    std::vector<std::string> list;
    for (std::size_t i = 0; i < count; ++i) list.push_back("spiffe://td/" + std::to_string(i) + "/" + std::string(length, 'x'));
    return list;
  };
  IssueRequest asked = request();
  asked.csr = csr_for(names(20, 1'900));
  const auto large = issue(process->issuer, asked);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, ErrorCode::too_large);
  EXPECT_EQ(large.error().reason, "certificate-too-large");
  EXPECT_EQ(ca.signer->count(), 0U);
  asked.csr = csr_for(names(100, 20));
  EXPECT_TRUE(issue(process->issuer, asked)) << "a hundred names of ordinary length fit";
}

TEST(Issue, TheCaItselfMayHaveInternalProfilesAndItsOwnNames) {
  Installation ca;
  IssuePolicy policy = Installation::default_policy();
  policy.names = *NamePolicy::make({"**.load.internal"}, {});
  const auto process = ca.process(policy);
  const Requester itself{{events::Actor::Kind::process, "ocsp"}, {}, *NamePolicy::make({}, {}), true};
  IssueRequest asked = request();
  asked.profile = "ocsp-signing";
  asked.lifetime = Seconds(10);
  asked.csr = *pki::Csr::make(pki::Name::common_name("OCSP responder"), {}, test::leaf_key());
  const auto responder = issue(process->issuer, asked, itself);
  ASSERT_TRUE(responder) << responder.error().detail;
  const auto certificate = *pki::Certificate::parse(responder->certificate);
  EXPECT_EQ(certificate.subject().common_name(), "OCSP responder");
  EXPECT_EQ(certificate.der().find("/crl/issuing-1.crl"), std::string::npos) << "nobody checks a responder's own revocation";
  EXPECT_EQ(certificate.not_after(), Instant::parse("2026-11-21T01:02:13Z"));
  EXPECT_TRUE(issue(process->issuer, request(), itself)) << "its own server name is not the policy's business";
}

TEST(CommandKey, PartsCannotBeConfused) {
  std::set<std::string> keys{*command_key({events::Actor::Kind::token, "a"}, "POST", "/x", "k"),
                             *command_key({events::Actor::Kind::token, "aP"}, "OST", "/x", "k"),
                             *command_key({events::Actor::Kind::certificate, "a"}, "POST", "/x", "k"),
                             *command_key({events::Actor::Kind::token, "a"}, "POST", "/xk", "k")};
  EXPECT_EQ(keys.size(), 4U);
}

}  // namespace
}  // namespace quicklime::ca
