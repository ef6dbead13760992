#include "quicklime/embedded.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <thread>

#include "access/token.hpp"
#include "base/directory.hpp"
#include "base/file.hpp"
#include "base/logging.hpp"
#include "crl/service.hpp"
#include "dashboard_api/service.hpp"
#include "eventlog/seal.hpp"
#include "eventlog/sqlite_log.hpp"
#include "issuance/service.hpp"
#include "ocsp/service.hpp"
#include "renewal/service.hpp"
#include "revocation/service.hpp"
#include "runtime/admission.hpp"
#include "runtime/issuing.hpp"
#include "views/sqlite_store.hpp"

namespace quicklime::app {
namespace {

// Every role of the embedded mode, in the order in which their views take a batch: what the public asks comes first, so
// that whoever waited for the revocation or the renewal role's view finds OCSP saying the same (and who has a renewed certificate
// can revoke it); what shows comes last, so that a new token is known to every role when it is shown.
std::vector<views::Projection> projections() {
  return {ocsp::projection(),       crl::projection(),     issuance::projection(),
          revocation::projection(), renewal::projection(), dashboard_api::projection()};
}

}  // namespace

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
  auto lock = runtime::DirectoryLock::take(embedded->directory(), embedded->options_.command, embedded->options_.patience);
  if (!lock) return forward(lock);
  embedded->lock_ = std::move(*lock);

  auto configuration = runtime::load_configuration(embedded->directory().configuration());
  if (!configuration) return forward(configuration);
  embedded->configuration_ = std::move(*configuration);
  if (embedded->options_.adjust) embedded->options_.adjust(embedded->configuration_);

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
  if (runner_) runner_->stop();                // its observers call services and views
  for (auto& one : roles_) one->service = {};  // handlers refer to the writer, the issuer, the pool
}

Result<void> Embedded::open_log() {
  eventlog::SqliteLogOptions options;
  options.queue_events = configuration_.append_queue;
  auto log = eventlog::open_sqlite_log(directory().log(), options, metrics_);
  if (!log) return forward(log);
  log_ = std::move(*log);
  return eventlog::require_open(*log_);
}

