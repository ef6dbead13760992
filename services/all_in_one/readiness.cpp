#include "all_in_one/readiness.hpp"

#include "runtime/shared_settings.hpp"

namespace quicklime::all_in_one {

void Readiness::started(const runtime::OwnCertificates& own, const runtime::Expiries& expiries) {
  started_.emplace(Started{own, expiries});
  has_started_ = true;
}

std::vector<runtime::Check> Readiness::checks() const {
  std::vector<runtime::Check> checks;
  if (has_started_) checks = started_->own.checks();
  for (const auto& site : embedded_.sites()) {
    checks.push_back({"view " + site->name(), [this, site = site.get()] { return view_check(*site); }});
  }
  checks.push_back({"log", [this] { return log_check(); }});
  checks.push_back({"start", [this] { return start_check(); }});
  return checks;
}

std::string Readiness::warnings() const {
  if (!has_started_) return {};
  return runtime::warning_lines(&started_->expiries, &embedded_.clocks());
}

Result<void> Readiness::start_check() const {
  if (has_started_) return {};
  return fail(ErrorCode::unavailable, "starting", "nothing is served yet: the log is verified, and the first view is folded, before");
}

Result<void> Readiness::view_check(const runtime::Site& site) const {
  if (!site.ready()) return fail(embedded_.not_ready(site.name()));
  for (const auto& status : embedded_.runner().status()) {
    if (status.view == site.name() && !status.stopped.empty()) return fail(ErrorCode::unavailable, "view-stopped", status.stopped);
  }
  auto meta = site.view().last_meta();
  if (!meta) return fail(ErrorCode::unavailable, "view-missing", "nothing was heard of it yet");
  meta->read_at = embedded_.clock().now();  // an embedded view is as old as its last news
  const auto fresh = views::require_fresh(*meta, embedded_.configuration().of<runtime::SharedSettings>().ocsp_stale_limit);
  if (!fresh) return forward(fresh);
  return {};
}

Result<void> Readiness::log_check() const {
  const auto failure = embedded_.verification().status().failure;
  if (failure.empty()) return embedded_.log().takes_events();
  return fail(ErrorCode::unavailable, "log-altered", failure);
}

}  // namespace quicklime::all_in_one
