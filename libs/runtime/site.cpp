#include "runtime/site.hpp"

#include <algorithm>

#include "access/token.hpp"
#include "api/guard.hpp"
#include "runtime/shared_settings.hpp"

namespace quicklime::runtime {
namespace {

// A role is handed the keys that its definition names, so that what scripts hand to its process is what it uses.
Result<void> require_named(bool named, const Definition& definition, const char* which) {
  if (named) return {};
  return fail(ErrorCode::internal, "internal", "the definition of " + definition.name() + " does not name the " + which);
}

bool knows_tokens(const views::Projection& projection) {
  return std::any_of(projection.spaces.begin(), projection.spaces.end(),
                     [](const views::Space& space) { return space.name == access::token_space().name; });
}

// Who hands on what clients show: in the distributed shape whoever may call the daemon, in the embedded one nobody but a gateway that is
// configured.
std::vector<std::string> vouching_peers(bool behind_gateway, const std::string& gateway, const Definition& definition) {
  auto peers = behind_gateway ? definition.accepts : std::vector<std::string>();
  if (gateway.empty()) return peers;
  std::erase(peers, "gateway");
  peers.push_back(gateway);
  return peers;
}

}  // namespace

std::string Definition::process_name() const {
  std::string text = name();
  std::replace(text.begin(), text.end(), '_', '-');
  return text;
}

Site::Site(Definition definition, std::unique_ptr<views::ViewStore> store, views::View::Notified notified)
    : definition_(std::move(definition)),
      store_(std::move(store)),
      view_(std::make_unique<views::View>(definition_.name(), *store_, notified)) {}

Site::~Site() { end_service(); }

void Site::surround(const Surroundings& surroundings) {
  surroundings_.emplace(surroundings);
  if (!surroundings.not_ready) set_ready();
  const Clock& clock = surroundings.clock;
  const auto& shared = surroundings.configuration.of<SharedSettings>();
  const Milliseconds stale_limit = shared.write_stale_limit;
  std::vector<std::unique_ptr<access::Authenticator>> authenticators;
  authenticators.push_back(access::control_socket_authenticator(surroundings.owner));
  if (knows_tokens(definition_.projection)) {
    authenticators.push_back(access::token_authenticator(*view_, clock, stale_limit, definition_.stale_tokens));
    auto sessions = [&] { return access::session_authenticator(*view_, clock, stale_limit, definition_.stale_tokens); };
    authenticators.push_back(sessions());
    if (surroundings.exchanges) authenticators.push_back(access::exchange_authenticator(surroundings.exchanges, *view_, sessions()));
  }
  access_ = std::make_unique<access::Access>(std::move(authenticators));
  process_access_ = access::access_of_processes(*view_, clock, stale_limit);
  const auto context = [&](const access::Access& access) {
    return api::ServiceContext{surroundings.log,
                               surroundings.writer,
                               *view_,
                               access,
                               surroundings.denials,
                               clock,
                               surroundings.pools,
                               surroundings.metrics,
                               surroundings.configuration,
                               surroundings.highest_seen,
                               vouching_peers(surroundings.behind_gateway, shared.gateway, definition_)};
  };
  streams_.emplace(definition_.name(), surroundings.metrics);
  context_.emplace(context(*access_));
  bootstrap_context_.emplace(context(*process_access_));
  if (definition_.log == Definition::Log::is_not_used) return;
  const api::Admission::Limits limits{shared.unfolded_limit, shared.admission_wait};
  admission_ = std::make_shared<api::Admission>(*view_, surroundings.writer, limits, surroundings.metrics);
}

Result<void> Site::make_service() {
  auto service = definition_.make(*this);
  if (!service) return forward(service);
  service_ = std::move(*service);
  return {};
}

Site::Guarded Site::guarded() {
  auto& failures = surroundings_->failures;
  auto& identities = surroundings_->identities;
  std::function<Result<void>()> ready;
  if (surroundings_->not_ready) {
    ready = [this]() -> Result<void> {
      if (ready_) return {};
      return fail(surroundings_->not_ready(name()));
    };
  }
  const api::Guard guard(*context_, {admission_, &failures, &*streams_, &identities, surroundings_->behind_gateway, ready});
  const api::Guard of_bootstrap(*bootstrap_context_, {admission_, &failures, &*streams_, &identities, false, ready});
  return {guard.before(service_.public_routes), guard.before(service_.routes), guard.before(service_.control_routes),
          of_bootstrap.before(service_.bootstrap_routes)};
}

Result<std::shared_ptr<ca::SigningKeys>> Site::signing_keys() const {
  if (auto named = require_named(definition_.issuing_key && surroundings_->signing_keys, definition_, "issuing key"); !named)
    return forward(named);
  const auto& keys = surroundings_->signing_keys;
  if (auto here = require_issuing_key(*keys, *surroundings_->authorities.now(), surroundings_->directory); !here) return forward(here);
  return keys;
}

Result<ca::RevocationKeys> Site::revocation_keys() const {
  if (auto named = require_named(definition_.revocation_keys, definition_, "revocation keys"); !named) return forward(named);
  return installation::load_revocation_keys(surroundings_->directory, surroundings_->complete, surroundings_->clock.now());
}

Result<Secret> Site::access_key() const {
  if (auto named = require_named(definition_.access_key, definition_, "access key"); !named) return forward(named);
  return installation::load_access_key(surroundings_->directory);
}

Result<std::shared_ptr<ca::Issuer>> Site::make_issuer(bool renews) {
  auto keys = signing_keys();
  if (!keys) return forward(keys);
  auto held = revocation_keys();
  if (!held) return forward(held);
  auto policy = issue_policy(surroundings_->configuration);
  if (!policy) return forward(policy);
  policy->renews = renews;
  issuer_ = std::make_shared<ca::Issuer>(*std::move(keys), *std::move(held), *std::move(policy), surroundings_->writer, surroundings_->log,
                                         *view_, surroundings_->clock, surroundings_->pools);
  return issuer_;
}

}  // namespace quicklime::runtime
