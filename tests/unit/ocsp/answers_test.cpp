// What the OCSP role answers, as openssl and our own client read it.

#include "base/work.hpp"
#include "ocsp/definition.hpp"
#include "ocsp/get_path.hpp"
#include "ocsp/service.hpp"
#include "support/counting_signer.hpp"
#include "support/installation.hpp"

namespace quicklime::ocsp {
namespace {

using pki::CertificateStatus;
using pki::OcspHash;
using test::Leaf;

class OcspTest : public ::testing::Test {
 protected:
  void SetUp() override {
    issuing_responder = responder(std::chrono::hours(24));
    process.start(make_service(process.context(), [this](const AuthorityId& issuer) {
      const std::lock_guard lock(mutex);
      return issuer == installation.issuing.id ? issuing_responder : nullptr;
    }));
  }

  std::shared_ptr<const pki::OcspResponder> responder(Milliseconds lifetime) {
    auto leaf = installation.make_leaf(installation.issuing, lifetime, {std::string(pki::oid::ocsp_signing)}, {});
    return std::make_shared<pki::OcspResponder>(leaf.certificate, std::make_shared<crypto::KeySigner>(leaf.key));
  }
  void use(std::shared_ptr<const pki::OcspResponder> next) {
    const std::lock_guard lock(mutex);
    issuing_responder = std::move(next);
  }

  std::string request(const Leaf& leaf, OcspHash hash = OcspHash::sha1, std::string_view nonce = {}) const {
    return pki::OcspRequest::make(installation.issuing.certificate, leaf.certificate.serial(), hash, nonce);
  }
  http::Response post(const std::string& der) { return process.send(http::Method::post, "/ocsp", der); }
  pki::OcspAnswer parsed(const http::Response& response, const Leaf& leaf) const {
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.headers.get("Content-Type"), "application/ocsp-response");
    const auto answer = pki::parse_ocsp_answer(response.body, installation.issuing.certificate, leaf.certificate.serial());
    EXPECT_TRUE(answer) << (answer ? "" : answer.error().detail);
    return answer.value();
  }
  CertificateStatus status(const Leaf& leaf, OcspHash hash = OcspHash::sha1) { return parsed(post(request(leaf, hash)), leaf).status; }
  std::uint64_t hits() { return process.metrics.counter("quicklime_ocsp_cache_hits_total", "").value(); }
  static std::string error(pki::OcspError status) { return pki::ocsp_error(status); }

