#include "identity/sign_in.hpp"

#include <algorithm>
#include <chrono>

#include "access/token.hpp"
#include "async/sleep_until.hpp"
#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/logging.hpp"
#include "ca/claims.hpp"
#include "ca/decisions.hpp"
#include "crypto/constant_time.hpp"
#include "crypto/hash.hpp"
#include "identity/sign_in_refusals.hpp"
#include "views/absence.hpp"

namespace quicklime::identity {
namespace {

constexpr Milliseconds kSessionSeenWithin{2'000};
constexpr Milliseconds kOneTimeSession = std::chrono::minutes(30);
constexpr unsigned kSessionsOfAMinute = 30;

// Where this view has what was shown, if it can be taken back.
std::vector<views::PointKey> shown_by(const UserId& user, const std::vector<std::string>& once,
                                      const std::optional<SerialNumber>& voucher) {
  constexpr std::string_view kToken = "token:";
  std::vector<views::PointKey> shown;
  for (const std::string& key : once) {
    if (key.starts_with(kToken)) shown.push_back(access::token_key(TokenId(key.substr(kToken.size()))));
  }
  if (voucher) shown.push_back(ca::certificate_key(*voucher));
  if (access::provider_of(user.text()) != access::kCertificateProvider) return shown;
  const auto serial = SerialNumber::from_hex(user.text().substr(access::kCertificateProvider.size() + 1));
  if (serial) shown.push_back(ca::certificate_key(*serial));
  return shown;
}

// Of what was shown, as of now: a token that is not revoked, a certificate that is good.
bool is_good(const views::PointKey& key, const std::optional<std::string>& value) {
  const std::vector<std::optional<std::string>> records(1, value);
  return key.space == access::token_space().name ? access::token_is_live(value) : ca::certificate_is_live(records);
}

std::optional<std::string> read_banner(const std::string& file) {
  if (file.empty()) return std::nullopt;
  auto text = read_file(file);
  if (text) return *std::move(text);
  log::error("the access banner cannot be read and is not shown", {{"file", file}, {"detail", text.error().detail}});
  return std::nullopt;
}

metrics::Counter& sign_ins(metrics::Registry& registry, const char* result) {
  return registry.counter("quicklime_sign_ins_total", "Passwords, one-time URLs, assertions and certificates that were shown to sign in",
                          {{"result", result}});
}

}  // namespace

Result<std::shared_ptr<SignIn>> SignIn::make(const api::ServiceContext& context, Secret access_key) {
  const auto& settings = context.configuration.of<Settings>();
  auto directories = Directories::make(settings.ldap);
  if (!directories) return forward(directories);
  std::map<std::string, std::unique_ptr<Provider>> providers;
  for (const auto& [name, one] : settings.oidc) {
    auto provider = Provider::make(name, one, context.clock);
    if (!provider) return forward(provider);
    providers.emplace(name, *std::move(provider));
  }
  return std::shared_ptr<SignIn>(new SignIn(context, std::move(access_key), *std::move(directories), std::move(providers)));
}

SignIn::SignIn(const api::ServiceContext& context, Secret access_key, Directories directories,
               std::map<std::string, std::unique_ptr<Provider>> providers)
    : context_(context),
      settings_(context.configuration.of<Settings>()),
      access_key_(std::move(access_key)),
      banner_(read_banner(settings_.banner_file)),
      directories_(std::move(directories)),
      providers_(std::move(providers)),
      passwords_(std::make_unique<Passwords>(PasswordCost{settings_.password_memory, settings_.password_passes, settings_.password_threads},
                                             Secret::copy_of(access_key_.reveal()))),
      guessing_(std::make_unique<Guessing>(
          GuessingLimits{settings_.failures, std::chrono::duration_cast<std::chrono::seconds>(settings_.failure_window)}, access_key_)),
      counts_{sign_ins(context.metrics, "succeeded"), sign_ins(context.metrics, "failed"), sign_ins(context.metrics, "limited")} {}

Provider* SignIn::provider(const std::string& name) const {
  const auto found = providers_.find(name);
  return found == providers_.end() ? nullptr : found->second.get();
}

std::vector<std::string> SignIn::browser_providers() const {
  std::vector<std::string> names;
  for (const auto& [name, provider] : providers_) {
    if (provider->by_browser()) names.push_back(name);
  }
  return names;
}

SignIn::~SignIn() = default;

async::Task<Result<SignIn::Local>> SignIn::local_by_password(const std::string& name, const Secret& password) {
  auto known = co_await read_user(context_.view, UserId(name));
  if (!known) co_return forward(known);
  const auto& account = known->account;
  std::optional<std::string> sealed;  // named: g++ 12 makes code that destroys a conditional argument of co_await twice
  if (account) sealed = account->sealed_password;
  const auto right = co_await passwords_->verify(name, std::move(sealed), password);
  if (!right) co_return forward(right);
  const bool in = *right && account && known->standing.enabled;
  co_return Local{*std::move(known), in};
}

async::Task<Result<SignedIn>> SignIn::by_password(std::string user, Secret password, Request request) {
  const UserId typed = typed_user(user);  // once, before anything: "Alice" and "local:alice" are one name to guess about, too
  auto attempt = guessing_->may_try(typed.text(), request.address, request.device_cookie);
  if (!attempt) {
    counts_.limited.add();
    co_return forward(attempt);
  }
  auto local = co_await local_by_password(typed.text(), password);
  if (!local) co_return forward(local);
  // From here on it takes what it takes for this name: how long that took, perhaps behind others, is the same for all.
  const auto began = std::chrono::steady_clock::now();
  std::optional<Person> person;
  // A name that is somebody's here is nobody's elsewhere: his password is shown to no directory.
  if (!local->known.account) {
    auto found = co_await of_directories(typed, password);
    if (!found) {
      co_await wait_for_floor(began);
      co_return forward(found);
    }
    person = *std::move(found);
  }
  if (!local->in && !person) {
    attempt->failed();
    counts_.failed.add();
    co_await wait_for_floor(began);
    co_return failed();
  }
  auto success = attempt->succeeded();
  auto signed_in = co_await admit_known(std::move(local->known), std::move(person), success.failures, std::move(request));
  if (signed_in) signed_in->device_cookie = std::move(success.device_cookie);
  co_return signed_in;
}

async::Task<void> SignIn::wait_for_floor(std::chrono::steady_clock::time_point began) const {
  co_await async::sleep_until(began + settings_.failure_floor);
}

async::Task<Result<bool>> SignIn::is_password_of(const Account& account, const Secret& password, Request request) {
  auto attempt = guessing_->may_try(account.user.text(), request.address, request.device_cookie);
  if (!attempt) co_return forward(attempt);
  const auto right = co_await passwords_->verify(account.user.text(), account.sealed_password, password);
  if (right && !*right) attempt->failed();
  co_return right;
}

async::Task<Result<SignedIn>> SignIn::admit_known(KnownUser local, std::optional<Person> person, std::uint64_t failures, Request request) {
  if (person) co_return co_await admit_person(*std::move(person), "directory", std::move(request));
  std::vector<std::string> nothing_once;
  const Instant until = context_.clock.now() + settings_.session;
  co_return co_await admit_account(std::move(local), "password", until, failures, std::move(nothing_once), std::move(request));
}

async::Task<Result<std::optional<Person>>> SignIn::of_directories(const UserId& typed, const Secret& password) {
  const std::string provider(access::provider_of(typed.text()));
  std::string name = typed.text().substr(provider.size() + 1);
  Secret shown = Secret::copy_of(password.reveal());
  // A bare name that is nobody's here may be anybody's there.
  if (provider == access::kLocalProvider) co_return co_await directories_.sign_in_anywhere(std::move(name), std::move(shown));
  if (!directories_.has(provider)) co_return std::optional<Person>();
  co_return co_await directories_.sign_in(provider, std::move(name), std::move(shown));
}

async::Task<Result<SignedIn>> SignIn::by_one_time(Secret token, Request request) {
  const auto text = access::parse_token(token.reveal());
  if (!text) co_return failed();
  const auto points = co_await views::get_or_absent(context_.view, access::token_key(text->id), kSessionSeenWithin);
  if (!points) co_return forward(points);
  if (!points->values.front()) co_return failed();
  const auto record = access::decode_token(*points->values.front());
  if (!record) co_return forward(record);
  const bool right = crypto::equal_in_constant_time(record->secret_sha256, text->secret_sha256);
  if (!right || !record->single_use) co_return failed();
  const Instant now = context_.clock.now();
  if (record->revoked || record->not_after <= now) {
    co_return fail(ErrorCode::unauthenticated, "one-time-expired",
                   "this one-time URL was good until " + record->not_after.rfc3339_seconds() + "; ask for another one");
  }
  std::vector<std::string> once(1, "token:" + text->id.text());
  // Asked before anything is written: who repeats it makes nothing grow, and keeps its owner from nothing.
  std::vector<views::PointKey> claim_keys(1, ca::claim_key(once.front()));
  const auto claimed = co_await context_.view.get(std::move(claim_keys));
  if (!claimed) co_return forward(claimed);
  if (claimed->values.front()) co_return fail(one_time_used());
  if (record->owner) {
    auto known = co_await read_user(context_.view, *record->owner);
    if (!known) co_return forward(known);
    if (!known->account || !known->standing.enabled) co_return failed();
    if (record->owner_version && *record->owner_version != known->standing.version) {
      co_return fail(ErrorCode::unauthenticated, "one-time-expired",
                     "the person of this one-time URL was changed since, or has a new password; ask for another one");
    }
    co_return co_await admit_account(*std::move(known), "one-time", now + kOneTimeSession, 0, std::move(once), std::move(request));
  }
  Admitted admitted{.user = UserId("one-time:" + text->id.text()),
                    .name = record->name,
                    .method = "one-time",
                    .role = record->role,
                    .profiles = record->profiles,
                    .names = record->names,
                    .user_version = 0,
                    .provider_version = 0,
                    .until = now + kOneTimeSession,
                    .once = std::move(once)};
  access::NewSession session = access::make_session();
  events::Actor by = by_itself();
  co_return co_await admit(std::move(admitted), std::move(session), std::move(request), std::move(by));
}

async::Task<Result<SignedIn>> SignIn::admit_account(KnownUser user, std::string method, Instant until, std::uint64_t failures,
                                                    std::vector<std::string> once, Request request) {
  const Account& account = *user.account;
  Admitted admitted{.user = account.user,
                    .name = account.name,
                    .method = std::move(method),
                    .role = account.role,
                    .profiles = account.profiles,
                    .names = account.names,
                    .user_version = user.standing.version,
                    .provider_version = 0,
                    .until = until,
                    .failures = failures,
                    .once = std::move(once)};
  access::NewSession session = access::make_session();
  events::Actor by = by_itself();
  co_return co_await admit(std::move(admitted), std::move(session), std::move(request), std::move(by));
}

async::Task<Result<SignedIn>> SignIn::approve(access::Identity who, SessionId session, std::string secret_sha256, Request request) {
  auto session_of = co_await read_session(context_.view, SessionId(who.actor.session));
  if (!session_of) co_return forward(session_of);
  if (!*session_of) co_return fail(ErrorCode::denied, "session-needed", "only somebody who is signed in lets a command line be him");
  const access::SessionRecord& own = (*session_of)->record;
  Admitted admitted{.user = own.user,
                    .name = own.name,
                    .method = "approved",
                    .role = own.role,
                    .profiles = own.profiles,
                    .names = own.names,
                    .user_version = own.user_version,
                    .provider_version = own.provider_version,
                    .until = std::min(context_.clock.now() + settings_.session, own.ends)};
  access::NewSession made{std::move(session), Secret(), std::move(secret_sha256)};
  co_return co_await admit(std::move(admitted), std::move(made), std::move(request), who.actor);
}

events::Actor SignIn::by_itself() { return {events::Actor::Kind::process, "identity"}; }

async::Task<Result<void>> SignIn::end(SessionId session, UserId user, std::string why, eventlog::Cause cause) {
  eventlog::Draft draft{.actor = by_itself(),
                        .cause = std::move(cause),
                        .subject = user.text(),
                        .data = events::SessionEnded{std::move(session), std::move(why)}};
  const auto appended = co_await context_.writer.append(std::move(draft));
  if (!appended) co_return forward(appended);
  co_return Result<void>();
}

Result<void> SignIn::not_too_often(const UserId& user) {
  const std::int64_t minute = context_.clock.now().milliseconds() / 60'000;
  const std::lock_guard lock(mutex_);
  if (std::exchange(minute_, minute) != minute) in_this_minute_.clear();
  if (++in_this_minute_[user.text()] <= kSessionsOfAMinute) return {};
  return fail(Error{ErrorCode::too_many, "sign-in-too-often",
                    user.text() + " has signed in " + std::to_string(kSessionsOfAMinute) +
                        " times in this minute; keep the session (`quicklime login`) or use a token",
                    "", 60});
}

async::Task<Result<SignedIn>> SignIn::admit(Admitted admitted, access::NewSession session, Request request, events::Actor by) {
  if (auto allowed = not_too_often(admitted.user); !allowed) co_return forward(allowed);
  const Instant now = context_.clock.now();
  const Instant idle = request.in_browser ? now + settings_.idle : admitted.until;
  const std::vector<std::string> once = admitted.once;
  eventlog::Draft draft{.actor = std::move(by),
                        .cause = request.cause,
                        .once = admitted.once,
                        .body = admitted.once.empty() ? "" : session.secret_sha256,
                        .subject = admitted.user.text(),
                        .data = events::SessionCreated{
                            .session = session.id,
                            .secret_sha256 = session.secret_sha256,
                            .user = admitted.user,
                            .name = admitted.name,
                            .method = admitted.method,
                            .provider = std::string(access::provider_of(admitted.user.text())),
                            .role = admitted.role,
                            .profiles = admitted.profiles,
                            .names = admitted.names,
                            .user_version = admitted.user_version,
                            .provider_version = admitted.provider_version,
                            .not_after = std::min(idle, admitted.until),
                            .ends = admitted.until,
                            .failures = admitted.failures,
                            .banner_sha256 = banner_ ? std::optional(hex_encode(crypto::view(crypto::sha256(*banner_)))) : std::nullopt}};
  const auto appended = co_await context_.writer.append(std::move(draft));
  if (!appended) co_return forward(appended);
  if (auto seen = co_await context_.view.reached(appended->position, kSessionSeenWithin); !seen) {
    co_return fail(ErrorCode::outcome_unknown, "view-behind", "the session is made, and not judged yet: sign in again");
  }
  auto keys = access::session_standing(session.id, admitted.user);
  const std::size_t claims = keys.size();
  for (const auto& key : once) keys.push_back(ca::claim_key(key));
  const std::size_t behind_claims = keys.size();
  const auto shown = shown_by(admitted.user, once, request.voucher);
  for (const auto& key : shown) keys.push_back(key);
  const auto points = co_await context_.view.get(std::move(keys));
  if (!points) co_return forward(points);
  for (std::size_t i = claims; i < behind_claims; ++i) {
    const auto claim = ca::decode_claim(points->values[i]);
    if (!claim) co_return forward(claim);
    if (*claim && ((*claim)->first == appended->id || (*claim)->body == session.secret_sha256)) continue;  // or another replica made it
    (void)co_await end(session.id, admitted.user, "lost", request.cause);
    co_return fail(one_time_used());
  }
  const auto standing = std::span(points->values).first(claims);
  // Its person, a password or a rule was changed between the look and the event: the first in the log wins.
  if (!access::session_is_live(standing)) co_return failed();
  auto record = access::decode_session(*standing.front());
  if (!record) co_return forward(record);
  // What was shown may have been taken back before the event in the log: then nobody is given the session.
  bool shown_is_good = true;
  for (std::size_t i = 0; i < shown.size(); ++i) shown_is_good = shown_is_good && is_good(shown[i], points->values[behind_claims + i]);
  if (!shown_is_good) {
    (void)co_await end(session.id, admitted.user, "taken-back", request.cause);
    co_return failed();
  }
  // An id is for ever one session: whoever names that of another is shown nothing of it.
  if (record->secret_sha256 != session.secret_sha256 || record->user != admitted.user)
    co_return fail(ErrorCode::conflict, "session-exists", "there is a session with this id already; begin again with another one");
  counts_.succeeded.add();
  co_return SignedIn{*std::move(record), std::move(session.text), appended->position};
}

}  // namespace quicklime::identity
