// CRLs and CA certificates as they are published and served, with openssl as the judge.

#include <algorithm>

#include "ca/crl_publication.hpp"
#include "crl/definition.hpp"
#include "crl/publisher.hpp"
#include "crl/service.hpp"
#include "crl/settings.hpp"
#include "crl/view.hpp"
#include "pki/crl.hpp"
#include "support/counting_signer.hpp"
#include "support/installation.hpp"

namespace quicklime::crl {
namespace {

using test::CountingSigner;
using test::Leaf;
using Signers = std::map<AuthorityId, std::shared_ptr<const crypto::Signer>>;

// One process with the CRL role. Without a signer it serves and publishes nothing.
struct Replica {
  using Notified = views::View::Notified;
  Replica(test::Installation& installation, std::shared_ptr<const crypto::Signer> signer, Milliseconds lifetime = std::chrono::hours(24),
          Notified notified = Notified::by_runner)
      : process(installation, definition(), notified) {
    process.configuration.of<Settings>().lifetime = lifetime;
    Signers signers;
    if (signer) signers.emplace(installation.issuing.id, std::move(signer));
    process.start(make_service(process.context(), ca::SigningKeys::fixed(std::move(signers)), process.clocks));
    process.start_background();
  }
  http::Response get(const std::string& authority = "issuing-1") { return process.get("/crl/" + authority + ".crl"); }
  std::optional<pki::Crl> crl(const std::string& authority = "issuing-1") {
    const auto response = get(authority);
    if (response.status != 200) return std::nullopt;
    EXPECT_EQ(response.headers.get("Content-Type"), "application/pkix-crl");
    return pki::Crl::parse(response.body).value();
  }
  bool eventually(const std::function<bool(const pki::Crl&)>& holds) {
    return test::Process::eventually([&] {
      const auto now = crl();
      return now && holds(*now);
    });
  }
  // The CRL that covers this position.
  bool eventually_covers(Position position) {
    return eventually([&](const pki::Crl& crl) { return covers(crl, position); });
  }
  static bool covers(const pki::Crl& crl, Position position) {
    Position number;
    for (const char octet : crl.number()) number.offset = (number.offset << 8U) | static_cast<unsigned char>(octet);
    return number >= position;
  }
  test::Process process;
};

const pki::Crl::Entry* find(const pki::Crl& crl, const Leaf& leaf) {
  const auto& entries = crl.entries();
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.serial == leaf.certificate.serial(); });
  return found == entries.end() ? nullptr : &*found;
}

class CrlTest : public ::testing::Test {
 protected:
  // As init does it: the root's CRL, empty.
  void SetUp() override {
    const auto root = ca::Authority{installation.root.id, std::nullopt, installation.root.certificate};
    const auto made = ca::make_publication(root, crypto::KeySigner(installation.root.key), "", Position{0, 2}, "", times(24 * 365));
    ASSERT_TRUE(made) << made.error().detail;
    installation.last = installation.append(*made);
  }
  ca::CrlTimes times(int hours) { return ca::crl_times(installation.clock.now(), Seconds(60), std::chrono::hours(hours)); }
  std::shared_ptr<CountingSigner> signer(CountingSigner::Speed speed = CountingSigner::Speed::fast) {
    return std::make_shared<CountingSigner>(installation.issuing.key, speed);
  }

  test::Installation installation;
  test::Judge judge;
};