  test::Installation installation;
  std::mutex mutex;
  std::shared_ptr<const pki::OcspResponder> issuing_responder;
  test::Process process{installation, definition()};
};

TEST_F(OcspTest, FollowsACertificateThroughItsLife) {
  const auto leaf = installation.issue();
  process.reach(installation.last);
  EXPECT_EQ(status(leaf), CertificateStatus::good);
  EXPECT_EQ(status(leaf, OcspHash::sha256), CertificateStatus::good);

  process.reach(installation.hold(leaf));
  auto answer = parsed(post(request(leaf)), leaf);
  EXPECT_EQ(answer.status, CertificateStatus::revoked);
  EXPECT_EQ(answer.reason, pki::RevocationReason::certificate_hold);

  process.reach(installation.release(leaf));
  EXPECT_EQ(status(leaf), CertificateStatus::good);

  process.reach(installation.revoke(leaf, "superseded"));
  answer = parsed(post(request(leaf, OcspHash::sha256)), leaf);
  EXPECT_EQ(answer.status, CertificateStatus::revoked);
  EXPECT_EQ(answer.reason, pki::RevocationReason::superseded);
  const auto first = answer.revocation_date;

  process.reach(installation.revoke(leaf, "keyCompromise"));
  answer = parsed(post(request(leaf)), leaf);
  EXPECT_EQ(answer.reason, pki::RevocationReason::key_compromise);
  EXPECT_EQ(answer.revocation_date, first);
}

TEST_F(OcspTest, NeverIssuedIsUnknownAndKeptByNobody) {
  const auto stranger = installation.make_leaf(installation.issuing, std::chrono::hours(1));
  // Not even a revocation and its release make a serial known that was never issued.
  installation.hold(stranger);
  process.reach(installation.release(stranger));
  for (const auto& response : {post(request(stranger)), process.get("/ocsp/" + base64_encode(request(stranger)))}) {
    const auto answer = parsed(response, stranger);
    EXPECT_EQ(answer.status, CertificateStatus::unknown);
    EXPECT_EQ(response.headers.get("Cache-Control"), "no-store");
    EXPECT_LE(answer.next_update, installation.clock.now() + Seconds(60));
    EXPECT_GT(answer.next_update, installation.clock.now());
  }
  EXPECT_EQ(hits(), 0U);
}

TEST_F(OcspTest, ThisUpdateIsWhenTheViewWasCompleteAndNextUpdateStaysWithinTheSigner) {
  const auto leaf = installation.issue();
  process.reach(installation.last);
  auto answer = parsed(post(request(leaf)), leaf);
  // Backdated as certificates are: a client whose clock is behind believes it too.
  EXPECT_LE(answer.this_update, installation.clock.now() - Seconds(60));
  EXPECT_GE(answer.this_update, installation.clock.now() - Seconds(80));
  EXPECT_EQ(answer.next_update - answer.this_update, std::chrono::hours(1) + Seconds(60));

  const auto shorter = responder(Seconds(20));
  use(shorter);
  answer = parsed(post(request(leaf)), leaf);
  EXPECT_LE(answer.next_update, shorter->not_after());
  installation.clock.advance(Seconds(30));
  EXPECT_TRUE(test::Process::eventually([&] { return post(request(leaf)).body == error(pki::OcspError::try_later); }));
}

TEST_F(OcspTest, ARevocationByAClockThatWasAheadIsDatedNoLaterThanItsAnswer) {
  const auto leaf = installation.issue();
  installation.clock.advance(Seconds(90));
  process.reach(installation.revoke(leaf));
  installation.clock.advance(-Seconds(90));
  ASSERT_TRUE(test::Process::eventually([&] { return post(request(leaf)).body != error(pki::OcspError::try_later); }));
  const auto answer = parsed(post(request(leaf)), leaf);
  EXPECT_EQ(answer.status, CertificateStatus::revoked);
  EXPECT_LE(answer.revocation_date, installation.clock.now()) << "Java does not believe a revocation that is to come";
  EXPECT_LE(answer.this_update, installation.clock.now());
}

TEST_F(OcspTest, AnAnswerFromTheFutureIsNotGivenAgain) {
  const auto leaf = installation.issue();
  process.reach(installation.last);
  installation.clock.advance(Seconds(90));
  ASSERT_TRUE(test::Process::eventually([&] { return post(request(leaf)).body != error(pki::OcspError::try_later); }));
  EXPECT_EQ(status(leaf), CertificateStatus::good);
  const auto kept = hits();
  installation.clock.advance(-Seconds(90));
  ASSERT_TRUE(test::Process::eventually([&] { return post(request(leaf)).body != error(pki::OcspError::try_later); }));
  EXPECT_LE(parsed(post(request(leaf)), leaf).this_update, installation.clock.now());
  EXPECT_GE(hits(), kept);
}

// A proxy merged the slashes within the serial, so that several serials of ours may have been meant.
TEST_F(OcspTest, OnePathCostsOneSignatureHoweverManyWaysThereAreToReadIt) {
  const auto counting = std::make_shared<test::CountingSigner>(crypto::PrivateKey::generate(crypto::KeyKind::p256).value());
  auto leaf = installation.make_leaf(installation.issuing, std::chrono::hours(24), {std::string(pki::oid::ocsp_signing)}, {});
  use(std::make_shared<pki::OcspResponder>(leaf.certificate, counting));
  for (int times = 0; times < 200; ++times) {
    // Serials of octets that are 111111 in base64 nearly everywhere: slashes.
    const auto serial = SerialNumber::from_octets("\x7f" + std::string(15, '\xff') + static_cast<char>(times));
    const auto der = pki::OcspRequest::make(installation.issuing.certificate, *serial, OcspHash::sha1, times % 2 == 0 ? "nonce" : "");
    std::string path = base64_encode(der);
    for (int missing = 0; missing < times % 4; ++missing) path.erase(path.rfind('/'), 1);
    const auto signatures = counting->count();
    const auto readings = work::counted(work::Kind::ocsp_reading);
    EXPECT_EQ(process.get("/ocsp/" + path).status, 200U);
    EXPECT_LE(counting->count() - signatures, 1U) << path;
    EXPECT_LE(work::counted(work::Kind::ocsp_reading) - readings, kReadings) << path;
  }
  EXPECT_GE(counting->count(), 50U);  // at least what no proxy changed, each with one signature
}

TEST_F(OcspTest, OfSeveralReadingsTheOneWithACertificateOfOursIsAnswered) {
  for (int found = 0; found < 3;) {
    const auto leaf = installation.make_leaf(installation.issuing, std::chrono::hours(1));
    std::string path = base64_encode(request(leaf));
    const auto twins = path.rfind("//");
    if (twins == std::string::npos) continue;
    ++found;
    path.erase(twins, 1);
    process.reach(installation.record(leaf));
    EXPECT_EQ(parsed(process.get("/ocsp/" + path), leaf).status, CertificateStatus::good);
  }
}

TEST_F(OcspTest, ErrorsAreOcspResponses) {
  const auto leaf = installation.issue();
  process.reach(installation.last);
  for (const std::string& rubbish : {std::string(), std::string("rubbish"), request(leaf) + "x", request(leaf).substr(0, 40)}) {
    EXPECT_EQ(post(rubbish).body, error(pki::OcspError::malformed_request));
  }
  EXPECT_EQ(process.get("/ocsp/%21%21").body, error(pki::OcspError::malformed_request));
  EXPECT_EQ(process.get("/ocsp/%2").body, error(pki::OcspError::malformed_request));

  const test::Installation foreign;
  const auto serial = leaf.certificate.serial();
  EXPECT_EQ(post(pki::OcspRequest::make(foreign.issuing.certificate, serial, OcspHash::sha1, {})).body,
            error(pki::OcspError::unauthorized));
  // The root has no responder: its CRL says it all.
  const auto about_issuing =
      pki::OcspRequest::make(installation.root.certificate, installation.issuing.certificate.serial(), OcspHash::sha1, {});
  EXPECT_EQ(post(about_issuing).body, error(pki::OcspError::unauthorized));
  use(nullptr);
  EXPECT_EQ(post(request(leaf)).body, error(pki::OcspError::try_later));
}

TEST_F(OcspTest, TryLaterWhenTheViewIsTooOldOrFromTheFutureOrMissing) {
  const auto leaf = installation.issue();
  process.reach(installation.last);
  EXPECT_EQ(status(leaf), CertificateStatus::good);
  EXPECT_EQ(status(leaf), CertificateStatus::good);
  EXPECT_EQ(hits(), 1U);

  process.runner.pause_for_test(true);
  std::this_thread::sleep_for(Milliseconds(100));
  installation.clock.advance(Seconds(50));
  EXPECT_EQ(status(leaf), CertificateStatus::good);
  installation.clock.advance(Seconds(11));
  EXPECT_EQ(post(request(leaf)).body, error(pki::OcspError::try_later));
  installation.clock.advance(-Seconds(90));
  EXPECT_EQ(post(request(leaf)).body, error(pki::OcspError::try_later));
  installation.clock.advance(Seconds(29));

  process.runner.pause_for_test(false);
  EXPECT_TRUE(test::Process::eventually([&] { return post(request(leaf)).body != error(pki::OcspError::try_later); }));
  EXPECT_EQ(status(leaf), CertificateStatus::good);
}

TEST_F(OcspTest, NoncesAreEchoedAndNeverKept) {
  const auto leaf = installation.issue();
  process.reach(installation.last);
  const std::string nonce(128, 'n');
  for (int round = 0; round < 2; ++round) {
    const auto response = post(request(leaf, OcspHash::sha1, nonce));
    EXPECT_EQ(parsed(response, leaf).status, CertificateStatus::good);
    EXPECT_NE(response.body.find(nonce), std::string::npos);
    EXPECT_EQ(response.headers.get("Cache-Control"), "no-store");
  }
  EXPECT_EQ(hits(), 0U);
  EXPECT_EQ(post(request(leaf)).body.find(nonce), std::string::npos);
}

TEST_F(OcspTest, GetMayBeKeptUntilHalfOfItsLife) {
  const auto leaf = installation.issue();
  process.reach(installation.last);
  const auto path = "/ocsp/" + http::percent_encode(base64_encode(request(leaf)));
  const auto response = process.get(path);
  const auto answer = parsed(response, leaf);
  EXPECT_EQ(response.headers.get("Last-Modified"), http::http_date(answer.this_update));
  EXPECT_EQ(response.headers.get("Expires"), http::http_date(answer.next_update));
  const std::string caching(response.headers.get("Cache-Control").value_or(""));
  EXPECT_TRUE(caching.starts_with("max-age=17") || caching.starts_with("max-age=1800")) << caching;
  EXPECT_TRUE(caching.ends_with(", public, no-transform, must-revalidate")) << caching;

  http::Headers headers;
  headers.set("If-None-Match", std::string(response.headers.get("ETag").value()));
  const auto unchanged = process.get(path, headers);
  EXPECT_EQ(unchanged.status, 304U);
  EXPECT_EQ(unchanged.body, "");
  EXPECT_EQ(unchanged.headers.get("ETag"), response.headers.get("ETag"));

  process.reach(installation.revoke(leaf));
  const auto revoked = process.get(path, headers);
  EXPECT_EQ(parsed(revoked, leaf).status, CertificateStatus::revoked);
  EXPECT_NE(revoked.headers.get("ETag"), response.headers.get("ETag"));
}

TEST_F(OcspTest, KeptAnswersAreMadeAnewAtHalfOfTheirLifeAndForAnotherResponder) {
  const auto leaf = installation.issue();
  process.reach(installation.last);
  const auto first = post(request(leaf)).body;
  EXPECT_EQ(post(request(leaf)).body, first);
  EXPECT_EQ(hits(), 1U);
  use(responder(std::chrono::hours(24)));
  const auto second = post(request(leaf)).body;
  EXPECT_NE(second, first);
  EXPECT_EQ(post(request(leaf)).body, second);
  installation.clock.advance(std::chrono::minutes(31));
  EXPECT_TRUE(test::Process::eventually([&] { return post(request(leaf)).body != error(pki::OcspError::try_later); }));
  EXPECT_NE(post(request(leaf)).body, second);
}

TEST_F(OcspTest, SeveralCertIdsOfOneIssuer) {
  const auto good = installation.issue();
  const auto bad = installation.issue();
  process.reach(installation.revoke(bad));
  test::Judge judge;
  const auto issuer = judge.write("int.pem", installation.issuing.certificate);
  const auto ask = "openssl ocsp -no_nonce -issuer " + issuer + " -serial 0x" + good.certificate.serial().hex() + " -serial 0x" +
                   bad.certificate.serial().hex() + " -reqout " + judge.path("req.der");
  judge.run(ask);
  judge.write("resp.der", post(judge.read("req.der")).body);
  const auto root = judge.write("root.pem", installation.root.certificate);
  const auto said = judge.run("openssl ocsp -no_nonce -respin " + judge.path("resp.der") + " -reqin " + judge.path("req.der") +
                              " -CAfile " + root + " -verify_other " + issuer + " -issuer " + issuer + " -serial 0x" +
                              good.certificate.serial().hex() + " -serial 0x" + bad.certificate.serial().hex());
  EXPECT_NE(said.find("Response verify OK"), std::string::npos) << said;
  EXPECT_NE(said.find("0x" + good.certificate.serial().hex() + ": good"), std::string::npos) << said;
  EXPECT_NE(said.find("0x" + bad.certificate.serial().hex() + ": revoked"), std::string::npos) << said;
  EXPECT_NE(said.find("Reason: keyCompromise"), std::string::npos) << said;
  EXPECT_EQ(said.find("Status times invalid"), std::string::npos) << said;

  // A request that names two issuers gets no answer about either.
  const auto other = judge.write("root.pem", installation.root.certificate);
  judge.run("openssl ocsp -no_nonce -issuer " + issuer + " -serial 1 -issuer " + other + " -serial 2 -reqout " + judge.path("mixed.der"));
  EXPECT_EQ(post(judge.read("mixed.der")).body, error(pki::OcspError::unauthorized));
}

TEST_F(OcspTest, OpensslAcceptsBothHashesAndTheNonce) {
  const auto leaf = installation.issue();
  process.reach(installation.last);
  test::Judge judge;
  const auto issuer = judge.write("int.pem", installation.issuing.certificate);
  const auto root = judge.write("root.pem", installation.root.certificate);
  const auto certificate = judge.write("leaf.pem", leaf.certificate);
  for (const std::string hash : {"-sha1", "-sha256"}) {
    judge.run("openssl ocsp -nonce -issuer " + issuer + " " + hash + " -cert " + certificate + " -reqout " + judge.path("req.der"));
    judge.write("resp.der", post(judge.read("req.der")).body);
    const auto said =
        judge.run("openssl ocsp -no_nonce -respin " + judge.path("resp.der") + " -reqin " + judge.path("req.der") + " -issuer " + issuer +
                  " " + hash + " -cert " + certificate + " -CAfile " + root + " -verify_other " + issuer);
    EXPECT_NE(said.find("Response verify OK"), std::string::npos) << said;
    EXPECT_NE(said.find(": good"), std::string::npos) << said;
    EXPECT_EQ(said.find("WARNING"), std::string::npos) << said;
  }
}

TEST_F(OcspTest, GetWithSlashesThatAProxyMerged) {
  auto serial = crypto::random_serial_number();
  std::string text;
  while (text.find("//") == std::string::npos || text.find("///") != std::string::npos) {
    serial = crypto::random_serial_number();
    text = base64_encode(pki::OcspRequest::make(installation.issuing.certificate, serial, OcspHash::sha256, {}));
  }
  const auto leaf = installation.issue();
  auto issued = std::get<events::CertificateIssued>(events::decode(installation.log->read_one(installation.last.offset)->bytes)->data);
  issued.serial = serial;
  process.reach(installation.append(issued));
  for (auto at = text.find("//"); at != std::string::npos; at = text.find("//")) text.erase(at, 1);
  const auto answer = pki::parse_ocsp_answer(process.get("/ocsp/" + text).body, installation.issuing.certificate, serial);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->status, CertificateStatus::good);
}

