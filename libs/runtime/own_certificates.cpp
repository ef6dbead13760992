#include "runtime/own_certificates.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/logging.hpp"
#include "ca/authority.hpp"
#include "ca/role_uri.hpp"
#include "crypto/hash.hpp"
#include "crypto/random.hpp"
#include "http/client.hpp"
#include "http/problem.hpp"
#include "http/trace_context.hpp"
#include "pki/pem.hpp"

namespace quicklime::runtime {
namespace {

constexpr Milliseconds kLookForAuthorities{1'000};

// The CA asking itself: any name, and the internal profiles.
ca::Requester the_ca() { return {events::Actor{events::Actor::Kind::process, "quicklime"}, {"*"}, ca::NamePolicy::everything(), true}; }

ca::IssueRequest request_for(pki::Csr csr, const std::string& profile, std::optional<AuthorityId> authority, Milliseconds lifetime,
                             const Clock& clock) {
  const std::string body = hex_encode(crypto::view(crypto::sha256(csr.der())));
  return {.csr = std::move(csr),
          .profile = profile,
          .authority = std::move(authority),
          .lifetime = lifetime,
          .method = "OWN",
          .route = profile,
          .body_sha256 = body,
          .cause = {RequestId("own-" + crypto::uuid_v7(clock.now()))}};
}

// Named parameters instead of a capturing lambda: a coroutine's captures die with the lambda, its parameters do not.
async::Task<Result<std::vector<pki::Certificate>>> certify(ca::Issuer& issuer, const Clock& clock, std::string profile,
                                                           std::optional<AuthorityId> authority, pki::Csr csr, Milliseconds lifetime) {
  auto issued = co_await issuer.issue(request_for(std::move(csr), profile, std::move(authority), lifetime, clock), the_ca());
  if (!issued) co_return forward(issued);
  co_return pki::certificates_in(pki::pem_encode("CERTIFICATE", issued->certificate) + issued->chain);
}

// What this process has, while it is valid.
std::optional<Certified> in_hand(const std::filesystem::path& own, Instant now) {
  const auto pem = read_secret_file(own.string() + ".key");
  const auto chain_text = read_file(own.string() + ".crt");
  if (!pem || !chain_text) return std::nullopt;
  auto key = crypto::PrivateKey::from_pem(*pem);
  auto chain = pki::certificates_in(*chain_text);
  if (!key || !chain || chain->empty() || chain->front().not_before() > now || chain->front().not_after() <= now) return std::nullopt;
  return Certified{*std::move(chain), *std::move(key)};
}

// What issuance answers to the own certificate's CSR: the chain in PEM, or a problem. By `shown`, else by the token.
async::Task<Result<std::vector<pki::Certificate>>> ask_issuance(ByIssuance by, const Clock& clock, pki::Csr csr, Milliseconds lifetime,
                                                                std::optional<Certified> shown) {
  const auto roots = read_file(by.roots_file);
  if (!roots) co_return forward(roots);
  if (roots->empty()) co_return fail(ErrorCode::invalid, "tls-certificate-invalid", by.roots_file.string() + " holds no certificate");
  auto tls = async::TlsClient::make(*roots);
  if (!tls) co_return forward(tls);
  http::Request request;
  request.id = RequestId("own-" + crypto::uuid_v7(clock.now()));
  request.traceparent = http::new_traceparent();
  log::info("asking issuance for a certificate",
            {{"profile", by.profile}, {"request", request.id.text()}, {"traceparent", request.traceparent}});
  request.method = http::Method::post;
  request.target = "/v1/certificates?profile=" + by.profile + "&lifetime=" + duration_text(lifetime);
  if (by.authority) request.target += "&authority=" + by.authority->text();
  request.headers.set("Content-Type", "application/pkcs10");
  request.headers.set("Accept", "application/pem-certificate-chain");
  if (shown) {
    if (auto presented = (*tls)->present(ca::pem(shown->chain), shown->key); !presented) co_return forward(presented);
  } else {
    const auto token = read_secret_file(by.token_file);
    if (!token) co_return forward(token);
    const std::string_view text = token->reveal();
    request.headers.set("Authorization", "Bearer " + std::string(text.substr(0, text.find_first_of("\r\n"))));
  }
  auto client = http::Client::make({.url = by.url, .unix_socket = {}, .tls = *tls});
  if (!client) co_return forward(client);
  request.body = csr.der();
  const auto response = co_await (*client)->send(std::move(request));
  if (!response) co_return forward(response);
  if (response->status != 201) co_return fail(http::error_from(*response));
  co_return pki::certificates_in(response->body);
}

// A token is long-lived and lies in a file: it is used when there is nothing better, or what there is was refused.
async::Task<Result<std::vector<pki::Certificate>>> certified_by_issuance(ByIssuance by, const Clock& clock, pki::Csr csr,
                                                                         Milliseconds lifetime) {
  if (auto shown = in_hand(by.own, clock.now())) {
    auto certified = co_await ask_issuance(by, clock, csr, lifetime, std::move(shown));
    const bool refused =
        !certified && (certified.error().code == ErrorCode::denied || certified.error().code == ErrorCode::unauthenticated);
    if (!refused) co_return certified;
    log::warning("issuance refuses the certificate of this process; asking by its bootstrap token", {{"error", certified.error().detail}});
  }
  co_return co_await ask_issuance(std::move(by), clock, std::move(csr), lifetime, std::nullopt);
}

std::string host_of(const std::string& url) {
  auto start = url.find("://");
  start = start == std::string::npos ? 0 : start + 3;
  const auto end = url.find_first_of("/?#", start);
  std::string host = url.substr(start, end == std::string::npos ? end : end - start);
  if (!host.empty() && host.front() == '[') return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

}  // namespace

std::vector<pki::AlternativeName> own_names(const std::string& public_url) {
  char machine[256] = {};
  ::gethostname(machine, sizeof machine - 1);
  std::vector<pki::AlternativeName> names;
  for (const std::string& candidate :
       {host_of(public_url), std::string(machine), std::string("localhost"), std::string("127.0.0.1"), std::string("::1")}) {
    // A machine's name need not be a DNS name ("my_box"): then it is left out, it is nobody's request.
    const auto name = pki::AlternativeName::guess(candidate);
    if (name && std::find(names.begin(), names.end(), *name) == names.end()) names.push_back(*name);
  }
  return names;
}

OwnCertificate::Certify certified_here(ca::Issuer& issuer, const Clock& clock, std::string profile, std::optional<AuthorityId> authority) {
  return [&issuer, &clock, profile = std::move(profile), authority = std::move(authority)](pki::Csr csr, Milliseconds lifetime) {
    return certify(issuer, clock, profile, authority, std::move(csr), lifetime);
  };
}

OwnCertificate::Certify certified_by(ByIssuance by, const Clock& clock) {
  return [by = std::move(by), &clock](pki::Csr csr, Milliseconds lifetime) {
    return certified_by_issuance(by, clock, std::move(csr), lifetime);
  };
}

std::vector<pki::AlternativeName> daemon_names(const std::string& role) {
  std::vector<pki::AlternativeName> names;
  if (auto uri = ca::role_uri(role)) names.push_back(*std::move(uri));
  for (const std::string& name : {role, std::string("localhost"), std::string("127.0.0.1")}) {
    if (auto parsed = pki::AlternativeName::guess(name)) names.push_back(std::move(*parsed));
  }
  return names;
}

std::vector<pki::AlternativeName> names_within(std::vector<pki::AlternativeName> names, const std::vector<ca::Authority>& authorities,
                                               Instant now) {
  const auto* issuer = ca::newest_issuing(authorities, now);
  if (issuer != nullptr)
    std::erase_if(names, [&](const auto& name) { return !ca::require_within_constraints(issuer->id, authorities, name); });
  return names;
}

struct OwnCertificates::Running {
  std::string name;
  std::optional<AuthorityId> responder_of{};
  std::atomic<std::int64_t> not_after{0};    // milliseconds
  std::atomic<std::int64_t> life_begins{0};  // not notBefore, which is backdated
  std::unique_ptr<OwnCertificate> certificate{};
};

OwnCertificates::OwnCertificates(std::filesystem::path directory, Milliseconds lifetime, crypto::KeyKind key_kind,
                                 const ca::Authorities& authorities, const Clock& clock, OwnCertificate::TakenBack taken_back)
    : directory_(std::move(directory)),
      lifetime_(lifetime),
      key_kind_(key_kind),
      authorities_(authorities),
      clock_(clock),
      taken_back_(std::move(taken_back)) {}

void OwnCertificates::add_tls(const std::string& name, std::vector<pki::AlternativeName> names, OwnCertificate::Certify certify,
                              async::ClientCertificate client) {
  auto& tls = tls_[name];  // stays where it is
  const auto ends = [this]() -> std::optional<Instant> {
    const auto all = authorities_.now();
    const auto* newest = ca::newest_issuing(*all, clock_.now());
    return newest ? std::optional(newest->certificate.not_after()) : std::nullopt;
  };
  add({name, std::move(names), lifetime_, key_kind_, ends}, std::move(certify), [&tls, client](const Certified& certified) -> Result<void> {
    const std::string chain = ca::pem(certified.chain);
    if (tls) return tls->replace(chain, certified.key);
    auto made = async::TlsServer::make(chain, certified.key, client);
    if (!made) return forward(made);
    tls = std::move(*made);
    return {};
  });
}

std::shared_ptr<async::TlsServer> OwnCertificates::tls(const std::string& name) const {
  const auto found = tls_.find(name);
  return found == tls_.end() ? nullptr : found->second;
}

void OwnCertificates::add_responders(std::function<bool(const AuthorityId&)> is_here,
                                     std::function<OwnCertificate::Certify(const AuthorityId& issuer)> certify, Responders& responders) {
  is_here_ = std::move(is_here);
  certify_responder_ = std::move(certify);
  responders_ = &responders;
}

OwnCertificates::AllRunning OwnCertificates::add_missing_responders() {
  AllRunning added;
  if (responders_ == nullptr) return added;
  const auto all = authorities_.now();
  const auto known = running();
  for (const auto& authority : *all) {
    const Instant ends = authority.certificate.not_after();
    if (!authority.parent || ends <= clock_.now() || (is_here_ && !is_here_(authority.id))) continue;
    if (std::any_of(known.begin(), known.end(), [&](const auto& one) { return one->responder_of == authority.id; })) continue;
    auto made = add(
        {"ocsp-" + authority.id.text(), {}, lifetime_, key_kind_, [ends] { return std::optional(ends); }}, certify_responder_(authority.id),
        [responders = responders_, issuer = authority.id](const Certified& certified) -> Result<void> {
          responders->set(issuer, std::make_shared<const pki::OcspResponder>(certified.chain.front(),
                                                                             std::make_shared<const crypto::KeySigner>(certified.key)));
          return {};
        },
        authority.id);
    added.push_back(std::move(made));
  }
  return added;
}

std::shared_ptr<OwnCertificates::Running> OwnCertificates::add(OwnCertificate::Plan plan, OwnCertificate::Certify certify,
                                                               std::function<Result<void>(const Certified&)> use,
                                                               std::optional<AuthorityId> responder_of) {
  auto running = std::make_shared<Running>(plan.name, std::move(responder_of));
  running->certificate = std::make_unique<OwnCertificate>(
      directory_, std::move(plan), std::move(certify),
      [running = running.get(), use = std::move(use), lifetime = lifetime_](const Certified& certified) {
        if (const auto used = use(certified); !used) {
          log::error("own certificate cannot be used", {{"certificate", running->name}, {"error", used.error().detail}});
          return;
        }
        const auto& leaf = certified.chain.front();
        running->life_begins = std::max(leaf.not_before(), leaf.not_after() - lifetime).milliseconds();
        running->not_after = leaf.not_after().milliseconds();
      },
      clock_, taken_back_);
  const std::lock_guard lock(mutex_);
  running_.push_back(running);
  return running;
}

OwnCertificates::AllRunning OwnCertificates::running() const {
  const std::lock_guard lock(mutex_);
  return running_;
}

Result<void> OwnCertificates::start() {
  for (const auto& one : running()) {
    if (one->responder_of) continue;
    if (auto started = async::run_to_end(one->certificate->start()); !started) return started;
    if (one->not_after == 0)
      return fail(ErrorCode::internal, "own-certificate-unusable", "the process's own certificate " + one->name + " cannot be used");
  }
  (void)add_missing_responders();
  Result<void> outcome;
  bool any = false;
  for (const auto& one : running()) {
    if (!one->responder_of) continue;
    auto started = async::run_to_end(one->certificate->start());
    any = any || one->not_after != 0;
    if (started) continue;
    log::warning("no responder yet for an authority", {{"authority", one->responder_of->text()}, {"error", started.error().detail}});
    outcome = std::move(started);
  }
  return any ? Result<void>() : outcome;
}

async::Task<void> OwnCertificates::begin(std::shared_ptr<Running> running) {
  (void)co_await running->certificate->start();  // what has failed is tried again there, and logged
  co_await running->certificate->keep_fresh();
}

async::Task<void> OwnCertificates::keep_responders(OwnCertificates* self, Spawn spawn) {
  for (;;) {
    co_await async::sleep_for(kLookForAuthorities);
    for (auto& added : self->add_missing_responders()) spawn(begin(std::move(added)));
  }
}

void OwnCertificates::keep_fresh(Spawn spawn) {
  for (const auto& one : running()) spawn(one->certificate->keep_fresh());
  if (responders_ != nullptr) spawn(keep_responders(this, spawn));
}

std::vector<Check> OwnCertificates::checks() const {
  std::vector<Check> checks;
  const auto all = authorities_.now();
  for (const auto& one : running()) {
    const auto* authority = one->responder_of ? ca::find_authority(*one->responder_of, *all) : nullptr;
    if (authority != nullptr && (authority->retired || one->not_after == 0)) continue;
    checks.push_back({"own certificate " + one->name, [one, clock = &clock_]() -> Result<void> {
                        const auto not_after = Instant::from_milliseconds(one->not_after);
                        if (clock->now() <= not_after) return {};
                        return fail(ErrorCode::unavailable, "own-certificate-expired", "expired on " + not_after.rfc3339_seconds());
                      }});
  }
  return checks;
}

std::vector<Expiry> OwnCertificates::expiries() const {
  std::vector<Expiry> expiries;
  for (const auto& one : running()) {
    if (one->not_after == 0) continue;
    expiries.push_back({"own certificate " + one->name, Instant::from_milliseconds(one->life_begins),
                        Instant::from_milliseconds(one->not_after), "it is renewed by itself, and the log of this process says why not"});
  }
  return expiries;
}

}  // namespace quicklime::runtime