TEST_F(CrlTest, FirstCrlIsPublishedAtTheStartAndSatisfiesOpenssl) {
  Replica replica(installation, signer());
  const auto leaf = installation.issue();
  ASSERT_TRUE(replica.eventually([](const pki::Crl& crl) { return crl.entries().empty(); }));
  replica.process.reach(installation.last);

  const auto root = judge.write("root.pem", installation.root.certificate);
  const auto issuing = judge.write("int.pem", installation.issuing.certificate);
  const auto certificate = judge.write("leaf.pem", leaf.certificate);
  const auto said =
      judge.run("openssl crl -inform DER -noout -text -verify -CAfile " + issuing + " -in " + judge.write("int.crl", replica.get().body));
  EXPECT_NE(said.find("verify OK"), std::string::npos) << said;
  EXPECT_NE(said.find("X509v3 CRL Number"), std::string::npos) << said;
  EXPECT_NE(said.find("X509v3 Authority Key Identifier"), std::string::npos) << said;
  EXPECT_NE(said.find("No Revoked Certificates"), std::string::npos) << said;

  const auto verify = [&] {
    judge.write("crls.pem", pki::pem_encode("X509 CRL", replica.get().body) + pki::pem_encode("X509 CRL", replica.get("root-1").body));
    return judge.run("openssl verify -x509_strict -crl_check_all -CAfile " + root + " -untrusted " + issuing + " -CRLfile " +
                     judge.path("crls.pem") + " " + certificate);
  };
  EXPECT_NE(verify().find("leaf.pem: OK"), std::string::npos) << verify();
  const auto position = installation.revoke(leaf);
  ASSERT_TRUE(replica.eventually_covers(position));
  EXPECT_NE(verify().find("certificate revoked"), std::string::npos) << verify();
}

TEST_F(CrlTest, EntriesFollowHoldReleaseAndRevocation) {
  Replica replica(installation, signer());
  const auto leaf = installation.issue();
  ASSERT_TRUE(replica.eventually_covers(installation.hold(leaf)));
  ASSERT_NE(find(*replica.crl(), leaf), nullptr);
  EXPECT_EQ(find(*replica.crl(), leaf)->reason, pki::RevocationReason::certificate_hold);
  ASSERT_TRUE(replica.eventually_covers(installation.release(leaf)));
  EXPECT_EQ(find(*replica.crl(), leaf), nullptr);
  ASSERT_TRUE(replica.eventually_covers(installation.revoke(leaf, "superseded")));
  ASSERT_NE(find(*replica.crl(), leaf), nullptr);
  EXPECT_EQ(find(*replica.crl(), leaf)->reason, pki::RevocationReason::superseded);
  ASSERT_TRUE(replica.eventually_covers(installation.revoke(leaf, "keyCompromise")));
  EXPECT_EQ(find(*replica.crl(), leaf)->reason, pki::RevocationReason::key_compromise);
  EXPECT_EQ(replica.crl()->entries().size(), 1U);
}

TEST_F(CrlTest, RevocationOfAnUnknownSerialIsInNoCrl) {
  Replica replica(installation, signer());
  const auto stranger = installation.make_leaf(installation.issuing, std::chrono::hours(1));
  installation.revoke(stranger);
  const auto known = installation.issue();
  ASSERT_TRUE(replica.eventually_covers(installation.revoke(known)));
  EXPECT_EQ(replica.crl()->entries().size(), 1U);
}

TEST_F(CrlTest, EveryReplicaServesTheSameBytes) {
  Replica first(installation, signer());
  Replica second(installation, signer());
  Position position;
  for (int index = 0; index < 40; ++index) position = installation.revoke(installation.issue());
  ASSERT_TRUE(first.eventually_covers(position));
  ASSERT_TRUE(second.eventually_covers(position));
  first.process.stop_background();
  second.process.stop_background();
  const auto end = installation.log->end().value();
  first.process.reach({0, end.offset - 1});
  second.process.reach({0, end.offset - 1});
  installation.last = {0, end.offset - 1};
  // One that comes later, holds no key, and folds everything at once.
  Replica late(installation, nullptr);
  const auto bytes = first.get().body;
  EXPECT_EQ(second.get().body, bytes);
  EXPECT_EQ(late.get().body, bytes);
  EXPECT_EQ(late.get("root-1").body, first.get("root-1").body);
  EXPECT_EQ(pki::Crl::parse(bytes)->entries().size(), 40U);
  EXPECT_EQ(first.process.store->dump().value(), late.process.store->dump().value());
}

TEST_F(CrlTest, EntriesAreSortedBySerialOctets) {
  Replica replica(installation, signer());
  Position position;
  for (int index = 0; index < 20; ++index) position = installation.revoke(installation.issue());
  ASSERT_TRUE(replica.eventually_covers(position));
  const auto crl = replica.crl();
  EXPECT_TRUE(std::is_sorted(crl->entries().begin(), crl->entries().end(),
                             [](const auto& left, const auto& right) { return left.serial.octets() < right.serial.octets(); }));
}