TEST_F(OcspTest, AMinimumPositionIsWaitedFor) {
  const auto leaf = installation.issue();
  process.reach(installation.last);
  EXPECT_EQ(status(leaf), CertificateStatus::good);
  http::Headers headers;
  headers.set("Quicklime-Min-Position", installation.revoke(leaf).text());
  const auto response = process.send(http::Method::post, "/ocsp", request(leaf), headers);
  EXPECT_EQ(parsed(response, leaf).status, CertificateStatus::revoked);
}

TEST_F(OcspTest, TheIssuingCertificateIsCertifiedByItsParent) {
  const auto dump = process.store->dump().value();
  EXPECT_NE(dump.find(hex_encode("root-1/" + std::string(installation.issuing.certificate.serial().octets()))), std::string::npos) << dump;
}

// Whatever threads do meanwhile: once the view has a revocation, nobody gets "good" any more.
TEST_F(OcspTest, NeverGoodAfterARevocationIsVisible) {
  constexpr int kCertificates = 60;
  std::vector<Leaf> leaves;
  std::vector<std::string> requests;
  for (int index = 0; index < kCertificates; ++index) {
    leaves.push_back(installation.issue());
    requests.push_back(request(leaves.back()));
  }
  process.reach(installation.last);
  std::vector<std::atomic<bool>> visible(kCertificates);
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> clients;
  for (unsigned thread = 0; thread < 4; ++thread) {
    clients.emplace_back([&, thread] {
      for (std::size_t turn = thread; !done; turn += 7) {
        const auto index = turn % kCertificates;
        const bool must_be_revoked = visible[index];
        const auto body = post(requests[index]).body;
        const auto answer = pki::parse_ocsp_answer(body, installation.issuing.certificate, leaves[index].certificate.serial());
        if (!answer || (must_be_revoked && answer->status != CertificateStatus::revoked)) ++wrong;
      }
    });
  }
  for (std::size_t index = 0; index < kCertificates; ++index) {
    const auto position = installation.revoke(leaves[index]);
    // By the runner's word, which the process passes on after the role has heard it.
    test::Process::eventually([&] { return process.applied() >= position; });
    visible[index] = true;
  }
  done = true;
  for (auto& client : clients) client.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(hits(), 0U);
  for (const auto& leaf : leaves) EXPECT_EQ(status(leaf), CertificateStatus::revoked);
}

