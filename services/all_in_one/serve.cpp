#include "all_in_one/serve.hpp"

#include <csignal>
#include <cstdio>
#include <thread>

#include "all_in_one/control.hpp"
#include "all_in_one/embedded.hpp"
#include "all_in_one/readiness.hpp"
#include "all_in_one/test_hooks.hpp"
#include "base/encoding.hpp"
#include "base/logging.hpp"
#include "http/problem.hpp"
#include "http/server.hpp"
#include "runtime/certificate_standing.hpp"
#include "runtime/health.hpp"
#include "runtime/own_certificates.hpp"
#include "runtime/process.hpp"
#include "runtime/progress.hpp"
#include "runtime/serving.hpp"

namespace quicklime::all_in_one {
namespace {

using runtime::ExitCode;

bool termination_pending() {
  sigset_t pending;
  sigpending(&pending);
  return sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1;
}

Result<void> adjust(runtime::ProcessSettings& settings, const ServeOptions& options) {
  const auto set = [](settings::ListenAddress& address, const std::optional<std::string>& text, const char* option) -> Result<void> {
    if (!text) return {};
    auto parsed = settings::parse_listen_address(*text);
    if (!parsed) {
      Error error = parsed.error();
      error.detail = std::string(option) + ": " + error.detail;
      return fail(std::move(error));
    }
    address = *parsed;
    return {};
  };
  if (auto done = set(settings.https, options.https, "--https"); !done) return done;
  if (auto done = set(settings.http, options.http, "--http"); !done) return done;
  return set(settings.admin, options.admin, "--admin");
}

// What is served where, and at which index of the server's endpoints.
struct Endpoints {
  std::vector<http::Endpoint> all;
  std::optional<std::size_t> https, http;
};

Endpoints make_endpoints(Embedded& embedded, const runtime::OwnCertificates& own) {
  const auto& settings = embedded.settings();
  auto open = std::make_shared<http::Router>(), everything = std::make_shared<http::Router>(), control = std::make_shared<http::Router>(),
       bootstrap = std::make_shared<http::Router>();
  for (const auto& router : {open, everything, control, bootstrap}) router->set_metrics(embedded.metrics());
  for (const auto& site : embedded.sites()) {
    const auto guarded = site->guarded();
    for (const auto& router : {open, everything, control}) router->add(guarded.public_routes);
    for (const auto& router : {everything, control}) router->add(guarded.routes);
    control->add(guarded.control_routes);
    bootstrap->add(guarded.bootstrap_routes);
  }
  control->set_guard(runtime::control_socket_guard(embedded.owner()));
  control->add(control_routes(embedded));
  if (test_hooks_enabled()) control->add(test_hook_routes(embedded));

  Endpoints endpoints;
  using Kind = http::Endpoint::Kind;
  const auto listen = [&](const settings::ListenAddress& address, Kind kind,
                          std::shared_ptr<http::Router> router) -> std::optional<std::size_t> {
    if (!address.enabled) return std::nullopt;
    endpoints.all.push_back({kind, address.host, address.port, std::move(router), kind == Kind::tls ? own.tls("tls") : nullptr});
    return endpoints.all.size() - 1;
  };
  endpoints.https = listen(settings.https, Kind::tls, everything);
  endpoints.http = listen(settings.http, Kind::plain, open);
  listen(settings.bootstrap, Kind::tls, bootstrap);
  endpoints.all.push_back({Kind::unix_socket, embedded.directory().control_socket().string(), 0, control, nullptr, true});
  return endpoints;
}

// From before anything else is there: a process that verifies a long log is alive.
Result<std::unique_ptr<http::Server>> serve_admin(Embedded& embedded, const Readiness& readiness) {
  auto router = std::make_shared<http::Router>();
  router->set_metrics(embedded.metrics());
  router->add(runtime::admin_routes([&readiness] { return readiness.checks(); }, embedded.metrics(),
                                    [&readiness] { return readiness.warnings(); }));
  std::vector<http::Endpoint> endpoints;
  const auto& address = embedded.settings().admin;
  if (address.enabled) endpoints.push_back({http::Endpoint::Kind::plain, address.host, address.port, std::move(router), nullptr, true});
  return http::Server::start(std::move(endpoints), runtime::http_limits(embedded.settings(), 1), 1);
}

// What a role does by itself rests on its view: not before that is there.
async::Task<void> when_ready(const runtime::Site* site, const std::function<async::Task<void>()>* work) {
  while (!site->ready()) co_await async::sleep_for(Milliseconds(20));
  co_await (*work)();
}

void start_background(http::Server& server, unsigned threads, Embedded& embedded, runtime::OwnCertificates& own,
                      runtime::Expiries& expiries) {
  std::size_t next = 0;
  const auto spawn = [&](async::Task<void> task) { server.loop(next++ % threads).spawn(std::move(task)); };
  for (const auto& site : embedded.sites()) {
    for (const auto& work : site->service().background) spawn(when_ready(site.get(), &work));
  }
  for (auto& task : own.keep_fresh()) spawn(std::move(task));
  spawn(runtime::flush_counts(embedded.denials()));
  spawn(embedded.clocks().watch());
  spawn(expiries.watch());
}

std::string address_text(const settings::ListenAddress& address, std::uint16_t port) {
  std::string host = address.host.empty() ? "localhost" : address.host;
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return host + ":" + std::to_string(port);
}

void announce(const ServeOptions& options, const Embedded& embedded, const http::Server& server, const Endpoints& endpoints,
              const http::Server& admin) {
  const auto& settings = embedded.settings();
  const auto at = [&](const std::optional<std::size_t>& endpoint, const settings::ListenAddress& address) {
    return endpoint ? address_text(address, server.port(*endpoint)) : std::string();
  };
  const auto& admin_address = settings.admin;
  Listening listening{.https = at(endpoints.https, settings.https),
                      .http = at(endpoints.http, settings.http),
                      .admin = admin_address.enabled ? address_text(admin_address, admin.port(0)) : std::string(),
                      .root_sha256 = {},
                      .data = embedded.directory().root.string()};
  std::string root_name;
  for (const auto& authority : embedded.authorities()) {
    if (authority.parent || authority.retired) continue;
    listening.root_sha256 = hex_encode(crypto::view(authority.certificate.fingerprint()));
    root_name = authority.certificate.subject().text();
  }
  if (options.json) {
    std::printf("%s\n", encode(listening).c_str());
  } else {
    std::printf("Serving the CA in %s\n", listening.data.c_str());
    if (!listening.https.empty()) std::printf("  https://%-22s the API, and everything below\n", listening.https.c_str());
    if (!listening.http.empty()) std::printf("  http://%-23s OCSP, CRLs, CA certificates\n", listening.http.c_str());
    if (!listening.admin.empty()) std::printf("  http://%-23s /livez /readyz /metrics\n", listening.admin.c_str());
    std::printf("Root: %s\n  SHA-256 %s\n", root_name.c_str(), listening.root_sha256.c_str());
    if (!listening.http.empty()) std::printf("  http://%s/ca/roots.pem\n", listening.http.c_str());
    const std::string data = installation::data_option(embedded.directory());
    std::printf("Next, from another terminal:\n");
    std::printf("  quicklime issue localhost%s\n", data.c_str());
    std::printf("  quicklime list%s\n", data.c_str());
    std::printf("  quicklime token create ci --names '*.internal' --days 30%s\n", data.c_str());
    std::printf("  quicklime login --url%s\n", data.c_str());
  }
  std::fflush(stdout);
}

// Nothing is served from a log whose chain does not hold.
Result<void> verify_log(Embedded& embedded) {
  runtime::Progress progress("verifying the log");
  embedded.verification().start();
  auto status = embedded.verification().status();
  for (; status.running; status = embedded.verification().status()) {
    if (termination_pending()) return fail(ErrorCode::unavailable, "interrupted", "stopped while the log was verified");
    progress.show(status.checked, status.end);
    std::this_thread::sleep_for(Milliseconds(2));
  }
  progress.end();
  if (!status.failure.empty()) return fail(ErrorCode::verification_failed, "log-altered", status.failure);
  return {};
}

}  // namespace

ExitCode serve(const ServeOptions& options) {
  runtime::harden();
  const auto descriptors = runtime::raise_descriptor_limit();
  runtime::block_termination_signals();
  runtime::ProcessSettings probe;  // options are refused before anything is opened
  if (auto adjusted = adjust(probe, options); !adjusted) return runtime::report(adjusted.error());

  runtime::Progress progress("folding views");
  auto opened = Embedded::begin({.directory = options.directory,
                                 .command = options.command,
                                 .adjust =
                                     [&options](runtime::ProcessSettings& settings) {
                                       (void)adjust(settings, options);  // parsed once already
                                       log::configure(settings.log_level, settings.log_format, "quicklime");
                                     },
                                 .progress = [&](std::uint64_t done, std::uint64_t all) { progress.show(done, all); },
                                 .interrupted = termination_pending,
                                 .in_turns = true});
  if (!opened) return runtime::report(opened.error());
  Embedded& embedded = **opened;
  const auto& settings = embedded.settings();
  http::hide_directory(embedded.directory().root);
  Readiness readiness(embedded);
  runtime::Expiries expiries(embedded.clock(), embedded.metrics());
  std::optional<runtime::OwnCertificates> own;
  auto admin = serve_admin(embedded, readiness);
  if (!admin) return runtime::report(admin.error());

  if (auto made = embedded.make_services(); !made) return runtime::report(made.error());
  progress.end();
  if (auto verified = verify_log(embedded); !verified) return runtime::report(verified.error());
  expiries.add([&embedded] { return runtime::expiries_of(embedded.authorities()); });
  for (const auto& site : embedded.sites()) {
    if (site->service().expiries) expiries.add([site = site.get()] { return site->service().expiries(); });
  }
  expiries.look();  // before what may fail for one of these dates
  own.emplace(
      embedded.directory().own(), settings.own_certificate_lifetime, *crypto::parse_key_kind(settings.own_certificate_key_kind),
      embedded.issuer().authority(), embedded.clock(), [&embedded, &site = embedded.certifying_site()](pki::Certificate certificate) {
        return runtime::is_taken_back(site.view(), site.service().certificate_status, embedded.authorities(), std::move(certificate));
      });
  own->add_tls("tls", runtime::own_names(settings.public_url), runtime::certified_here(embedded.issuer(), embedded.clock(), "tls-server"),
               async::ClientCertificate::asked_for);
  for (const auto& site : embedded.sites()) {
    if (site->definition().ocsp_responder)
      own->add_responder(embedded.issuer().authority().id, runtime::certified_here(embedded.issuer(), embedded.clock(), "ocsp-signing"),
                         embedded.responders());
  }
  if (auto started = own->start(); !started) return runtime::report(started.error());
  expiries.add([&own] { return own->expiries(); });

  auto endpoints = make_endpoints(embedded, *own);
  const unsigned threads = runtime::thread_count(settings);
  auto server =
      http::Server::start(endpoints.all, runtime::http_limits(settings, threads), threads, [&embedded] { return embedded.open_readers(); });
  if (!server) return runtime::report(server.error());
  start_background(**server, threads, embedded, *own, expiries);
  readiness.started(*own, expiries);
  log::info("serving", {{"data", embedded.directory().root.string()}, {"descriptors", std::to_string(descriptors)}});
  // Whoever waits for what is announced then asks any role. A view that has stopped keeps its own role closed.
  const auto there = embedded.wait_for_views();
  progress.end();
  if (there) log::info("every role answers");
  if (!termination_pending()) announce(options, embedded, **server, endpoints, **admin);

  const int signal = runtime::wait_for_termination_signal();
  log::info("draining", {{"signal", std::to_string(signal)}});
  (*server)->drain(settings.drain_timeout);
  async::run_to_end(embedded.denials().flush(access::Denials::Which::all));  // nobody counts on
  server->reset();  // its loops, and with them every coroutine that uses what is destroyed below
  std::error_code ignored;
  std::filesystem::remove(embedded.directory().control_socket(), ignored);
  (*admin)->drain(Milliseconds(0));
  admin->reset();
  own.reset();
  opened->reset();
  log::info("stopped");
  return ExitCode::ok;
}

}  // namespace quicklime::all_in_one
