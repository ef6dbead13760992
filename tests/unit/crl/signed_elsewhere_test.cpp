// CRLs of the root, whose key is elsewhere: asked for, signed, brought back.

#include "ca/crl_publication.hpp"
#include "ca/crl_signing_request.hpp"
#include "crl/definition.hpp"
#include "crl/service.hpp"
#include "pki/crl.hpp"
#include "runtime/shared_settings.hpp"
#include "support/installation.hpp"

namespace quicklime::crl {
namespace {

using std::chrono::hours;
using test::Process;

// One process that holds the issuing key and not the root's.
struct Here : Process {
  explicit Here(test::Installation& installation) : Process(installation, definition()) {
    start(make_service(context(),
                       ca::SigningKeys::fixed({{installation.issuing.id, std::make_shared<crypto::KeySigner>(installation.issuing.key)}}),
                       clocks));
  }
  http::Response ask(std::map<std::string, std::string> query = {}) {
    return control(kOwner, http::Method::get, "/control/crl", std::move(query));
  }
  ca::CrlSigningRequest asked(std::map<std::string, std::string> query = {}) {
    const auto response = ask(std::move(query));
    EXPECT_EQ(response.status, 200U) << response.body;
    return ca::decode_crl_signing_request(response.body).value();
  }
  http::Response bring(const std::string& crl) { return control(kOwner, http::Method::post, "/control/crl", {}, crl); }
};

class SignedElsewhereTest : public ::testing::Test {
 protected:
  // As init does it: the root's first CRL, empty.
  void SetUp() override {
    const auto times = ca::crl_times(installation.clock.now(), runtime::SharedSettings().backdate, ca::kOfflineCrlLifetime);
    const auto made = ca::make_publication({installation.root.id, std::nullopt, installation.root.certificate}, root_signer, "",
                                           Position{0, 2}, "", times);
    ASSERT_TRUE(made);
    first = made->before + made->after;
    installation.last = installation.append(*made);
  }
  Position revoke_issuing(const std::string& reason = "cACompromise") {
    return installation.last = installation.append(events::CertificateRevoked{
               installation.issuing.certificate.serial(), installation.root.id, reason, std::string(64, '0'), {}});
  }
  std::string signed_by_root(const ca::CrlSigningRequest& request) { return ca::sign_crl(request, root_signer).value(); }
  std::string served(Here& here) { return here.get("/crl/root-1.crl").body; }
  std::uint64_t events() { return installation.log->end()->offset; }
  // Refused, and nothing was written.
  void expect_refused(Here& here, const std::string& crl, const std::string& reason) {
    const auto before = test::changes_in(*installation.log);
    const auto response = here.bring(crl);
    EXPECT_NE(response.body.find("#" + reason + "\""), std::string::npos) << "not " << reason << ": " << response.body;
    EXPECT_EQ(test::changes_in(*installation.log), before) << reason;
  }