// ---- a daemon: its view is in Redis, and somebody else folds it

struct DaemonTest : OcspTest {
  void SetUp() override {
    OcspTest::SetUp();
    daemon.start(make_service(daemon.context(), [this](const AuthorityId& issuer) {
      const std::lock_guard lock(mutex);
      return issuer == installation.issuing.id ? issuing_responder : nullptr;
    }));
  }
  std::string ask(const Leaf& leaf, std::string_view nonce = {}, http::Headers headers = {}) {
    return daemon.send(http::Method::post, "/ocsp", request(leaf, OcspHash::sha1, nonce), std::move(headers)).body;
  }
  bool is(const std::string& body, const Leaf& leaf, CertificateStatus wanted) const {
    const auto answer = pki::parse_ocsp_answer(body, installation.issuing.certificate, leaf.certificate.serial());
    return answer && answer->status == wanted;
  }
  bool eventually(const Leaf& leaf, CertificateStatus wanted) {
    return test::Process::eventually([&] { return is(ask(leaf), leaf, wanted); });
  }
  test::Process daemon{installation, definition(), views::View::Notified::by_polling};
};

TEST_F(DaemonTest, SaysNothingByAViewThatWasNotCompleteSinceItsStart) {
  const auto leaf = installation.issue();
  daemon.reach(installation.last);
  ASSERT_TRUE(eventually(leaf, CertificateStatus::good));
  daemon.runner.pause_for_test(true);  // what is there was complete, and stays as it is
  installation.clock.advance(Seconds(1));
  // Another process, which starts now over the same store.
  views::View view(projection().name, *daemon.store, views::View::Notified::by_polling);
  metrics::Registry metrics;
  installation::HighestSeen highest_seen;
  const api::ServiceContext context{*installation.log,  installation.writer, view,    daemon.context().access, daemon.context().denials,
                                    installation.clock, daemon.pools,        metrics, daemon.configuration,    &highest_seen};
  const auto service = make_service(context, [this](const AuthorityId&) { return issuing_responder; });
  http::Router started;
  started.add(api::Guard(context, {}).before(service.public_routes));
  const auto asked = [&](http::Headers headers = {}) {
    http::Request question{.method = http::Method::post, .target = "/ocsp", .path = "/ocsp"};
    question.headers = std::move(headers);
    question.body = request(leaf);
    question.id = RequestId("test");
    return async::run_to_end(started.dispatch(std::move(question)));
  };
  const auto later = asked();
  EXPECT_EQ(later.status, 503U) << "the gateway is to ask another replica";
  EXPECT_EQ(later.body, error(pki::OcspError::try_later));
  daemon.runner.pause_for_test(false);
  EXPECT_TRUE(test::Process::eventually([&] { return is(asked().body, leaf, CertificateStatus::good); }));
}

