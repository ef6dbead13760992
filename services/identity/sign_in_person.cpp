#include <algorithm>

#include "base/encoding.hpp"
#include "ca/live_certificate.hpp"
#include "crypto/hash.hpp"
#include "identity/sign_in.hpp"
#include "identity/sign_in_refusals.hpp"
#include "pki/certificate.hpp"
#include "runtime/shared_settings.hpp"

// People and programs whom somebody else shows (a provider's assertion, a certificate, a directory), and what the rules give them.
namespace quicklime::identity {
namespace {

constexpr Milliseconds kCertificateSession = std::chrono::minutes(15);

}  // namespace

async::Task<Result<SignedIn>> SignIn::by_assertion(std::string assertion, Request request) {
  const auto issuer = claimed_issuer(assertion);
  const auto found = std::find_if(providers_.begin(), providers_.end(),
                                  [&](const auto& provider) { return issuer && provider.second->issuer() == *issuer; });
  if (found == providers_.end()) {
    co_return fail(ErrorCode::unauthenticated, "assertion-refused",
                   issuer ? "no [oidc.NAME] of this CA has the issuer of this assertion" : "this is no signed token (a JWT) of a provider");
  }
  const std::string hash = hex_encode(crypto::view(crypto::sha256(assertion)));
  auto person = co_await found->second->verify(std::move(assertion));
  if (!person) co_return forward(person);
  const auto version = co_await provider_version(context_.view, found->first);
  if (!version) co_return forward(version);
  // Derived, so that every replica makes the same one of it; of other rules another, so that a change of them leaves no good assertion with
  // a dead session.
  const UserId user(person->provider + ":" + person->subject);
  const auto known = co_await read_user(context_.view, user);
  if (!known) co_return forward(known);
  const std::string judged_by = hash + " " + std::to_string(*version) + " " + std::to_string(known->standing.version);
  const auto digest = crypto::hmac_sha256(access_key_, "assertion " + judged_by);
  const Secret seed = Secret::copy_of(crypto::view(digest));
  access::NewSession session = access::make_session_from(seed);
  const auto there = co_await context_.view.get(access::session_standing(session.id, user));
  if (!there) co_return forward(there);
  if (access::session_is_live(there->values)) {
    auto record = access::decode_session(*there->values.front());
    if (!record) co_return forward(record);
    co_return SignedIn{*std::move(record), std::move(session.text), there->meta.anchor.position};
  }
  if (there->values.front()) {
    co_return fail(ErrorCode::unauthenticated, "session-ended", "the session of this assertion was ended; sign in with a new one");
  }
  std::vector<std::string> once(1, "assertion:" + hex_encode(crypto::view(crypto::sha256(judged_by))));
  co_return co_await admit_person_as(*std::move(person), "assertion", std::move(session), std::move(once), std::move(request));
}

async::Task<Result<SignedIn>> SignIn::by_certificate(std::string certificate, std::optional<pki::Certificate> voucher, Request request) {
  const auto known = co_await read_rules(context_.view);
  if (!known) co_return forward(known);
  const auto speaks = [](const RuleRecord& rule) { return rule.provider == access::kCertificateProvider; };
  if (std::none_of(known->rules.begin(), known->rules.end(), speaks))
    co_return fail(ErrorCode::denied, "no-rule-matches",
                   "there is no rule for client certificates (PUT /v1/rules/{id}, provider certificate)");
  const auto parsed = pki::Certificate::parse(certificate);
  if (!parsed) co_return failed();
  constexpr std::string_view kClientAuthentication = "1.3.6.1.5.5.7.3.2";  // RFC 5280 section 4.2.1.12
  const auto& usages = parsed->extended_key_usages();
  if (std::find(usages.begin(), usages.end(), kClientAuthentication) == usages.end())
    co_return fail(ErrorCode::unauthenticated, "client-certificate-refused",
                   "the certificate is not for clients (clientAuth); use the profile tls-client");
  const Milliseconds limit = context_.configuration.of<runtime::SharedSettings>().write_stale_limit;
  const auto standing = co_await ca::standing_of(context_.view, *parsed, context_.clock.now(), limit);
  if (!standing) co_return forward(standing);
  if (*standing != ca::Standing::live) {
    co_return fail(ErrorCode::unauthenticated, "client-certificate-refused",
                   "the client certificate is revoked, on hold, expired, none of this CA's or of a revoked authority");
  }
  if (voucher) {
    const auto vouches = co_await ca::is_live(context_.view, *voucher, context_.clock.now(), limit);
    if (!vouches) co_return forward(vouches);
    if (!*vouches)
      co_return fail(ErrorCode::unauthenticated, "client-certificate-refused",
                     "the peer that vouches for the client certificate is revoked, on hold or expired itself");
    request.voucher = voucher->serial();
  }
  Person person{.provider = std::string(access::kCertificateProvider),
                .subject = parsed->serial().hex(),
                .name = parsed->subject().text(),
                .claims = {{"serial", {parsed->serial().hex()}}},
                .until = std::min(context_.clock.now() + kCertificateSession, parsed->not_after())};
  for (const auto& name : parsed->alternative_names()) person.claims["name"].push_back(name.text());
  co_return co_await admit_person(std::move(person), "certificate", std::move(request));
}

async::Task<Result<SignedIn>> SignIn::admit_person(Person person, std::string method, Request request) {
  std::vector<std::string> nothing_once;
  access::NewSession session = access::make_session();
  co_return co_await admit_person_as(std::move(person), std::move(method), std::move(session), std::move(nothing_once), std::move(request));
}

async::Task<Result<SignedIn>> SignIn::admit_person_as(Person person, std::string method, access::NewSession session,
                                                      std::vector<std::string> once, Request request) {
  if (!is_presentable(person.subject)) {
    co_return fail(ErrorCode::denied, "person-unpresentable",
                   "what " + person.provider + " calls this person is not 1 to 256 bytes of printable text, or shows a secret");
  }
  if (!is_presentable(person.name)) person.name = person.subject;
  const auto known = co_await read_rules(context_.view);
  if (!known) co_return forward(known);
  const auto version = co_await provider_version(context_.view, person.provider);
  if (!version) co_return forward(version);
  auto granted = judge(rules_of(known->rules), person);
  if (!granted) {
    granted.error().code = ErrorCode::denied;
    co_return forward(granted);
  }
  const UserId user(person.provider + ":" + person.subject);
  const auto standing = co_await read_user(context_.view, user);
  if (!standing) co_return forward(standing);
  if (!standing->standing.enabled) co_return failed();
  const Instant latest = context_.clock.now() + settings_.session;
  Admitted admitted{.user = user,
                    .name = person.name,
                    .method = std::move(method),
                    .role = std::string(access::name(granted->role)),
                    .profiles = std::move(granted->profiles),
                    .names = std::move(granted->names),
                    .user_version = standing->standing.version,
                    .provider_version = *version,
                    .until = std::min(latest, person.until.value_or(latest)),
                    .once = std::move(once)};
  events::Actor by = request.voucher ? events::Actor{events::Actor::Kind::certificate, request.voucher->hex()} : by_itself();
  co_return co_await admit(std::move(admitted), std::move(session), std::move(request), std::move(by));
}

}  // namespace quicklime::identity
