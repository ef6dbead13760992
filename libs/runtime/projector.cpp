#include "runtime/projector.hpp"

#include "base/logging.hpp"
#include "http/server.hpp"
#include "installation/highest_seen.hpp"
#include "runtime/backends.hpp"
#include "runtime/health.hpp"
#include "runtime/known_settings.hpp"
#include "runtime/process.hpp"
#include "runtime/process_settings.hpp"
#include "runtime/program.hpp"
#include "runtime/serving.hpp"
#include "views/runner.hpp"

namespace quicklime::runtime {
namespace {

constexpr Milliseconds kRetry{500};
constexpr Milliseconds kBetweenWrites{1'000};  // of how far the log was seen

// What the projector knows of its view; filled when the log is there.
struct Projector {
  metrics::Registry metrics;
  std::unique_ptr<installation::HighestSeen> highest_seen;
  std::unique_ptr<views::ViewStore> store;
  std::unique_ptr<eventlog::EventLog> log;
  std::unique_ptr<views::Runner> runner;
  std::mutex mutex;  // of `runner`, which the checks look at

  Result<void> caught_up() {
    const std::lock_guard lock(mutex);
    if (!runner) return fail(ErrorCode::unavailable, "starting", "the log was not reached yet");
    const auto status = runner->status().front();
    if (!status.stopped.empty()) return fail(ErrorCode::unavailable, "view-stopped", status.stopped);
    if (!status.caught_up) return fail(ErrorCode::unavailable, "view-behind", "the view is being folded, at " + status.position.text());
    return {};
  }
};

Result<void> open_log(Projector& projector, const settings::Configuration& configuration) {
  auto options = kafka_options(configuration);
  if (!options) return forward(options);
  options->appends = false;
  return keep_trying("the log", [&]() -> Result<void> {
    auto log = eventlog::open_kafka_log(*options, projector.metrics);
    if (!log) return forward(log);
    if (auto whole = projector.highest_seen->check(**log); !whole) return whole;
    projector.log = std::move(*log);
    return {};
  });
}

// Everything up to a runner that folds; `run` says whether into the view that is there or beside it.
Result<void> open(Projector& projector, const installation::DataDirectory& directory, const settings::Configuration& configuration,
                  const views::Projection& projection, views::RedisRun run) {
  const auto& process = configuration.of<ProcessSettings>();
  log::configure(process.log_level, process.log_format, "quicklime-projector-" + projection.name);
  auto store = open_view_store(configuration, projection, run);
  if (!store) return forward(store);
  projector.store = std::move(*store);
  auto seen = installation::HighestSeen::open(directory.highest_seen());
  if (!seen) return forward(seen);
  projector.highest_seen = std::move(*seen);
  return {};
}

void start_runner(Projector& projector, const views::Projection& projection) {
  const std::lock_guard lock(projector.mutex);
  std::vector<views::Runner::View> one;
  one.push_back({projection, projector.store.get()});
  projector.runner = std::make_unique<views::Runner>(*projector.log, std::move(one), views::RunnerOptions{}, projector.metrics);
  projector.runner->on_applied([seen = projector.highest_seen.get()](const views::Applied& applied) { seen->note(applied.meta.anchor); });
  projector.runner->start();
}

Result<void> serve(const installation::DataDirectory& directory, const views::Projection& projection,
                   const std::vector<settings::Rows>& known) {
  const auto configuration = settings::load_configuration(directory.configuration(), known);
  if (!configuration) return forward(configuration);
  Projector projector;
  if (auto opened = open(projector, directory, *configuration, projection, views::RedisRun::follow); !opened) return opened;

  auto router = std::make_shared<http::Router>();
  router->add(admin_routes({{"view " + projection.name, [&projector] { return projector.caught_up(); }}}, projector.metrics));
  std::vector<http::Endpoint> endpoints;
  const auto& admin = configuration->of<ProcessSettings>().admin;
  if (admin.enabled) endpoints.push_back({http::Endpoint::Kind::plain, admin.host, admin.port, std::move(router)});
  auto server = http::Server::start(std::move(endpoints), http_limits(configuration->of<ProcessSettings>(), 1), 1);
  if (!server) return forward(server);

  if (auto opened = open_log(projector, *configuration); !opened) return opened;
  start_runner(projector, projection);
  log::info("folding", {{"view", projection.name}, {"descriptors", std::to_string(descriptor_limit())}});
  std::optional<int> signal;
  while (!(signal = termination_signal_within(kBetweenWrites))) projector.highest_seen->write();
  log::info("stopping", {{"signal", std::to_string(*signal)}});
  projector.runner->stop();
  projector.highest_seen->write();
  server->reset();
  return {};
}

// Beside the view that is there, which its projector goes on folding and daemons go on reading; then they read the new one.
Result<void> rebuild(const installation::DataDirectory& directory, const views::Projection& projection,
                     const std::vector<settings::Rows>& known) {
  const auto configuration = settings::load_configuration(directory.configuration(), known);
  if (!configuration) return forward(configuration);
  Projector projector;
  if (auto opened = open(projector, directory, *configuration, projection, views::RedisRun::rebuild); !opened) return opened;
  if (auto opened = open_log(projector, *configuration); !opened) return opened;
  start_runner(projector, projection);
  for (;;) {
    const auto status = projector.runner->status().front();
    if (!status.stopped.empty()) return fail(ErrorCode::verification_failed, "view-stopped", status.stopped);
    if (status.caught_up) break;
    if (termination_signal_within(kRetry))
      return fail(ErrorCode::unavailable, "interrupted", "stopped; the view that was there is still read");
    log::info("folding anew", {{"view", projection.name}, {"at", status.position.text()}});
  }
  projector.runner->stop();
  log::info("the new view is read now", {{"view", projection.name}, {"at", projector.runner->status().front().position.text()}});
  return {};
}

}  // namespace

int projector_main(int argc, char** argv, Definition definition, std::vector<settings::Rows> of_others) {
  const views::Projection& projection = definition.projection;
  if (definition.rows) of_others.push_back(*definition.rows);
  const auto known = known_settings(std::move(of_others));
  const std::string view = "the view " + projection.name + " in Redis";
  return run_program(argc, argv,
                     {{"serve", "Folds the log in Kafka into " + view + ", until SIGTERM",
                       [&](const installation::DataDirectory& directory) { return serve(directory, projection, known); }},
                      {"rebuild", "Folds " + view + " anew beside the one that is there, then lets it take its place",
                       [&](const installation::DataDirectory& directory) { return rebuild(directory, projection, known); }}});
}

}  // namespace quicklime::runtime