  test::Installation installation;
  crypto::KeySigner root_signer{installation.root.key};
  std::string first;
  test::Judge judge;
};

TEST_F(SignedElsewhereTest, WhatIsAskedForIsSignedAndServedToTheByte) {
  Here here(installation);
  const auto request = here.asked();
  EXPECT_EQ(request.authority.text(), "root-1");
  EXPECT_EQ(request.number, installation.last);
  EXPECT_LE(request.this_update, installation.clock.now() - here.configuration.of<runtime::SharedSettings>().backdate);
  EXPECT_GE(request.next_update, installation.clock.now() + hours(24 * 365) - Seconds(5));

  const auto crl = signed_by_root(request);
  const auto response = here.bring(pki::pem_encode("X509 CRL", crl));
  EXPECT_EQ(response.status, 200U) << response.body;
  EXPECT_EQ(served(here), crl);
  const auto event = events::decode(installation.log->read_one(test::changes_in(*installation.log) - 1)->bytes).value();
  EXPECT_EQ(event.actor.kind, events::Actor::Kind::control) << "who brought it is in the log";
  const auto said = judge.run("openssl crl -inform DER -noout -verify -CAfile " + judge.write("root.pem", installation.root.certificate) +
                              " -in " + judge.write("root.crl", crl));
  EXPECT_NE(said.find("verify OK"), std::string::npos) << said;
}

TEST_F(SignedElsewhereTest, ARevokedIssuingAuthorityStandsInIt) {
  Here here(installation);
  here.reach(revoke_issuing());
  const auto request = here.asked();
  ASSERT_EQ(request.revoked.size(), 1U);
  EXPECT_EQ(request.revoked.front().serial, installation.issuing.certificate.serial());
  EXPECT_EQ(request.revoked.front().reason, pki::RevocationReason::ca_compromise);
  // What people read before they sign is what is signed: the request goes through its text.
  const auto carried = ca::decode_crl_signing_request(encode(request)).value();
  EXPECT_EQ(here.bring(signed_by_root(carried)).status, 200U);
  EXPECT_EQ(pki::Crl::parse(served(here))->entries().size(), 1U);

  const auto leaf = installation.issue();
  const auto said = judge.run("openssl verify -crl_check_all -CAfile " + judge.write("root.pem", installation.root.certificate) +
                              " -CRLfile " + judge.write("root.crl.pem", pki::pem_encode("X509 CRL", served(here))) + " " +
                              judge.write("issuing.pem", installation.issuing.certificate));
  EXPECT_NE(said.find("certificate revoked"), std::string::npos) << said;
}

TEST_F(SignedElsewhereTest, BroughtTwiceItIsPublishedOnce) {
  Here here(installation);
  const auto crl = signed_by_root(here.asked());
  const auto once = here.bring(crl);
  const auto end = events();
  const auto twice = here.bring(crl);
  EXPECT_EQ(twice.status, 200U) << twice.body;
  EXPECT_EQ(events(), end);
  EXPECT_EQ(served(here), crl);
}

TEST_F(SignedElsewhereTest, OfTwoAnswersTheFirstStandsAndTheOlderIsRefused) {
  Here here(installation);
  const auto older = signed_by_root(here.asked());
  installation.issue();
  here.reach(installation.last);
  const auto newer_request = here.asked();
  const auto newer = signed_by_root(newer_request);
  const auto other = signed_by_root(here.asked({{"lifetime", "30d"}}));  // the same number, other dates
  EXPECT_EQ(here.bring(newer).status, 200U);
  expect_refused(here, older, "crl-overtaken");
  expect_refused(here, other, "crl-overtaken");
  EXPECT_EQ(served(here), newer);
}

// Between the look at the view and the append somebody else was first.
TEST_F(SignedElsewhereTest, WhoWasFirstInTheLogIsSaidWhoeverAsks) {
  for (int round = 0; round < 20; ++round) {
    Here one(installation), two(installation);
    const std::string answers[] = {signed_by_root(one.asked()), signed_by_root(two.asked({{"lifetime", "30d"}}))};
    http::Response responses[2];
    std::thread other([&] { responses[1] = two.bring(answers[1]); });
    responses[0] = one.bring(answers[0]);
    other.join();
    installation.last = {0, events() - 1};
    one.reach(installation.last);
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(responses[i].status == 200, served(one) == answers[i]) << round << ": " << responses[i].body;
      const bool is_told_why = responses[i].body.find("crl-overtaken") != std::string::npos;
      EXPECT_NE(responses[i].status == 200, is_told_why) << responses[i].body;
    }
    EXPECT_EQ((responses[0].status == 200) + (responses[1].status == 200), 1) << round;
  }
}

TEST_F(SignedElsewhereTest, WhatWasNotAskedForIsRefusedThoughTheRootSignedIt) {
  const auto leaf = installation.issue();
  Here here(installation);
  here.reach(revoke_issuing());
  const auto asked = here.asked();
  const auto with = [&](const std::function<void(ca::CrlSigningRequest&)>& change) {
    auto request = asked;
    change(request);
    return signed_by_root(request);
  };
  const auto now = installation.clock.now().whole_seconds();
  expect_refused(here, with([](auto& request) { request.revoked.clear(); }), "crl-differs");
  expect_refused(here, with([&](auto& request) { request.revoked.push_back({leaf.certificate.serial(), now, {}}); }), "crl-differs");
  expect_refused(here, with([](auto& request) { request.revoked[0].reason = pki::RevocationReason::superseded; }), "crl-differs");
  expect_refused(here, with([](auto& request) { request.revoked[0].revocation_date = request.this_update - hours(1); }), "crl-differs");
  expect_refused(here, with([](auto& request) { request.number.offset += 100; }), "crl-differs");
  expect_refused(here, with([](auto& request) { request.number.epoch += 1; }), "crl-differs");
  expect_refused(here, with([](auto& request) { request.number = Position{0, 2}; }), "crl-overtaken");
  expect_refused(here, with([&](auto& request) { request.this_update = now + Seconds(60); }), "crl-dated-wrongly");
  expect_refused(here, with([&](auto& request) { request.next_update = now - Seconds(1); }), "crl-dated-wrongly");
  expect_refused(here, with([&](auto& request) { request.next_update = now + Seconds(3590); }), "crl-dated-wrongly");
  expect_refused(here, with([&](auto& request) { request.next_update = now + hours(24 * 740); }), "crl-dated-wrongly");
  expect_refused(here, with([&](auto& request) { request.this_update = request.this_update - hours(1); }), "crl-dated-wrongly");
  EXPECT_EQ(served(here), first);
}

TEST_F(SignedElsewhereTest, OnlyTheAuthoritysOwnSignatureCounts) {
  Here here(installation);
  const auto asked = here.asked();
  // The name of the root, the key of another.
  const auto forged = pki::sign_crl({.issuer = installation.root.certificate.subject(),
                                     .this_update = asked.this_update,
                                     .next_update = asked.next_update,
                                     .number = ca::crl_number_octets(asked.number),
                                     .authority_key_identifier = installation.root.certificate.subject_key_identifier()},
                                    "", crypto::KeySigner(installation.issuing.key))
                          .value();
  expect_refused(here, forged.before + forged.after, "crl-signature-wrong");
  // A bit of the signature, of the dates.
  const auto crl = signed_by_root(asked);
  for (const std::size_t at : {crl.size() - 1, crl.size() / 3}) {
    auto changed = crl;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const auto before = test::changes_in(*installation.log);
    EXPECT_EQ(here.bring(changed).status / 100, 4U);
    EXPECT_EQ(test::changes_in(*installation.log), before);
  }
  expect_refused(here, "rubbish", "crl-malformed");
  const auto stranger = ca::make_root(test::Installation::plan(), installation.clock.now()).value();
  auto foreign = asked;
  foreign.certificate = stranger.certificate;
  expect_refused(here, ca::sign_crl(foreign, crypto::KeySigner(stranger.key)).value(), "authority-unknown");
  EXPECT_EQ(ca::sign_crl(asked, crypto::KeySigner(stranger.key)).error().reason, "key-file-wrong");
}

TEST_F(SignedElsewhereTest, WhatHappensMeanwhileDoesNotSpoilTheAnswer) {
  Here here(installation);
  const auto crl = signed_by_root(here.asked());
  here.reach(revoke_issuing());
  const auto response = here.bring(crl);
  EXPECT_EQ(response.status, 200U) << response.body;
  EXPECT_NE(response.body.find("\"complete\":false"), std::string::npos) << response.body;
  EXPECT_TRUE(pki::Crl::parse(served(here))->entries().empty());
  const auto next = here.bring(signed_by_root(here.asked()));
  EXPECT_NE(next.body.find("\"complete\":true"), std::string::npos) << next.body;
  EXPECT_EQ(pki::Crl::parse(served(here))->entries().size(), 1U);
}

TEST_F(SignedElsewhereTest, WhoIsNotTheAdministratorHearsNothing) {
  Here here(installation);
  const auto crl = signed_by_root(here.asked());
  EXPECT_EQ(here.control(Process::kOwner + 1, http::Method::get, "/control/crl").status / 100, 4U);
  EXPECT_EQ(here.control(Process::kOwner + 1, http::Method::post, "/control/crl", {}, crl).status / 100, 4U);
  EXPECT_EQ(here.send(http::Method::post, "/control/crl", crl).status, 401U);
  EXPECT_EQ(here.control(0, http::Method::get, "/control/crl").status, 200U) << "root is";
  EXPECT_EQ(served(here), first);
}

TEST_F(SignedElsewhereTest, AuthoritiesThatSignHereAndThoseThatAreNotAreRefused) {
  Here here(installation);
  const auto said = [&](const std::string& authority) { return here.ask({{"authority", authority}}).body; };
  EXPECT_NE(said("issuing-1").find("crl-signed-here"), std::string::npos);
  EXPECT_NE(said("issuing-9").find("authority-unknown"), std::string::npos);
  EXPECT_EQ(here.ask({{"authority", "root-1"}}).status, 200U);
  EXPECT_EQ(here.ask({{"lifetime", "forever"}}).status, 400U);
  EXPECT_EQ(here.ask({{"lifetim", "1d"}}).status, 400U);
  // Two whose keys are not here: which?
  Process keyless(installation, definition());
  keyless.start(make_service(keyless.context(), ca::SigningKeys::fixed({}), keyless.clocks));
  const auto ambiguous = keyless.control(Process::kOwner, http::Method::get, "/control/crl").body;
  EXPECT_NE(ambiguous.find("authority-ambiguous"), std::string::npos) << ambiguous;
  EXPECT_NE(ambiguous.find("root-1, issuing-1"), std::string::npos) << ambiguous;
}

TEST_F(SignedElsewhereTest, ItEndsWithItsAuthorityAtTheLatest) {
  Here here(installation);
  const auto end = installation.root.certificate.not_after();
  const auto at = [&](Instant when) {
    installation.clock.advance(when - installation.clock.now());
    EXPECT_TRUE(Process::eventually([&] { return here.ask().body.find("view-stale") == std::string::npos; })) << here.ask().body;
  };
  at(end - hours(24 * 30));
  const auto asked = here.asked();
  EXPECT_EQ(asked.next_update, end);
  EXPECT_NE(here.ask({{"lifetime", "31d"}}).body.find("itself ends on " + end.rfc3339_seconds()), std::string::npos);
  auto later = asked;
  later.next_update = end + Seconds(1);
  expect_refused(here, signed_by_root(later), "crl-dated-wrongly");
  at(end - Seconds(600));
  const auto last = here.bring(signed_by_root(here.asked()));
  EXPECT_EQ(last.status, 200U) << last.body;
  installation.clock.advance(end - installation.clock.now());
  ASSERT_TRUE(Process::eventually([&] { return here.ask().body.find("authority-ended") != std::string::npos; })) << here.ask().body;
}

TEST_F(SignedElsewhereTest, ALifetimeThatIsNoneIsRefusedAndNotTrimmed) {
  Here here(installation);
  for (const auto* lifetime : {"0s", "1s", "7199s", "733d", "100000d", "106751991167d"}) {
    const auto refused = here.ask({{"lifetime", lifetime}});
    EXPECT_EQ(refused.status, 400U) << lifetime;
    EXPECT_NE(refused.body.find("crl-dated-wrongly"), std::string::npos) << refused.body;
    EXPECT_NE(refused.body.find(installation.root.certificate.not_after().rfc3339_seconds()), std::string::npos) << refused.body;
  }
  EXPECT_EQ(here.bring(signed_by_root(here.asked({{"lifetime", "2h"}}))).status, 200U);
  installation.issue();
  here.reach(installation.last);
  EXPECT_EQ(here.bring(signed_by_root(here.asked({{"lifetime", "730d"}}))).status, 200U);
}

// Numbers and dates grow together, however far `issuing.backdate` reaches.
TEST_F(SignedElsewhereTest, WhatIsAskedForIsNoOlderThanWhatIsPublished) {
  Here here(installation);
  installation.issue();
  here.reach(installation.last);
  here.configuration.of<runtime::SharedSettings>().backdate = hours(5);
  const auto request = here.asked();
  EXPECT_EQ(request.this_update, pki::Crl::parse(first)->this_update());
  EXPECT_EQ(here.bring(signed_by_root(request)).status, 200U);
}

TEST(SigningRequestDates, AreLookedAtBeforeTheKeyIs) {
  test::Installation installation;
  const auto& root = installation.root.certificate;
  const Instant now = installation.clock.now();
  const auto refused = [&](Instant from, Instant until) {
    const auto checked = ca::check_crl_dates(root, from, until, now);
    return checked ? std::string() : checked.error().reason;
  };
  EXPECT_EQ(refused(now, now + hours(24 * 365)), "");
  EXPECT_EQ(refused(now, now + hours(1)), "");
  EXPECT_EQ(refused(now + Seconds(1), now + hours(24)), "crl-dated-wrongly");
  EXPECT_EQ(refused(now - hours(48), now), "crl-dated-wrongly") << "has passed";
  EXPECT_EQ(refused(now, now + hours(1) - Seconds(1)), "crl-dated-wrongly");
  EXPECT_EQ(refused(now, now + ca::kLongestOfflineCrl + Seconds(1)), "crl-dated-wrongly");
  EXPECT_EQ(refused(now, root.not_after() + Seconds(1)), "crl-dated-wrongly");
}

TEST_F(SignedElsewhereTest, AnOldViewIsNoGroundForEither) {
  Here here(installation);
  const auto crl = signed_by_root(here.asked());
  here.runner.stop();
  installation.clock.advance(hours(1));
  EXPECT_NE(here.ask().body.find("view-stale"), std::string::npos) << here.ask().body;
  expect_refused(here, crl, "view-stale");
}

TEST_F(SignedElsewhereTest, AnAppendThatFailedOrIsUnknownIsSaidSoAndMayBeTriedAgain) {
  using Fault = eventlog::MemoryLog::Fault;
  for (const auto fault : {Fault::not_persisted, Fault::unknown_not_persisted, Fault::unknown_persisted}) {
    Here here(installation);
    const auto crl = signed_by_root(here.asked());
    installation.log->inject(fault);
    EXPECT_EQ(here.bring(crl).status, 503U);
    here.reach({0, events() - 1});
    EXPECT_EQ(here.bring(crl).status, 200U);
    EXPECT_EQ(served(here), crl);
    installation.last = {0, events() - 1};
  }
}

TEST_F(SignedElsewhereTest, WhatIsNoRequestIsNamedInWordsOfOurs) {
  Here here(installation);
  const auto text = here.ask().body;
  ASSERT_TRUE(ca::decode_crl_signing_request(text));
  const auto with = [&](const std::string& member, const std::string& other) {
    std::string changed = text;
    return changed.replace(changed.find("\"" + member + "\""), member.size() + 2, "\"" + other + "\"");
  };
  const std::pair<std::string, std::string> wrong[] = {
      {"", "it is no JSON object"},
      {"[1]", "it is no JSON object"},
      {text.substr(0, text.size() / 2), "it is no JSON object"},
      {text + "}", "it is no JSON object"},
      {"{}", "\"format\""},
      {R"({"format":7})", "\"format\""},
      {with("certificate", "other"), "\"certificate\""},
      {with("number", "other"), "\"number\""},
      {with("this_update", "other"), "\"this_update\""},
      {with("next_update", "other"), "\"next_update\""},
      {with("authority", "other"), "\"authority\""},
      {with("revoked", "other"), "\"revoked\""},
  };
  for (const auto& [request, names] : wrong) {
    const auto decoded = ca::decode_crl_signing_request(request);
    ASSERT_FALSE(decoded) << request;
    EXPECT_EQ(decoded.error().reason, "signing-request-malformed");
    EXPECT_NE(decoded.error().detail.find("quicklime ca sign-crl --request"), std::string::npos);
    EXPECT_NE(decoded.error().detail.find(names), std::string::npos) << decoded.error().detail;
  }
}

}  // namespace
}  // namespace quicklime::crl
