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
#include "runtime/shared_settings.hpp"
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

namespace {

// In which order views are folded that are behind.
unsigned turn_of(const runtime::Definition& definition) {
  if (definition.certifies_daemons) return 0;  // nothing is served over TLS before
  return definition.over_plain_http ? 1 : 2;   // whoever asks for revocations cannot wait
}

}  // namespace

Result<std::unique_ptr<Embedded>> Embedded::open(Options options) {
  auto embedded = begin(std::move(options));
  if (!embedded) return embedded;
  if (auto made = (*embedded)->make_services(); !made) return forward(made);
  if (auto there = (*embedded)->wait_for_views(); !there) return forward(there);
  return embedded;
}

Result<std::unique_ptr<Embedded>> Embedded::begin(Options options) {
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

  if (auto made = installation::make_missing_access_key(embedded->directory()); !made) return forward(made);
  if (auto opened = embedded->open_log(); !opened) return forward(opened);
  if (auto opened = embedded->open_views(); !opened) return forward(opened);
  embedded->runner_->start();
  return embedded;
}

Embedded::~Embedded() {
  verification_.reset();
  if (runner_) runner_->stop();  // its observers call services and views
  exchanges_->set(nullptr);
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
    folded.push_back({definition.projection, store->get(), options_.in_turns ? turn_of(definition) : 0});
    sites_.push_back(std::make_unique<runtime::Site>(std::move(definition), *std::move(store), views::View::Notified::by_runner));
    if (sites_.back()->definition().certifies_daemons) certifying_ = sites_.back().get();
  }
  runner_ = std::make_unique<views::Runner>(*log_, std::move(folded), views::RunnerOptions{}, metrics_);
  runner_->on_applied([this](const views::Applied& applied) { applied_to_view(applied); });
  verification_ = std::make_unique<LogVerification>(*log_, [this] {
    std::vector<LogVerification::ViewAnchor> anchors;
    for (const auto& site : sites_) {
      const auto meta = async::run_to_end(site->view().meta());
      if (meta) anchors.push_back({site->name(), meta->anchor});
    }
    return anchors;
  });
  return {};
}

void Embedded::applied_to_view(const views::Applied& applied) {
  for (const auto& site : sites_) {
    if (site->name() != applied.view) continue;
    {
      // Until services are there nobody has anything cached.
      std::lock_guard lock(listeners_mutex_);
      if (listening_ && site->service().on_applied) site->service().on_applied(applied);
    }
    site->view().applied(applied.meta);
    if (is_fresh(applied.meta)) site->set_ready();
  }
}

// What /readyz asks of it, too.
bool Embedded::is_fresh(const views::Meta& meta) const {
  return views::require_fresh(meta, configuration_.of<runtime::SharedSettings>().ocsp_stale_limit).has_value();
}

Result<void> Embedded::wait_for(const std::vector<const runtime::Site*>& sites) const {
  for (;; std::this_thread::sleep_for(Milliseconds(2))) {
    std::vector<views::Runner::Status> waited_for;
    std::uint64_t done = 0, all = 0;
    bool waits = false;
    for (auto& view : runner_->status()) {
      const auto site = std::find_if(sites.begin(), sites.end(), [&](const runtime::Site* one) { return one->name() == view.view; });
      if (site == sites.end()) continue;
      done += view.applied ? view.position.offset + 1 : 0;
      all += view.log_end;
      waits = waits || (!(*site)->ready() && view.stopped.empty());
      waited_for.push_back(std::move(view));
    }
    if (!waits) {
      auto stopped = stopped_views(waited_for);
      if (stopped.empty()) return {};
      return fail(ErrorCode::verification_failed, "view-stopped", std::move(stopped));
    }
    if (options_.progress && all > 0) options_.progress(done, all);
    if (options_.interrupted && options_.interrupted())
      return fail(ErrorCode::unavailable, "interrupted", "stopped while views were folded");
  }
}

Result<void> Embedded::wait_for_views() {
  std::vector<const runtime::Site*> all;
  for (const auto& site : sites_) all.push_back(site.get());
  return wait_for(all);
}

Error Embedded::not_ready(const std::string& role) const {
  constexpr std::int64_t kSoonest = 1, kLatest = 30;  // seconds
  for (const auto& status : runner_->status()) {
    if (status.view != role) continue;
    if (!status.stopped.empty()) return {ErrorCode::unavailable, "view-stopped", stopped_views({status}), "", kLatest};
    const auto done = status.applied ? status.position.offset + 1 : 0;
    const auto left = status.log_end - std::min(status.log_end, done);
    const auto passed = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - began_).count();
    const auto expected = done == 0 ? kLatest : passed * static_cast<std::int64_t>(left) / static_cast<std::int64_t>(done);
    return {ErrorCode::unavailable, "view-not-ready",
            "the view " + role + " is being folded and holds " + std::to_string(done) + " of " + std::to_string(status.log_end) +
                " events; ask again when it holds them all",
            "", static_cast<std::uint32_t>(std::clamp(expected, kSoonest, kLatest))};
  }
  return {ErrorCode::internal, "internal", "no view " + role};
}

Result<void> Embedded::make_services() {
  if (certifying_ == nullptr) return fail(ErrorCode::internal, "internal", "no role of this program certifies it");
  if (auto there = wait_for({certifying_}); !there) return there;
  views::View& view = certifying_->view();
  const auto authorities = async::run_to_end(authorities_.read(view));
  if (!authorities) return forward(authorities);
  signing_keys_ = runtime::signing_keys(directory());
  if (auto read = signing_keys_->refresh(**authorities); !read) return read;

  pools_ = std::make_unique<async::Pools>([this] { (void)log_->end(); });
  writer_ = std::make_unique<eventlog::EventWriter>(*log_, clock_);
  denials_ = std::make_unique<access::Denials>(*writer_, clock_);
  clocks_ = std::make_unique<runtime::ClockWatch>(*log_, view, clock_, pools_->log, metrics_, settings().clock_tolerance);
  failures_ = std::make_unique<api::FailureLimit>(settings().authentication_failures, metrics_);
  identities_ = std::make_unique<api::IdentityLimit>(settings().requests_per_identity, metrics_);
  const auto not_ready = [this](const std::string& role) { return this->not_ready(role); };
  for (auto& site : sites_) {
    site->surround({directory(), owner_,     authorities_, *log_,     *writer_,   *denials_,    *clocks_,
                    responders_, *failures_, *identities_, clock_,    *pools_,    metrics_,     configuration_,
                    view,        false,      nullptr,      not_ready, exchanges_, signing_keys_});
    if (auto made = site->make_service(); !made) return made;
    if (site->service().exchange) exchanges_->set(site->service().exchange);
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
