#pragma once
// A CA in memory, whole: log, view, projection thread, issuer; what a test of issuing needs of the world.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "access/principal.hpp"
#include "access/token.hpp"
#include "async/pools.hpp"
#include "ca/issue.hpp"
#include "crypto/random.hpp"
#include "eventlog/memory_log.hpp"
#include "events/codec.hpp"
#include "pki/chain.hpp"
#include "support/counting_signer.hpp"
#include "support/event_schema.hpp"
#include "support/log_contents.hpp"
#include "views/memory_store.hpp"
#include "views/runner.hpp"

namespace quicklime::ca::test {

class MovableClock final : public Clock {
 public:
  explicit MovableClock(Instant start) : now_(start.milliseconds()) {}
  Instant now() const override { return Instant::from_milliseconds(now_); }
  void move(Milliseconds by) { now_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_;
};

// Polls: the projection runs on its own thread. Fails the test after half a minute.
inline void wait_until(const std::function<bool()>& holds, const char* what) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) {
      ADD_FAILURE() << "never happened: " << what;
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

struct Authorities {
  NewAuthority root, issuing;
};
inline const Authorities& authorities() {
  static const Authorities made = [] {
    const AuthorityPlan plan{.organization = "Acme", .public_url = "http://ca.internal:8080"};
    const Instant now = *Instant::parse("2026-11-20T00:00:00Z");
    auto root = make_root(plan, now);
    auto issuing = make_issuing(plan, *root, now);
    return Authorities{*std::move(root), *std::move(issuing)};
  }();
  return made;
}

class Installation {
 public:
  explicit Installation(quicklime::test::CountingSigner::Speed speed = quicklime::test::CountingSigner::Speed::fast)
      : signer(std::make_shared<quicklime::test::CountingSigner>(authorities().issuing.key, speed)),
        log(eventlog::make_memory_log(LogId("log"), genesis())),
        store(views::make_memory_store(spaces(), clock)),
        view("issuance", *store, views::View::Notified::by_runner),
        runner(validated, {{projection(), store.get()}}, {.batch_events = 1000, .freshness_interval = Milliseconds(5)}, metrics) {
    runner.on_applied([this](const views::Applied& applied) { view.applied(applied.meta); });
    runner.start();
    wait_until([&] { return runner.status().front().caught_up; }, "the view catches up");
    define_profiles();
  }

  // As a process before has defined them: what a test writes is then what it asks for.
  void define_profiles() {
    eventlog::EventWriter writer(validated, clock);
    std::optional<Position> last;
    for (const Profile& profile : default_profiles()) {
      const std::string sha256 = profile.content_sha256();
      eventlog::Draft draft{.actor = {events::Actor::Kind::process, "profiles"},
                            .cause = {RequestId("test")},
                            .once = {"profile:" + sha256},
                            .body = sha256,
                            .subject = profile.name,
                            .data = events::ProfileDefined{profile.name, sha256, profile.definition()}};
      const auto appended = async::run_to_end(writer.append(std::move(draft)));
      EXPECT_TRUE(appended);
      last = appended->position;
    }
    if (last) wait_for(*last);
  }

  // One more process on the same log and view.
  struct Process {
    explicit Process(Installation& ca, const IssuePolicy& policy, RevocationKeys keys = RevocationKey(Secret(std::string(32, 'k'))))
        : writer(ca.validated, ca.clock),
          issuer(authority(authorities().issuing, authorities().root.id), all(), ca.signer, std::move(keys), policy, writer, ca.validated,
                 ca.view, ca.clock, ca.pools) {}
    eventlog::EventWriter writer;
    Issuer issuer;
  };
  std::unique_ptr<Process> process(IssuePolicy policy = default_policy()) { return std::make_unique<Process>(*this, policy); }

  std::unique_ptr<Process> process(RevocationKeys keys) { return std::make_unique<Process>(*this, default_policy(), std::move(keys)); }

  static IssuePolicy default_policy() {
    IssuePolicy policy;
    policy.public_url = "http://ca.internal:8080";
    policy.verdict_wait = Seconds(30);  // a test machine may be slow; who tests the limit sets it
    return policy;
  }
  static Authority authority(const NewAuthority& made, std::optional<AuthorityId> parent) {
    return {made.id, std::move(parent), made.certificate};
  }
  static std::vector<Authority> all() {
    return {authority(authorities().root, std::nullopt), authority(authorities().issuing, authorities().root.id)};
  }

  Position append(events::Data data) {
    eventlog::Draft draft{.actor = {events::Actor::Kind::control, "root"}, .cause = {RequestId("test")}, .data = std::move(data)};
    eventlog::EventWriter writer(validated, clock);
    const auto appended = async::run_to_end(writer.append(std::move(draft)));
    EXPECT_TRUE(appended);
    return appended->position;
  }
  void make_token(const std::string& id) {
    wait_for(append(events::TokenCreated{.token = TokenId(id),
                                         .name = id,
                                         .secret_sha256 = std::string(64, '0'),
                                         .role = "requester",
                                         .profiles = {"*"},
                                         .names = {"*"},
                                         .not_after = clock.now() + std::chrono::hours(24)}));
  }
  void wait_for(Position position) { EXPECT_TRUE(async::run_to_end(view.reached(position, Seconds(30)))); }
  void wait_for_all() { wait_for({0, log->end()->offset - 1}); }
  void wait_until_fresh() {
    wait_until(
        [&] {
          std::vector<views::PointKey> none;
          const auto points = async::run_to_end(view.get(std::move(none)));
          return points && views::require_fresh(points->meta, Seconds(1)).has_value();
        },
        "the view is fresh");
  }

  std::vector<events::Event> events() {
    std::vector<events::Event> list;
    for (std::uint64_t offset = 0; offset < log->end()->offset; ++offset) list.push_back(*events::decode(log->read_one(offset)->bytes));
    return list;
  }
  template <class Data>
  std::vector<Data> events_of() {
    std::vector<Data> list;
    for (const auto& event : events()) {
      if (const auto* data = std::get_if<Data>(&event.data)) list.push_back(*data);
    }
    return list;
  }
  CertificateRecord record(const SerialNumber& serial) {
    wait_for_all();
    std::vector<views::PointKey> key{certificate_key(serial)};
    const auto points = async::run_to_end(view.get(std::move(key)));
    return *decode_certificate_record(*points->values.front());
  }

  MovableClock clock{*Instant::parse("2026-11-21T01:02:03.456Z")};
  std::shared_ptr<quicklime::test::CountingSigner> signer;
  std::unique_ptr<eventlog::MemoryLog> log;
  quicklime::test::ValidatingLog validated{*log};
  std::unique_ptr<views::MemoryStore> store;
  views::View view;
  metrics::Registry metrics;
  async::Pools pools;
  views::Runner runner;

 private:
  static std::string genesis() {
    return events::encode({.id = EventId(crypto::uuid_v7(Instant::from_seconds(1'700'000'000))),
                           .time = Instant::from_seconds(1'700'000'000),
                           .writer = {"init", 1},
                           .actor = {events::Actor::Kind::control, "root"},
                           .request = RequestId("init"),
                           .data = events::LogCreated{LogId("log")}});
  }
  static std::vector<views::Space> spaces() {
    auto list = decision_spaces();
    list.push_back(access::token_space());
    list.push_back(authority_space());
    return list;
  }
  static views::Projection projection() {
    return {.name = "issuance",
            .version = 1,
            .spaces = spaces(),
            .apply =
                [](const views::Record& record, views::Fold& fold) {
                  access::fold_token(record.event, fold);
                  fold_authority(record.event, fold);
                  return fold_decision(record.event, record.position, &access::principal_of, fold);
                },
            .reads = [](const events::Event& event) { return judged_by(event, &access::principal_of); }};
  }
};

// Who asks, and what for, unless a test says otherwise.
inline const crypto::PrivateKey& leaf_key() {
  static const crypto::PrivateKey key = *crypto::PrivateKey::generate(crypto::KeyKind::p256);
  return key;
}
inline pki::Csr csr_for(const std::vector<std::string>& names, const crypto::PrivateKey& key = leaf_key()) {
  std::vector<pki::AlternativeName> alternative;
  for (const std::string& name : names) alternative.push_back(*pki::AlternativeName::guess(name));
  return *pki::Csr::make(pki::Name::empty(), alternative, key);
}
inline Requester administrator() { return {{events::Actor::Kind::control, "root"}, {"*"}, NamePolicy::everything()}; }
inline Requester token(const std::string& id) { return {{events::Actor::Kind::token, id}, {"*"}, NamePolicy::everything()}; }
inline IssueRequest request(std::optional<std::string> key = {}, const std::string& body = "a") {
  return {.csr = csr_for({"api.internal"}),
          .profile = "tls-server",
          .idempotency_key = std::move(key),
          .method = "POST",
          .route = "/v1/certificates",
          .body_sha256 = std::string(64, body.front()),
          .cause = {RequestId("request")}};
}
inline Result<Issued> issue(Issuer& issuer, IssueRequest asked, Requester who = administrator()) {
  return async::run_to_end(issuer.issue(std::move(asked), std::move(who)));
}

}  // namespace quicklime::ca::test