TEST_F(CrlTest, NothingChangesSoNothingIsPublishedUntilHalfOfTheLife) {
  const auto counting = signer();
  Replica replica(installation, counting);
  ASSERT_TRUE(replica.eventually([](const pki::Crl&) { return true; }));
  const auto first = replica.get().body;
  installation.issue();
  installation.clock.advance(std::chrono::hours(11));
  std::this_thread::sleep_for(Milliseconds(1500));
  EXPECT_EQ(counting->count(), 1U);
  installation.clock.advance(std::chrono::hours(1) + Seconds(1));
  EXPECT_TRUE(replica.eventually([&](const pki::Crl& crl) { return crl.this_update() > pki::Crl::parse(first)->this_update(); }));
  EXPECT_EQ(counting->count(), 2U);
}

TEST_F(CrlTest, ManyRevocationsShareAPublication) {
  const auto counting = signer();
  Replica replica(installation, counting);
  const auto begin = std::chrono::steady_clock::now();
  Position position;
  for (int index = 0; index < 100; ++index) position = installation.revoke(installation.issue());
  ASSERT_TRUE(replica.eventually_covers(position));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin).count();
  EXPECT_LE(counting->count(), static_cast<unsigned>(seconds) + 2);
}

TEST_F(CrlTest, AnExpiredEntryLeavesAfterACrlThatKnowsHasShownIt) {
  Replica replica(installation, signer());
  const auto short_lived = installation.issue(Seconds(100));
  ASSERT_TRUE(replica.eventually_covers(installation.revoke(short_lived)));
  const auto a_day_passes = [&] {
    installation.clock.advance(std::chrono::hours(24));
    installation.last = installation.append(events::CertificatesExpired{installation.clock.now() - std::chrono::hours(24)});
    return replica.eventually_covers(installation.revoke(installation.issue(std::chrono::hours(24 * 365))));
  };
  installation.clock.advance(std::chrono::hours(48));
  ASSERT_TRUE(a_day_passes());
  EXPECT_NE(find(*replica.crl(), short_lived), nullptr) << "shown by a CRL that knows that it has ended";
  ASSERT_TRUE(a_day_passes());
  EXPECT_EQ(find(*replica.crl(), short_lived), nullptr);
  EXPECT_EQ(replica.crl()->entries().size(), 2U);
}

// ---- clocks
TEST_F(CrlTest, ACrlIsDatedForClientsWhoseClocksAreBehind) {
  const Instant before = installation.clock.now().whole_seconds();
  Replica replica(installation, signer());
  ASSERT_TRUE(replica.eventually([](const pki::Crl&) { return true; }));
  const auto crl = replica.crl();
  EXPECT_GE(crl->this_update(), before - Seconds(60));
  EXPECT_LE(crl->this_update(), installation.clock.now() - Seconds(60));
  EXPECT_EQ(crl->next_update() - crl->this_update(), std::chrono::hours(24) + Seconds(60));
}