TEST_F(DaemonTest, WithoutItsViewGivesWhatItKeepsUntilThatIsTooOld) {
  const auto asked = installation.issue(), revoked = installation.issue(), other = installation.issue();
  daemon.reach(installation.revoke(revoked));
  ASSERT_TRUE(eventually(asked, CertificateStatus::good));
  ASSERT_TRUE(eventually(revoked, CertificateStatus::revoked));

  daemon.lose_the_view();
  EXPECT_TRUE(is(ask(asked), asked, CertificateStatus::good));
  EXPECT_TRUE(is(ask(revoked), revoked, CertificateStatus::revoked));
  EXPECT_EQ(ask(other), error(pki::OcspError::try_later)) << "never unknown";
  EXPECT_EQ(ask(asked, std::string(16, 'n')), error(pki::OcspError::try_later)) << "a nonce needs a signature of its own";
  http::Headers at_least;
  at_least.set("Quicklime-Min-Position", installation.last.text());
  EXPECT_EQ(ask(asked, {}, at_least), error(pki::OcspError::try_later)) << "what is kept says of no position";

  installation.clock.advance(Seconds(50));
  EXPECT_TRUE(is(ask(asked), asked, CertificateStatus::good));
  installation.clock.advance(Seconds(11));
  EXPECT_EQ(ask(asked), error(pki::OcspError::try_later));

  daemon.runner.pause_for_test(false);
  EXPECT_TRUE(eventually(other, CertificateStatus::good));
  EXPECT_TRUE(eventually(asked, CertificateStatus::good));
}

TEST_F(DaemonTest, WhatWasReadAgainIsKnownAgain) {
  const auto leaf = installation.issue();
  daemon.reach(installation.last);
  ASSERT_TRUE(eventually(leaf, CertificateStatus::good));
  installation.clock.advance(Seconds(50));
  ASSERT_TRUE(test::Process::eventually([&] {  // the view is fresh again
    const auto meta = async::run_to_end(daemon.view.meta());
    return meta && meta->read_at - meta->caught_up_at < Seconds(1);
  }));
  ASSERT_TRUE(is(ask(leaf), leaf, CertificateStatus::good));
  daemon.lose_the_view();
  installation.clock.advance(Seconds(50));
  EXPECT_TRUE(is(ask(leaf), leaf, CertificateStatus::good));
  installation.clock.advance(Seconds(11));
  EXPECT_EQ(ask(leaf), error(pki::OcspError::try_later));
}

}  // namespace
}  // namespace quicklime::ocsp
