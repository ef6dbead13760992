#include <filesystem>
#include <thread>

#include "base/logging.hpp"
#include "http/problem.hpp"
#include "http/server.hpp"
#include "runtime/command_line.hpp"
#include "runtime/daemon.hpp"
#include "runtime/process.hpp"
#include "runtime/program.hpp"
#include "runtime/serving.hpp"

namespace quicklime::runtime {
namespace {

http::Endpoint endpoint(http::Endpoint::Kind kind, const settings::ListenAddress& address, std::shared_ptr<const http::Router> router,
                        std::shared_ptr<async::TlsServer> tls = nullptr) {
  return {kind, address.host, address.port, std::move(router), std::move(tls)};
}

Result<std::unique_ptr<http::Server>> serve_admin(Daemon& daemon) {
  auto router = std::make_shared<http::Router>();
  router->add(admin_routes([&daemon] { return daemon.checks(); }, daemon.metrics(), [&daemon] { return daemon.warnings(); }));
  std::vector<http::Endpoint> endpoints;
  if (daemon.settings().admin.enabled) {
    endpoints.push_back(endpoint(http::Endpoint::Kind::plain, daemon.settings().admin, router));
    endpoints.back().of_operator = true;
  }
  return http::Server::start(std::move(endpoints), http_limits(daemon.settings(), 1), 1);
}

Result<std::vector<http::Endpoint>> role_endpoints(Daemon& daemon) {
  auto accepts = load_peers(daemon.directory().root / "peers.toml", daemon.definition().process_name(), daemon.definition().accepts);
  if (!accepts) return forward(accepts);
  const auto& listen = daemon.settings();
  const auto& service = daemon.site().service();
  const auto& definition = daemon.definition();
  const auto routes = daemon.site().guarded();
  const auto peers = std::make_shared<const Peers>(std::move(*accepts), daemon.authorities(), daemon.clock(), daemon.site().view(),
                                                   service.certificate_status, definition.view, definition.peers_of_revoked_authority);
  const auto router = [&] {
    auto made = std::make_shared<http::Router>();
    made->set_metrics(daemon.metrics());
    made->add(routes.public_routes);
    return made;
  };
  using Kind = http::Endpoint::Kind;
  std::vector<http::Endpoint> endpoints;
  if (listen.https.enabled) {
    auto guarded = router();
    guarded->add(routes.routes);
    guarded->set_guard([peers, &denials = daemon.denials()](const http::Request& request) { return peers->admit(request, &denials); });
    endpoints.push_back(endpoint(Kind::tls, listen.https, std::move(guarded), daemon.own().tls("tls")));
  }
  if (listen.http.enabled && !routes.public_routes.empty()) endpoints.push_back(endpoint(Kind::plain, listen.http, router()));
  if (auto tls = daemon.own().tls("bootstrap"); listen.bootstrap.enabled && tls) {
    auto open = std::make_shared<http::Router>();
    open->set_metrics(daemon.metrics());
    open->add(routes.bootstrap_routes);
    endpoints.push_back(endpoint(Kind::tls, listen.bootstrap, std::move(open), std::move(tls)));
  }
  if (daemon.definition().control_socket) {
    auto control = router();
    control->set_guard(control_socket_guard(daemon.owner()));
    control->add(routes.routes);
    control->add(routes.control_routes);
    endpoints.push_back({Kind::unix_socket, daemon.directory().control_socket().string(), 0, std::move(control), nullptr, true});
  }
  return endpoints;
}

Result<void> run(Daemon& daemon, const installation::DataDirectory& directory, std::vector<settings::Rows> of_others) {
  if (auto configured = daemon.configure(directory, std::move(of_others)); !configured) return configured;
  http::hide_directory(directory.root);
  auto admin = serve_admin(daemon);
  if (!admin) return forward(admin);
  (*admin)->loop(0).spawn(daemon.watch_view());
  if (auto done = keep_trying("the log and the view", [&] { return daemon.connect(); }); !done) return done;
  daemon.surround_site();
  if (auto done = keep_trying("the view", [&] { return daemon.make_service(); }); !done) return done;
  daemon.expiries().look();  // before what may fail for one of these dates
  if (auto done = keep_trying("its own certificates", [&] { return daemon.own().start(); }); !done) return done;

  auto endpoints = role_endpoints(daemon);
  if (!endpoints) return forward(endpoints);
  const unsigned threads = thread_count(daemon.settings());
  auto server = http::Server::start(std::move(*endpoints), http_limits(daemon.settings(), threads), threads);
  if (!server) return forward(server);
  std::size_t next = 0;
  const auto spawn = [&](async::Task<void> task) { (*server)->loop(next++ % threads).spawn(std::move(task)); };
  for (const auto& work : daemon.site().service().background) spawn(work());
  spawn(daemon.keep_authorities());
  daemon.own().keep_fresh(spawn);
  spawn(flush_counts(daemon.denials()));
  spawn(daemon.clocks().watch());
  spawn(daemon.expiries().watch());
  daemon.started();
  log::info("serving", {{"role", daemon.definition().process_name()}, {"descriptors", std::to_string(descriptor_limit())}});

  const int signal = wait_for_termination_signal();
  log::info("draining", {{"signal", std::to_string(signal)}});
  (*server)->drain(daemon.settings().drain_timeout);
  async::run_to_end(daemon.denials().flush(access::Denials::Which::all));  // nobody counts on
  server->reset();
  (*admin)->drain(Milliseconds(0));
  admin->reset();
  daemon.stopping();
  std::error_code ignored;
  if (daemon.definition().control_socket) std::filesystem::remove(directory.control_socket(), ignored);
  log::info("stopped");
  return {};
}

}  // namespace

int daemon_main(int argc, char** argv, Definition definition, std::vector<settings::Rows> of_others) {
  return run_program(argc, argv,
                     {{"serve", "The role " + definition.process_name() + " over Kafka and Redis, until SIGTERM",
                       [&](const installation::DataDirectory& directory) {
                         Daemon daemon(std::move(definition));
                         return run(daemon, directory, std::move(of_others));
                       }}});
}

}  // namespace quicklime::runtime