TEST_F(CrlTest, AClockThatWasAheadTakesNothingAndIsPutRight) {
  Replica replica(installation, signer());
  const auto valid = installation.issue(std::chrono::hours(24 * 90));
  ASSERT_TRUE(replica.eventually_covers(installation.revoke(valid)));
  // Three years ahead for as long as three CRLs.
  installation.clock.advance(std::chrono::hours(24 * 1'000));
  for (int crl = 0; crl < 3; ++crl) {
    ASSERT_TRUE(replica.eventually_covers(installation.revoke(installation.issue(std::chrono::hours(24 * 90)))));
  }
  const auto from_the_future = replica.crl()->this_update();
  installation.clock.advance(-std::chrono::hours(24 * 1'000));
  const auto now = installation.clock.now();
  EXPECT_GT(from_the_future, now);
  ASSERT_TRUE(replica.eventually([&](const pki::Crl& crl) { return crl.this_update() <= now; })) << "nothing was revoked since";
  EXPECT_LE(replica.crl()->next_update(), now + std::chrono::hours(25));
  const auto crl = replica.crl();
  EXPECT_EQ(crl->entries().size(), 4U);
  ASSERT_NE(find(*crl, valid), nullptr);
  for (const auto& entry : crl->entries()) EXPECT_LE(entry.revocation_date, installation.clock.now()) << "a client must believe it today";
}

TEST(CrlIsDue, AtHalfOfItsLifeOnAChangeAndWhenItIsDatedWrongly) {
  const auto at = [](int hours) { return Instant::from_seconds(1'000'000'000) + std::chrono::hours(hours); };
  const Publication current{{0, 9}, {}, at(0), at(24), "", "", "", events::kRules, at(0)};
  const auto due = [&](int earliest, int store, std::optional<Position> change = {}) {
    return is_due(current, change, {at(earliest), at(store)}, std::chrono::hours(24));
  };
  EXPECT_TRUE(is_due(std::nullopt, {}, {at(0), at(0)}, std::chrono::hours(24)));
  EXPECT_FALSE(due(11, 11));
  EXPECT_TRUE(due(12, 12));
  EXPECT_TRUE(due(1, 1, Position{0, 10}));
  EXPECT_FALSE(due(1, 1, Position{0, 9}));
  EXPECT_TRUE(due(-1, 1)) << "this process's clock is behind, or the one that dated it was ahead";
  EXPECT_TRUE(due(-25, -25));
  EXPECT_FALSE(due(0, 11)) << "the store's clock says how old it is";
  const Publication far{{0, 9}, {}, at(0), at(240), "", "", "", events::kRules, at(0)};
  EXPECT_TRUE(is_due(far, {}, {at(1), at(1)}, std::chrono::hours(24))) << "dated by a store that was ahead";
}

TEST_F(CrlTest, EntriesThatDifferFromTheSignedOnesAreAnAlarmAndStopPublishing) {
  const auto counting = signer();
  const auto leaf = installation.issue();
  installation.revoke(leaf);
  const auto issuing = ca::Authority{installation.issuing.id, installation.root.id, installation.issuing.certificate};
  // Signed by somebody whose view lacked the revocation.
  const auto wrong = ca::make_publication(issuing, *counting, "", installation.last, "", times(24));
  installation.last = installation.append(wrong.value());
  Replica replica(installation, counting);
  const auto response = replica.get();
  EXPECT_EQ(response.status, 503U);
  EXPECT_NE(response.body.find("crl-entries-differ"), std::string::npos) << response.body;
  installation.revoke(installation.issue());
  std::this_thread::sleep_for(Milliseconds(1500));
  EXPECT_EQ(counting->count(), 1U);
  EXPECT_EQ(replica.get().status, 503U);
  EXPECT_EQ(replica.get("root-1").status, 200U);
}

TEST_F(CrlTest, FailedAndUnknownAppendsAreTriedAgain) {
  using Fault = eventlog::MemoryLog::Fault;
  for (const auto fault : {Fault::not_persisted, Fault::unknown_not_persisted, Fault::unknown_persisted}) {
    const auto leaf = installation.issue();
    installation.revoke(leaf);
    installation.log->inject(fault);
    Replica replica(installation, signer());
    EXPECT_TRUE(replica.eventually([&](const pki::Crl& crl) { return find(crl, leaf) != nullptr; }));
  }
}

TEST_F(CrlTest, SlowSignersAreUsedOnThePool) {
  Replica replica(installation, signer(CountingSigner::Speed::slow));
  EXPECT_TRUE(replica.eventually([](const pki::Crl& crl) { return crl.entries().empty(); }));
}

TEST_F(CrlTest, TheEndOfEachCrlIsNamedWithWhatCanBeDone) {
  test::Process process(installation, definition());
  auto service = make_service(process.context(), ca::SigningKeys::fixed({{installation.issuing.id, signer()}}), process.clocks);
  const auto expiries = service.expiries;
  EXPECT_TRUE(expiries().empty()) << "nothing has been read yet";
  const auto find = [&](const std::string& what) {
    for (const auto& one : expiries()) {
      if (one.what == what) return one;
    }
    return runtime::Expiry{what, Instant::from_seconds(0), Instant::from_seconds(0), "", ""};
  };
  process.start(std::move(service));
  process.start_background();
  ASSERT_TRUE(test::Process::eventually([&] { return expiries().size() == 4; }));
  const auto of_issuing = find("crl issuing-1"), of_root = find("crl root-1");
  EXPECT_EQ(of_issuing.until, pki::Crl::parse(process.get("/crl/issuing-1.crl").body)->next_update());
  EXPECT_EQ(of_issuing.remedy.find("sign-crl"), std::string::npos) << of_issuing.remedy;
  EXPECT_EQ(of_root.until, pki::Crl::parse(process.get("/crl/root-1.crl").body)->next_update());
  EXPECT_NE(of_root.remedy.find("quicklime ca sign-crl"), std::string::npos) << of_root.remedy;
  EXPECT_EQ(find("authority issuing-1").until, installation.issuing.certificate.not_after());
  for (const auto& one : expiries()) EXPECT_EQ(one.fault, "") << one.what;

  installation.append(events::CertificateRevoked{installation.issuing.certificate.serial(), installation.root.id, "superseded",
                                                 std::string(64, 'a'), std::nullopt});
  ASSERT_TRUE(test::Process::eventually([&] { return !find("crl root-1").fault.empty(); }));
  EXPECT_EQ(find("crl root-1").fault, "lacks what was revoked since it was signed (issuing-1)");
  EXPECT_TRUE(find("authority issuing-1").fault.starts_with("is revoked since ")) << find("authority issuing-1").fault;
  EXPECT_EQ(find("crl issuing-1").fault, "");
}

TEST_F(CrlTest, NoCrlYetIsAskedForAgain) {
  Replica replica(installation, nullptr);
  const auto response = replica.get();
  EXPECT_EQ(response.status, 503U);
  EXPECT_EQ(response.headers.get("Retry-After"), "1");
  EXPECT_EQ(replica.get("issuing-9").status, 404U);
}

TEST_F(CrlTest, CachesMayKeepItAndAskAgain) {
  Replica replica(installation, signer());
  ASSERT_TRUE(replica.eventually([](const pki::Crl&) { return true; }));
  for (const std::string path : {"/crl/issuing-1.crl", "/crl/root-1.crl", "/ca/issuing-1.crt", "/ca/issuing-1.pem", "/ca/roots.pem"}) {
    const auto response = replica.process.get(path);
    EXPECT_EQ(response.status, 200U) << path;
    EXPECT_TRUE(response.headers.get("Cache-Control").value().starts_with("public, max-age=")) << path;
    EXPECT_TRUE(response.headers.get("Quicklime-Position")) << path;
    http::Headers by_tag;
    by_tag.set("If-None-Match", std::string(response.headers.get("ETag").value()));
    EXPECT_EQ(replica.process.get(path, by_tag).status, 304U) << path;
    http::Headers by_date;
    by_date.set("If-Modified-Since", std::string(response.headers.get("Last-Modified").value()));
    EXPECT_EQ(replica.process.get(path, by_date).status, 304U) << path;
    by_date.set("If-None-Match", "\"another\"");
    EXPECT_EQ(replica.process.get(path, by_date).status, 200U) << path;
  }
}

TEST_F(CrlTest, AuthoritiesAreServedAsCertificateChainAndRoots) {
  Replica replica(installation, nullptr);
  EXPECT_EQ(replica.process.get("/ca/issuing-1.crt").body, installation.issuing.certificate.der());
  const auto root = ca::pem({installation.root.certificate});
  EXPECT_EQ(replica.process.get("/ca/issuing-1.pem").body, ca::pem({installation.issuing.certificate}) + root);
  EXPECT_EQ(replica.process.get("/ca/roots.pem").body, root);
  EXPECT_EQ(replica.process.get("/ca/issuing-9.crt").status, 404U);
}

TEST_F(CrlTest, TheRootsCrlMayNameAnIssuingCertificate) {
  Replica replica(installation, nullptr);
  const auto& issuing = installation.issuing.certificate;
  const auto position =
      installation.append(events::CertificateRevoked{issuing.serial(), installation.root.id, "cACompromise", std::string(64, '0'), {}});
  replica.process.reach(position);
  EXPECT_TRUE(replica.crl("root-1")->entries().empty());

  // Whoever has the root key signs the next one.
  std::string entries;
  const auto since = events::decode(installation.log->read_one(position.offset)->bytes)->time;
  pki::append_crl_entry(entries, issuing.serial(), since.whole_seconds(), pki::RevocationReason::ca_compromise);
  const auto root = ca::Authority{installation.root.id, std::nullopt, installation.root.certificate};
  const auto next = ca::make_publication(root, crypto::KeySigner(installation.root.key), "2", position, entries, times(24 * 365));
  replica.process.reach(installation.append(next.value()));
  ASSERT_EQ(replica.crl("root-1")->entries().size(), 1U);
  EXPECT_EQ(replica.crl("root-1")->entries().front().reason, pki::RevocationReason::ca_compromise);
}

TEST_F(CrlTest, WhoPublishedTheLastOnePublishesTheNextAndTheOtherStepsInWhenItIsGone) {
  const auto here = signer(), there = signer();
  auto first = std::make_unique<Replica>(installation, here);
  ASSERT_TRUE(first->eventually([](const pki::Crl&) { return true; }));
  Replica second(installation, there);
  for (int change = 0; change < 4; ++change) {
    const auto position = installation.revoke(installation.issue());
    ASSERT_TRUE(second.eventually_covers(position));
  }
  EXPECT_EQ(there->count(), 0U);
  first.reset();
  ASSERT_TRUE(second.eventually_covers(installation.revoke(installation.issue())));
  ASSERT_TRUE(second.eventually_covers(installation.revoke(installation.issue())));
  EXPECT_EQ(there->count(), 2U);
}

// ---- when the view is not what it was

http::Headers at_least(Position position) {
  http::Headers headers;
  headers.set("Quicklime-Min-Position", position.text());
  return headers;
}

std::string reason(const http::Response& response) {
  const auto at = response.body.find('#');
  return at == std::string::npos ? response.body : response.body.substr(at + 1, response.body.find('"', at) - at - 1);
}

TEST_F(CrlTest, WhoNamesAPositionGetsACrlThatIsCompleteUpToIt) {
  Replica replica(installation, signer());
  ASSERT_TRUE(replica.eventually([](const pki::Crl&) { return true; }));
  for (int round = 0; round < 3; ++round) {
    const auto leaf = installation.issue();
    const auto position = installation.revoke(leaf);
    const auto answer = replica.process.get("/crl/issuing-1.crl", at_least(position));
    ASSERT_EQ(answer.status, 200U) << answer.body;
    EXPECT_NE(find(pki::Crl::parse(answer.body).value(), leaf), nullptr) << "round " << round;
  }
  // What changes nothing in it needs no new one.
  installation.issue();
  EXPECT_EQ(replica.process.get("/crl/issuing-1.crl", at_least(installation.last)).status, 200U);
}

TEST_F(CrlTest, WhoNamesAPositionThatNobodyPublishesForIsToldSo) {
  auto publishing = std::make_unique<Replica>(installation, signer());
  ASSERT_TRUE(publishing->eventually([](const pki::Crl&) { return true; }));
  publishing.reset();
  Replica replica(installation, nullptr);
  const auto position = installation.revoke(installation.issue());
  const auto answer = replica.process.get("/crl/issuing-1.crl", at_least(position));
  EXPECT_EQ(answer.status, 503U);
  EXPECT_EQ(reason(answer), "crl-behind") << answer.body;
  EXPECT_EQ(answer.headers.get("Retry-After"), "1");
  EXPECT_EQ(replica.get().status, 200U) << "whoever names none gets the current one";
}

TEST_F(CrlTest, WithoutTheViewCrlsAndCertificatesGoOnUntilTheyEnd) {
  Replica replica(installation, signer(), std::chrono::hours(1), Replica::Notified::by_polling);
  const auto leaf = installation.issue();
  ASSERT_TRUE(replica.eventually_covers(installation.revoke(leaf)));
  const std::vector<std::string> paths{"/crl/issuing-1.crl", "/crl/root-1.crl", "/ca/issuing-1.crt", "/ca/issuing-1.pem", "/ca/roots.pem"};
  std::map<std::string, std::string> before;
  for (const auto& path : paths) {
    ASSERT_TRUE(test::Process::eventually([&] { return replica.process.get(path).status == 200; })) << path;
    before[path] = replica.process.get(path).body;
  }

  replica.process.lose_the_view();
  for (const auto& path : paths) {
    const auto answer = replica.process.get(path);
    EXPECT_EQ(answer.status, 200U) << path;
    EXPECT_EQ(answer.body, before[path]) << path;
  }
  installation.clock.advance(std::chrono::minutes(61));
  EXPECT_EQ(reason(replica.get()), "view-missing") << "its nextUpdate has passed";
  EXPECT_EQ(replica.get("root-1").status, 200U);
  EXPECT_EQ(replica.process.get("/ca/issuing-1.crt").status, 200U);
}

TEST_F(CrlTest, ACrlThatHasEndedIsServedByNobody) {
  Replica replica(installation, nullptr);
  EXPECT_EQ(replica.get("root-1").status, 200U);
  installation.clock.advance(std::chrono::hours(24 * 366));
  const auto answer = replica.get("root-1");
  EXPECT_EQ(answer.status, 503U);
  EXPECT_EQ(reason(answer), "crl-ended");
}

TEST_F(CrlTest, AnOlderCopyOfTheViewTakesNoCrlBack) {
  Replica replica(installation, signer(), std::chrono::hours(24), Replica::Notified::by_polling);
  ASSERT_TRUE(replica.eventually([](const pki::Crl&) { return true; }));
  replica.process.runner.pause_for_test(true);
  replica.process.store->take_snapshot();
  replica.process.runner.pause_for_test(false);
  const auto leaf = installation.issue();
  ASSERT_TRUE(replica.eventually_covers(installation.revoke(leaf)));
  const auto highest = replica.crl()->number();

  replica.process.runner.pause_for_test(true);
  replica.process.store->roll_back_to_snapshot();
  ASSERT_TRUE(replica.crl());
  EXPECT_EQ(replica.crl()->number(), highest) << "from memory";

  // A process that starts over an older copy knows by its directory that there was a later one.
  Replica restarted(installation, nullptr, std::chrono::hours(24), Replica::Notified::by_polling);
  restarted.process.highest_seen.note_crl(installation.issuing.id, Position{0, 1000});
  EXPECT_TRUE(test::Process::eventually([&] { return reason(restarted.get()) == "crl-went-back"; })) << reason(restarted.get());
  EXPECT_EQ(restarted.get("root-1").status, 200U);
}

TEST_F(CrlTest, AFoldUnderWayServesNoCrl) {
  Replica replica(installation, signer(), std::chrono::hours(24), Replica::Notified::by_polling);
  ASSERT_TRUE(replica.eventually([](const pki::Crl&) { return true; }));
  replica.process.runner.pause_for_test(true);
  // As a projector that starts from nothing leaves it: everything is there, and nobody has said that it is all.
  const auto state = *replica.process.store->state();
  const auto authorities = async::run_to_end(replica.process.store->get({ca::authorities_key()}))->values.at(0);
  auto half = views::make_memory_store(projection().spaces, installation.clock);
  views::Changes changes;
  changes.points[ca::authorities_key()] = authorities;
  ASSERT_TRUE(half->apply(std::nullopt, changes, *state));
  views::View view("crl", *half, views::View::Notified::by_polling);
  auto context = replica.process.context();
  const api::ServiceContext over_half{context.log,           context.writer, view,          context.access,
                                      context.denials,       context.clock,  context.pools, context.metrics,
                                      context.configuration, nullptr};
  auto service = make_service(over_half, ca::SigningKeys::fixed({}), replica.process.clocks);
  http::Router router;
  router.add(api::Guard(over_half, {}).before(service.public_routes));
  const auto get = [&](const std::string& path) {
    http::Request request;
    request.method = http::Method::get;
    request.target = request.path = path;
    request.id = RequestId("test");
    return async::run_to_end(router.dispatch(std::move(request)));
  };
  for (const std::string path : {"/crl/issuing-1.crl", "/ca/issuing-1.crt", "/ca/roots.pem"})
    EXPECT_EQ(reason(get(path)), "view-incomplete") << path;
}

}  // namespace
}  // namespace quicklime::crl
