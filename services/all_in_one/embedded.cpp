#include "all_in_one/embedded.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <thread>

#include "all_in_one/roles.hpp"
#include "base/directory.hpp"
#include "base/file.hpp"
#include "base/logging.hpp"
#include "eventlog/seal.hpp"
#include "eventlog/sqlite_log.hpp"
#include "views/sqlite_store.hpp"

namespace quicklime::all_in_one {

std::string stopped_views(const std::vector<views::Runner::Status>& status) {
  std::string text;
  for (const auto& view : status) {
    if (!view.stopped.empty()) text += (text.empty() ? "view " : "; view ") + view.view + " stopped: " + view.stopped;
  }
  if (text.empty()) return text;
  return text +
         ". A view that was folded from another log may be removed (quicklime views rebuild folds it again); a log that lost or changed "
         "events must be restored from a backup first";
}

Result<std::unique_ptr<Embedded>> Embedded::open(Options options) {
  auto embedded = std::unique_ptr<Embedded>(new Embedded(std::move(options)));
  auto lock = installation::DirectoryLock::take(embedded->directory(), embedded->options_.command, embedded->options_.patience);
  if (!lock) return forward(lock);
  embedded->lock_ = std::move(*lock);

  auto configuration = quicklime::settings::load_configuration(embedded->directory().configuration(), known_settings(roles()));
  if (!configuration) return forward(configuration);
  embedded->configuration_ = std::move(*configuration);
  if (embedded->options_.adjust) embedded->options_.adjust(embedded->configuration_.of<runtime::ProcessSettings>());

  struct stat status {};
  if (::stat(embedded->directory().root.c_str(), &status) != 0) {
    return fail(ErrorCode::not_found, "data-directory-missing", "cannot look at " + embedded->directory().root.string());
  }
  embedded->owner_ = status.st_uid;

  if (auto opened = embedded->open_log(); !opened) return forward(opened);
  if (auto opened = embedded->open_views(); !opened) return forward(opened);
  if (auto caught_up = embedded->catch_up(); !caught_up) return forward(caught_up);
  if (auto opened = embedded->open_services(); !opened) return forward(opened);
  return embedded;
}

Embedded::~Embedded() {
  verification_.reset();
  if (runner_) runner_->stop();                   // its observers call services and views
  for (auto& site : sites_) site->end_service();  // handlers refer to the writer, the pool
}

Result<void> Embedded::open_log() {
  eventlog::SqliteLogOptions options;
  options.queue_events = settings().append_queue;
  auto log = eventlog::open_sqlite_log(directory().log(), options, metrics_);
  if (!log) return forward(log);
  log_ = std::move(*log);
  return eventlog::require_open(*log_);
}

Result<void> Embedded::open_views() {
  if (auto made = make_private_directory(directory().views()); !made) return made;
  std::vector<views::Runner::View> folded;
  for (auto& definition : roles()) {
    const auto file = directory().views() / (definition.name() + ".db");
    auto store = views::open_sqlite_store(file, definition.projection.spaces, clock_);
    if (!store) {
      Error error = store.error();
      error.detail += "; views are folded from the log: quicklime views rebuild makes this one anew";
      return fail(std::move(error));
    }
    folded.push_back({definition.projection, store->get()});
    sites_.push_back(std::make_unique<runtime::Site>(std::move(definition), *std::move(store), views::View::Notified::by_runner));
  }
  runner_ = std::make_unique<views::Runner>(*log_, std::move(folded), views::RunnerOptions{}, metrics_);
  runner_->on_applied([this](const views::Applied& applied) { applied_to_view(applied); });
  verification_ = std::make_unique<LogVerification>(*log_, [this] {
    std::vector<LogVerification::ViewAnchor> anchors;
    for (const auto& site : sites_) {
      const auto read = async::run_to_end(site->view().get({ca::authorities_key()}));
      if (read) anchors.push_back({site->name(), read->meta.anchor});
    }
    return anchors;
  });
  return {};
}

void Embedded::applied_to_view(const views::Applied& applied) {
  for (const auto& site : sites_) {
    if (site->name() != applied.view) continue;
    {
      // Services come after the first catching up; until then nobody has anything cached.
      std::lock_guard lock(listeners_mutex_);
      if (listening_ && site->service().on_applied) site->service().on_applied(applied);
    }
    site->view().applied(applied.meta);
  }
}

Result<void> Embedded::catch_up() {
  const auto end = log_->end();
  if (!end) return forward(end);
  runner_->start();
  for (;;) {
    const auto status = runner_->status();
    if (auto stopped = stopped_views(status); !stopped.empty())
      return fail(ErrorCode::verification_failed, "view-stopped", std::move(stopped));
    std::uint64_t done = end->offset;
    bool all = true;
    for (const auto& view : status) {
      done = std::min(done, view.applied ? view.position.offset + 1 : 0);
      all = all && view.caught_up;
    }
    if (all) return {};
    if (options_.progress) options_.progress(done, end->offset);
    if (options_.interrupted && options_.interrupted())
      return fail(ErrorCode::unavailable, "interrupted", "stopped while views were folded");
    std::this_thread::sleep_for(Milliseconds(2));
  }
}

Result<void> Embedded::open_services() {
  // All views are at the log's end: each knows the same.
  views::View& view = sites_.front()->view();
  const auto read = async::run_to_end(view.get({ca::authorities_key()}));
  if (!read) return forward(read);
  auto authorities = ca::decode_authorities(read->values.front());
  if (!authorities) return forward(authorities);
  authorities_ = std::move(*authorities);

  pools_ = std::make_unique<async::Pools>([this] { (void)log_->end(); });
  writer_ = std::make_unique<eventlog::EventWriter>(*log_, clock_);
  denials_ = std::make_unique<access::Denials>(*writer_, clock_);
  clocks_ = std::make_unique<runtime::ClockWatch>(*log_, view, clock_, pools_->log, metrics_, settings().clock_tolerance);
  failures_ = std::make_unique<runtime::FailureLimit>(settings().authentication_failures, metrics_);
  for (auto& site : sites_) {
    site->surround({directory(), owner_, authorities_, *log_, *writer_, *denials_, *clocks_, responders_, *failures_, clock_, *pools_,
                    metrics_, configuration_});
    if (auto made = site->make_service(); !made) return made;
    if (site->definition().certifies_daemons) issuer_ = site->issuer().get();
  }
  std::lock_guard lock(listeners_mutex_);
  listening_ = true;
  return {};
}

async::Task<void> Embedded::open_readers() {
  for (const auto& site : sites_) (void)co_await site->view().get({});
  (void)log_->end();
}

}  // namespace quicklime::all_in_one
