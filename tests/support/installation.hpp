#pragma once
// An installation in memory, with a root and an issuing CA whose certificates are real, and openssl as the judge; processes of one role
// on it, several where a test needs them. Used by the tests of ocsp and crl. A role alone, by events that no judge reads: role_fixture.hpp.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "api/guard.hpp"
#include "async/task.hpp"
#include "base/encoding.hpp"
#include "base/file.hpp"
#include "ca/authority.hpp"
#include "crypto/random.hpp"
#include "eventlog/event_writer.hpp"
#include "eventlog/memory_log.hpp"
#include "events/codec.hpp"
#include "http/router.hpp"
#include "installation/highest_seen.hpp"
#include "pki/certificate.hpp"
#include "pki/pem.hpp"
#include "runtime/process_settings.hpp"
#include "runtime/site.hpp"
#include "support/log_contents.hpp"
#include "views/memory_store.hpp"
#include "views/runner.hpp"

namespace quicklime::test {

// The real time, and what a test adds to it: openssl looks at the real one.
class AdvancedClock final : public Clock {
 public:
  Instant now() const override { return SystemClock().now() + Milliseconds(ahead_.load()); }
  void advance(Milliseconds by) { ahead_ += by.count(); }

 private:
  std::atomic<std::int64_t> ahead_{0};
};

// Files for openssl, and what it says about them.
class Judge {
 public:
  Judge() {
    std::string pattern = (std::filesystem::temp_directory_path() / "quicklime-judge-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~Judge() { std::filesystem::remove_all(directory_); }
  Judge(const Judge&) = delete;
  Judge& operator=(const Judge&) = delete;

  std::string write(const std::string& name, std::string_view content) const {
    const auto path = directory_ / name;
    const auto written = write_file(path, content, FileMode::public_, Overwrite::yes);
    EXPECT_TRUE(written) << (written ? "" : written.error().detail);
    return path.string();
  }
  std::string write(const std::string& name, const pki::Certificate& certificate) const {
    return write(name, pki::pem_encode("CERTIFICATE", certificate.der()));
  }
  std::string path(const std::string& name) const { return (directory_ / name).string(); }
  std::string read(const std::string& name) const { return read_file(directory_ / name).value(); }
  // Standard output and error together; exit status in `status`.
  std::string run(const std::string& command, int* status = nullptr) const {
    std::string output;
    FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    char buffer[4096];
    for (std::size_t count = 0; (count = std::fread(buffer, 1, sizeof(buffer), pipe)) > 0;) output.append(buffer, count);
    const int result = ::pclose(pipe);
    if (status) *status = WEXITSTATUS(result);
    return output;
  }

 private:
  std::filesystem::path directory_;
};

struct Leaf {
  pki::Certificate certificate;
  crypto::PrivateKey key;
};

// What everyone shares: the log, the CA, who writes.
class Installation {
 public:
  Installation()
      : log(eventlog::make_memory_log(LogId("0199a000-0000-7000-8000-000000000001"),
                                      events::encode(events::Event{EventId(crypto::uuid_v7(clock.now())),
                                                                   clock.now(),
                                                                   {"init", 1},
                                                                   {events::Actor::Kind::process, "init"},
                                                                   RequestId("init"),
                                                                   {},
                                                                   {},
                                                                   {},
                                                                   events::LogCreated{LogId("0199a000-0000-7000-8000-000000000001")}}))),
        writer(*log, clock),
        root(ca::make_root(plan(), clock.now()).value()),
        issuing(ca::make_issuing(plan(), root, clock.now()).value()) {
    append(events::AuthorityAdded{root.id, std::nullopt, root.certificate.der()});
    append(events::AuthorityAdded{issuing.id, root.id, issuing.certificate.der()});
  }

  static ca::AuthorityPlan plan() { return {.organization = "Test", .public_url = "http://ca.test"}; }

  Position append(events::Data data) {
    const auto task = [&]() -> async::Task<Result<eventlog::Appended>> {
      eventlog::Draft draft{.actor = {events::Actor::Kind::process, "test"}, .cause = {RequestId("test")}, .data = std::move(data)};
      co_return co_await writer.append(std::move(draft));
    };
    const auto appended = async::run_to_end(task());
    EXPECT_TRUE(appended) << (appended ? "" : appended.error().detail);
    return appended.value().position;
  }

  Leaf make_leaf(const ca::NewAuthority& issuer, Milliseconds lifetime,
                 std::vector<std::string> usages = {std::string(pki::oid::server_auth)},
                 const std::vector<pki::AlternativeName>& names = {pki::AlternativeName{pki::NameKind::dns, "api.internal"}}) {
    auto key = crypto::PrivateKey::generate(crypto::KeyKind::p256).value();
    const crypto::KeySigner signer(issuer.key);
    const pki::CertificateTemplate shape({.issuer = issuer.certificate.subject(),
                                          .authority_key_identifier = issuer.certificate.subject_key_identifier(),
                                          .key_usages = {pki::KeyUsage::digital_signature},
                                          .extended_key_usages = std::move(usages),
                                          .path_length = std::nullopt,
                                          .ocsp_urls = {},
                                          .ca_issuer_urls = {},
                                          .crl_urls = {},
                                          .signature_algorithm = signer.algorithm()});
    const auto serial = crypto::random_serial_number();
    const auto now = clock.now().whole_seconds();
    const auto der = shape.sign({.serial = serial,
                                 .subject = pki::Name::common_name("api.internal"),
                                 .names = names,
                                 .spki = key.public_key().spki(),
                                 .not_before = now - Seconds(60),
                                 .not_after = (now + lifetime).whole_seconds()},
                                signer);
    return {pki::Certificate::parse(der.value()).value(), std::move(key)};
  }

  // Issued by the issuing CA and in the log.
  Leaf issue(Milliseconds lifetime = std::chrono::hours(24)) {
    auto leaf = make_leaf(issuing, lifetime);
    record(leaf);
    return leaf;
  }
  Position record(const Leaf& leaf) {
    return last = append(events::CertificateIssued{.authority = issuing.id,
                                                   .serial = leaf.certificate.serial(),
                                                   .certificate = leaf.certificate.der(),
                                                   .profile = "tls-server",
                                                   .profile_sha256 = std::string(64, '0'),
                                                   .names = {"DNS:api.internal"},
                                                   .not_before = leaf.certificate.not_before(),
                                                   .not_after = leaf.certificate.not_after(),
                                                   .key_sha256 = std::string(64, '0'),
                                                   .service = {},
                                                   .node = {},
                                                   .renewal_challenge = "challenge",
                                                   .revocation_key = "key",
                                                   .replaces = {}});
  }
  Position revoke(const Leaf& leaf, const std::string& reason = "keyCompromise") {
    return last = append(events::CertificateRevoked{leaf.certificate.serial(), issuing.id, reason, std::string(64, '0'), {}});
  }
  Position hold(const Leaf& leaf) { return last = append(events::CertificateHeld{leaf.certificate.serial(), issuing.id}); }
  Position release(const Leaf& leaf) { return last = append(events::CertificateReleased{leaf.certificate.serial(), issuing.id}); }

  AdvancedClock clock;
  std::unique_ptr<eventlog::MemoryLog> log;
  eventlog::EventWriter writer;
  ca::NewAuthority root;
  ca::NewAuthority issuing;
  Position last{};
};

// One process with one role on an installation. by_polling: as a daemon reads it, whose view somebody else folds.
class Process {
 public:
  Process(Installation& installation, runtime::Definition definition, views::View::Notified notified = views::View::Notified::by_runner)
      : installation_(installation),
        store(views::make_memory_store(definition.projection.spaces, installation.clock).release()),
        projection_(definition.projection),
        site_(served_as_given(std::move(definition)), std::unique_ptr<views::ViewStore>(store), notified),
        view(site_.view()),
        runner(*installation.log, {{projection_, store}}, {.batch_events = 1000, .freshness_interval = Milliseconds(20)}, metrics) {
    site_.surround({directory_, kOwner, authorities_, *installation.log, installation.writer, denials_, clocks, responders_, failures_,
                    identities_, installation.clock, pools, metrics, configuration, view, false, &highest_seen});
  }

  const api::ServiceContext& context() const { return site_.context(); }
  // Before anything is asked; as `serve` does it.
  void start(runtime::Service service) {
    given_ = std::move(service);
    const auto made = site_.make_service();
    ASSERT_TRUE(made) << made.error().detail;
    const auto guarded = site_.guarded();
    for (const auto* routes : {&guarded.public_routes, &guarded.routes, &guarded.control_routes}) router_.add(*routes);
    runner.on_applied([this](const views::Applied& applied) {
      if (view.notified() == views::View::Notified::by_runner) {
        if (site_.service().on_applied) site_.service().on_applied(applied);
        view.applied(applied.meta);
      }
      const std::lock_guard lock(mutex_);
      applied_ = applied.meta.anchor.position;
    });
    runner.start();
    reach(installation_.last);
  }
  // The position up to which the role and its view have heard of everything.
  Position applied() const {
    const std::lock_guard lock(mutex_);
    return applied_;
  }
  void start_background() {
    background_ = std::make_unique<async::LoopThread>("background");
    for (const auto& work : site_.service().background) background_->loop().spawn(work());
  }
  void stop_background() { background_.reset(); }
  ~Process() {
    stop_background();
    runner.stop();
    site_.end_service();
  }

  // The store is as a Redis that was emptied, and nobody folds it again.
  void lose_the_view() {
    runner.pause_for_test(true);
    store->flush();
  }
  // Until the view has this position, and has been at the log's end since.
  void reach(Position position) {
    const auto reached = async::run_to_end(view.reached(position, Milliseconds(60'000)));
    ASSERT_TRUE(reached) << reached.error().detail;
    ASSERT_TRUE(eventually([&] { return runner.status().front().caught_up; }));
  }
  static bool eventually(const std::function<bool()>& holds) {
    for (const auto end = std::chrono::steady_clock::now() + Seconds(60); std::chrono::steady_clock::now() < end;) {
      if (holds()) return true;
      std::this_thread::sleep_for(Milliseconds(10));
    }
    return holds();
  }

  http::Response send(http::Method method, const std::string& path, std::string body = {}, http::Headers headers = {}) {
    http::Request request;
    request.method = method;
    request.target = request.path = path;
    request.headers = std::move(headers);
    request.body = std::move(body);
    request.id = RequestId("test");
    return async::run_to_end(router_.dispatch(std::move(request)));
  }
  // Over the control socket.
  static constexpr uid_t kOwner = 1234;
  http::Response control(uid_t uid, http::Method method, const std::string& path, std::map<std::string, std::string> query = {},
                         std::string body = {}) {
    http::Request request;
    request.method = method;
    request.target = request.path = path;
    for (auto& [name, value] : query) request.query[name] = std::move(value);
    request.body = std::move(body);
    request.id = RequestId("test");
    request.peer = {.transport = async::Peer::Transport::unix_socket, .address = {}, .uid = uid};
    return async::run_to_end(router_.dispatch(std::move(request)));
  }
  http::Response get(const std::string& path, http::Headers headers = {}) { return send(http::Method::get, path, {}, std::move(headers)); }

 private:
  runtime::Definition served_as_given(runtime::Definition definition) {
    definition.make = [this](runtime::Site&) -> Result<runtime::Service> { return std::move(given_); };
    return definition;
  }
  Installation& installation_;
  installation::DataDirectory directory_;  // of no keys: who starts a service brings them
  ca::Authorities authorities_;
  runtime::Responders responders_;
  runtime::Service given_;

 public:
  settings::Configuration configuration;
  installation::HighestSeen highest_seen;
  metrics::Registry metrics;
  async::Pools pools;
  views::MemoryStore* const store;  // of the site

 private:
  const views::Projection projection_;
  access::Denials denials_{installation_.writer, installation_.clock};
  api::FailureLimit failures_{configuration.of<runtime::ProcessSettings>().authentication_failures, metrics};
  api::IdentityLimit identities_{configuration.of<runtime::ProcessSettings>().requests_per_identity, metrics};
  runtime::Site site_;

 public:
  views::View& view;
  runtime::ClockWatch clocks{*installation_.log, view, installation_.clock, pools.log, metrics, Seconds(5)};
  views::Runner runner;

 private:
  mutable std::mutex mutex_;
  Position applied_{};
  http::Router router_;
  std::unique_ptr<async::LoopThread> background_;
};

}  // namespace quicklime::test