Result<void> Embedded::open_views() {
  if (auto made = make_private_directory(directory().views()); !made) return made;
  std::vector<views::Runner::View> folded;
  for (auto& projection : projections()) {
    const auto file = directory().views() / (projection.name + ".db");
    auto store = views::open_sqlite_store(file, projection.spaces, clock_);
    if (!store) {
      Error error = store.error();
      error.detail += "; views are folded from the log: quicklime views rebuild makes this one anew";
      return fail(std::move(error));
    }
    auto made = std::make_unique<Role>(
        Role{.projection = projection, .store = std::move(*store), .view = nullptr, .access = nullptr, .process_access = nullptr});
    made->view = std::make_unique<views::View>(projection.name, *made->store, views::View::Notified::by_runner);
    folded.push_back({projection, made->store.get()});
    roles_.push_back(std::move(made));
  }
  runner_ = std::make_unique<views::Runner>(*log_, std::move(folded), views::RunnerOptions{}, metrics_);
  runner_->on_applied([this](const views::Applied& applied) {
    Role* const of = role(applied.view);
    if (of == nullptr) return;
    {
      // Services come after the first catching up; until then nobody has anything cached.
      std::lock_guard lock(listeners_mutex_);
      if (listening_ && of->service.on_applied) of->service.on_applied(applied);
    }
    of->view->applied(applied.meta);
  });
  verification_ = std::make_unique<LogVerification>(*log_, [this] {
    std::vector<LogVerification::ViewAnchor> anchors;
    for (const auto& one : roles_) {
      const auto read = async::run_to_end(one->view->get({ca::authorities_key()}));
      if (read) anchors.push_back({one->projection.name, read->meta.anchor});
    }
    return anchors;
  });
  return {};
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
  Role* const issuing = role(issuance::projection().name);
  Role* const renewing = role(renewal::projection().name);
  const auto read = async::run_to_end(issuing->view->get({ca::authorities_key()}));
  if (!read) return forward(read);
  auto authorities = ca::decode_authorities(read->values.front());
  if (!authorities) return forward(authorities);
  authorities_ = std::move(*authorities);

  auto issuing_keys = runtime::load_issuing(directory(), authorities_);
  if (!issuing_keys) return forward(issuing_keys);
  auto policy = runtime::issue_policy(configuration_);
  if (!policy) return forward(policy);
  const auto revocation_keys = runtime::load_revocation_keys(directory(), *issuing->view, clock_.now());
  if (!revocation_keys) return forward(revocation_keys);

  offload_ = std::make_unique<async::OffloadPool>(2, [this] { (void)log_->end(); });
  writer_ = std::make_unique<eventlog::EventWriter>(*log_, clock_);
  denials_ = std::make_unique<access::Denials>(*writer_, clock_);
  issuer_ = std::make_shared<ca::Issuer>(issuing_keys->authority, authorities_, issuing_keys->signer, *revocation_keys, *policy, *writer_,
                                         *log_, *issuing->view, clock_, *offload_);
  policy->renews = true;
  const auto renewer = std::make_shared<ca::Issuer>(issuing_keys->authority, authorities_, issuing_keys->signer, *revocation_keys,
                                                    std::move(*policy), *writer_, *log_, *renewing->view, clock_, *offload_);

  clocks_ = std::make_unique<runtime::ClockWatch>(*log_, *role(crl::projection().name)->view, clock_, *offload_, metrics_,
                                                  configuration_.clock_tolerance);
  for (auto& one : roles_) {
    std::vector<std::unique_ptr<access::Authenticator>> authenticators;
    authenticators.push_back(access::control_socket_authenticator(owner_));
    const auto token = access::token_space();
    const auto& spaces = one->projection.spaces;
    if (std::any_of(spaces.begin(), spaces.end(), [&](const views::Space& space) { return space.name == token.name; })) {
      const auto stale_tokens = one->projection.name == dashboard_api::projection().name ? access::StaleTokens::known_ones_accepted
                                                                                         : access::StaleTokens::refused;
      authenticators.push_back(access::token_authenticator(*one->view, clock_, configuration_.write_stale_limit, stale_tokens));
    }
    one->access = std::make_unique<access::Access>(std::move(authenticators));
    const runtime::ServiceContext context{*log_,  *writer_,  *one->view, *one->access,  *denials_,
                                          clock_, *offload_, metrics_,   configuration_};
    const std::string& name = one->projection.name;
    runtime::Service service;
    if (name == issuance::projection().name) {
      service = issuance::make_service(context, issuer_);
      one->process_access = access::access_of_processes(*one->view, clock_, configuration_.write_stale_limit);
      service.bootstrap_routes =
          issuance::make_service(
              {*log_, *writer_, *one->view, *one->process_access, *denials_, clock_, *offload_, metrics_, configuration_}, issuer_)
              .routes;
    }
    if (name == renewal::projection().name) service = renewal::make_service(context, renewer);
    if (name == revocation::projection().name) service = revocation::make_service(context, *revocation_keys);
    if (name == ocsp::projection().name) {
      service = ocsp::make_service(context, [this](const AuthorityId& issuer) { return responders_.get(issuer); });
    }
    if (name == crl::projection().name) service = crl::make_service(context, issuing_keys->signers, *clocks_);
    if (name == dashboard_api::projection().name) service = dashboard_api::make_service(context);
    runtime::admit_writes(service, context);
    one->service = std::move(service);
  }
  std::lock_guard lock(listeners_mutex_);
  listening_ = true;
  return {};
}

async::Task<void> Embedded::open_readers() {
  for (const auto& one : roles_) (void)co_await one->view->get({});
  (void)log_->end();
}

Embedded::Role* Embedded::role(const std::string& name) {
  for (auto& one : roles_) {
    if (one->projection.name == name) return one.get();
  }
  return nullptr;
}

}  // namespace quicklime::app
