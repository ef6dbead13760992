#include "runtime/site.hpp"

#include <algorithm>

#include "access/token.hpp"
#include "runtime/admission.hpp"

namespace quicklime::runtime {
namespace {

// A role is handed the keys that its definition names, so that what scripts hand to its process is what it uses.
Result<void> require_named(bool named, const Definition& definition, const char* which) {
  if (named) return {};
  return fail(ErrorCode::internal, "route-wrong", "the definition of " + definition.name() + " does not name the " + which);
}

bool knows_tokens(const views::Projection& projection) {
  return std::any_of(projection.spaces.begin(), projection.spaces.end(),
                     [](const views::Space& space) { return space.name == access::token_space().name; });
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
  const Clock& clock = surroundings.clock;
  const Milliseconds stale_limit = surroundings.configuration.write_stale_limit;
  std::vector<std::unique_ptr<access::Authenticator>> authenticators;
  authenticators.push_back(access::control_socket_authenticator(surroundings.owner));
  if (knows_tokens(definition_.projection))
    authenticators.push_back(access::token_authenticator(*view_, clock, stale_limit, definition_.stale_tokens));
  access_ = std::make_unique<access::Access>(std::move(authenticators));
  process_access_ = access::access_of_processes(*view_, clock, stale_limit);
  context_.emplace(ServiceContext{surroundings.log, surroundings.writer, *view_, *access_, surroundings.denials, clock,
                                  surroundings.offload, surroundings.metrics, surroundings.configuration, surroundings.highest_seen});
}

Result<void> Site::make_service() {
  auto service = definition_.make(*this);
  if (!service) return forward(service);
  service_ = std::move(*service);
  admit_writes(service_, *context_);
  return {};
}

ServiceContext Site::bootstrap_context() const {
  return {context_->log,         context_->writer,  *view_,
          *process_access_,      context_->denials, context_->clock,
          context_->offload,     context_->metrics, context_->configuration,
          context_->highest_seen};
}

Result<std::map<AuthorityId, std::shared_ptr<const crypto::Signer>>> Site::signers() const {
  if (auto named = require_named(definition_.issuing_key, definition_, "issuing key"); !named) return forward(named);
  auto issuing = load_issuing(surroundings_->directory, surroundings_->authorities);
  if (!issuing) return forward(issuing);
  return std::move(issuing->signers);
}

Result<ca::RevocationKeys> Site::revocation_keys() const {
  if (auto named = require_named(definition_.revocation_keys, definition_, "revocation keys"); !named) return forward(named);
  return installation::load_revocation_keys(surroundings_->directory, *view_, surroundings_->clock.now());
}

Result<std::shared_ptr<ca::Issuer>> Site::make_issuer(bool renews) {
  if (auto named = require_named(definition_.issuing_key, definition_, "issuing key"); !named) return forward(named);
  auto issuing = load_issuing(surroundings_->directory, surroundings_->authorities);
  if (!issuing) return forward(issuing);
  auto held = revocation_keys();
  if (!held) return forward(held);
  auto policy = issue_policy(surroundings_->configuration);
  if (!policy) return forward(policy);
  policy->renews = renews;
  issuer_ =
      std::make_shared<ca::Issuer>(issuing->authority, surroundings_->authorities, issuing->signer, *std::move(held), *std::move(policy),
                                   surroundings_->writer, surroundings_->log, *view_, surroundings_->clock, surroundings_->offload);
  return issuer_;
}

}  // namespace quicklime::runtime
