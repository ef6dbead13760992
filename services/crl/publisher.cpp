#include "crl/publisher.hpp"

#include <algorithm>

#include "base/logging.hpp"
#include "ca/crl_publication.hpp"
#include "crl/settings.hpp"
#include "crypto/random.hpp"
#include "runtime/shared_settings.hpp"

namespace quicklime::crl {
namespace {

constexpr std::chrono::seconds kBetweenPublications{1};
constexpr Milliseconds kUnknownOutcome{2'000};

// 100 to 200 ms: replicas that saw the same change do not all sign for it at once.
Milliseconds pause_between_passes() {
  const auto random = static_cast<unsigned char>(crypto::random_bytes(1).front());
  return Milliseconds(100 + random * 100 / 255);
}

// For how long a replica lets another one publish: longer than that one pauses between two.
Milliseconds while_it_is_others_turn() {
  const auto random = static_cast<unsigned char>(crypto::random_bytes(1).front());
  return kBetweenPublications + Milliseconds(500 + random * 2);
}

// Whether an authority stands in a CRL of its parent as what it is now.
bool shows(const Published* published, const ca::Authority& authority) {
  const auto crl = published ? pki::Crl::parse(published->der) : Result<pki::Crl>(fail(ErrorCode::not_found, "crl-missing", ""));
  if (!crl) return false;
  return std::any_of(crl->entries().begin(), crl->entries().end(), [&](const auto& entry) {
    return entry.serial == authority.certificate.serial() && entry.reason == authority.status.reason;
  });
}

}  // namespace

bool is_due(const std::optional<Publication>& current, const std::optional<Position>& last_change, const Now& now, Milliseconds lifetime) {
  if (!current) return true;
  if (last_change && *last_change > current->number) return true;
  // The store's clock decides what is old, so that replicas which disagree about the time do not answer each other with CRLs.
  return current->this_update > now.earliest || current->next_update > now.store + 2 * lifetime ||
         now.store + lifetime / 2 >= current->next_update;
}

Publisher::Publisher(api::ServiceContext context, Keys keys, PublishedCrls& published)
    : context_(context),
      keys_(std::move(keys)),
      published_(published),
      publications_(context.metrics.counter("quicklime_crl_publications_total", "CRLs that this process signed and the log took")) {}

async::Task<void> Publisher::run() {
  for (;;) {
    co_await pass();
    co_await async::sleep_for(pause_between_passes());
  }
}

async::Task<void> Publisher::pass() {
  // A view that is behind shows an old publication: what would follow it lost long ago.
  std::vector<views::PointKey> keys{ca::authorities_key()};
  const auto read = co_await context_.view.get(std::move(keys));
  if (!read || !views::require_fresh(read->meta, context_.configuration.of<runtime::SharedSettings>().write_stale_limit)) co_return;
  const auto authorities = ca::decode_authorities(read->values.front());
  if (!authorities) {
    log::error("CRL: the authorities in the view cannot be read", {{"detail", authorities.error().detail}});
    co_return;
  }
  {
    const std::lock_guard lock(seen_mutex_);
    authorities_ = *authorities;
  }
  for (const auto& authority : *authorities) {
    const auto scope = authority.id.text();
    std::vector<views::PointKey> state_keys{{kPublicationSpace, scope}, {kChangeSpace, scope}};
    const auto state = co_await context_.view.get(std::move(state_keys));
    if (!state) co_return;
    const Instant store = state->meta.read_at;
    Scope seen{authority, std::nullopt, std::nullopt, state->meta.anchor.position, {std::min(store, context_.clock.now()), store}};
    if (state->values[0]) {
      auto current = decode_publication(*state->values[0]);
      if (!current) co_return;
      seen.current = std::move(*current);
    }
    if (state->values[1]) {
      const auto change = Position::parse(*state->values[1]);
      if (!change) co_return;
      seen.last_change = *change;
    }
    co_await look_at(std::move(seen));
  }
}

async::Task<void> Publisher::look_at(Scope scope) {
  const auto& id = scope.authority.id;
  const auto now = scope.now.store;
  // Rendered here, so that whoever asks finds it ready. A view that cannot write the current CRL again must not write the
  // next one.
  Result<std::shared_ptr<const Published>> published;
  if (scope.current) published = co_await published_.current(id, *scope.current);
  if (!published) co_return;
  const auto signer = keys_->of(id);
  if (!signer) {
    note_whether_complete(scope, published->get());
    co_return;
  }
  if (now >= scope.authority.certificate.not_after() ||
      !is_due(scope.current, scope.last_change, scope.now, context_.configuration.of<Settings>().lifetime)) {
    others_turn_.erase(id);
    co_return;
  }
  if (!is_ours_to_publish(scope)) co_return;
  auto& next_attempt = next_attempt_[id];
  if (std::chrono::steady_clock::now() < next_attempt) co_return;
  next_attempt = std::chrono::steady_clock::now() + kBetweenPublications;

  const auto outcome = co_await publish(std::move(scope), signer);
  if (outcome) {
    publications_.add();
    co_return;
  }
  log::warning("CRL not published; tried again soon",
               {{"scope", id.text()}, {"reason", outcome.error().reason}, {"detail", outcome.error().detail}});
  // It may still land. Should it come after the next try, the first of the two stands.
  if (outcome.error().code == ErrorCode::outcome_unknown) co_await async::sleep_for(kUnknownOutcome);
}

bool Publisher::is_ours_to_publish(const Scope& scope) {
  const auto& id = scope.authority.id;
  const auto ours = ours_.find(id);
  if (!scope.current || (ours != ours_.end() && ours->second == scope.current->after)) return true;
  const auto now = std::chrono::steady_clock::now();
  const auto [turn, is_new] = others_turn_.try_emplace(id);
  if (is_new || turn->second.after != scope.current->number) turn->second = {scope.current->number, now + while_it_is_others_turn()};
  return now >= turn->second.until;
}

async::Task<Result<void>> Publisher::publish(Scope scope, std::shared_ptr<const crypto::Signer> signer) {
  const auto& current = scope.current;
  // It may be dated before the one it follows: that is how a clock that was ahead is put right.
  ca::CrlTimes times = ca::crl_times(scope.now.earliest, context_.configuration.of<runtime::SharedSettings>().backdate,
                                     context_.configuration.of<Settings>().lifetime);
  times.next_update = (scope.now.store + context_.configuration.of<Settings>().lifetime).whole_seconds();
  const Publication next{.number = scope.position,
                         .this_update = times.this_update,
                         .next_update = times.next_update,
                         .entries_sha256 = {},
                         .before = {},
                         .after = {},
                         .signed_at = times.signed_at};
  const auto entries = co_await render_entries(context_.view, scope.authority.id, next);
  if (!entries) co_return forward(entries);

  const auto make = [&, authority = scope.authority, signer] {
    return ca::make_publication(authority, *signer, current ? ca::crl_number_text(current->number) : "", scope.position, *entries, times);
  };
  // RSA keys and tokens take milliseconds: not on this loop.
  std::optional<Result<events::CrlPublished>> event;
  if (signer->slow()) {
    event = co_await context_.pools.signatures.run(make);
  } else {
    event = make();
  }
  if (!*event) co_return forward(*event);
  ours_[scope.authority.id] = (*event)->after;
  others_turn_.erase(scope.authority.id);

  eventlog::Draft draft{.actor = {events::Actor::Kind::process, "crl"},
                        .cause = {RequestId(crypto::uuid_v7(context_.clock.now()))},
                        .subject = scope.authority.id.text(),
                        .data = **event};
  const auto appended = co_await context_.writer.append(std::move(draft));
  if (!appended) co_return forward(appended);
  log::info("CRL published", {{"scope", scope.authority.id.text()},
                              {"number", ca::crl_number_text(scope.position)},
                              {"next_update", times.next_update.rfc3339_seconds()}});
  co_return co_await context_.view.reached(appended->position, kReached);
}

std::vector<ca::Authority> Publisher::authorities() const {
  const std::lock_guard lock(seen_mutex_);
  return authorities_;
}

std::string Publisher::fault(const AuthorityId& scope) const {
  const std::lock_guard lock(seen_mutex_);
  const auto found = faults_.find(scope);
  return found == faults_.end() ? "" : found->second;
}

// The root's CRL needs a key that is not here: a person has to bring it, and is told by Expiries.
void Publisher::note_whether_complete(const Scope& scope, const Published* published) {
  const auto& id = scope.authority.id;
  const bool complete = !scope.last_change || (scope.current && *scope.last_change <= scope.current->number);
  std::string fault = complete ? "" : "lacks what was revoked since it was signed";
  std::string names;
  for (const auto& authority : authorities()) {
    if (complete || authority.parent != id || !authority.status.since || shows(published, authority)) continue;
    names += (names.empty() ? " (" : ", ") + authority.id.text();
  }
  if (!names.empty()) fault += names + ")";
  const std::lock_guard lock(seen_mutex_);
  faults_[id] = std::move(fault);
}

}  // namespace quicklime::crl
