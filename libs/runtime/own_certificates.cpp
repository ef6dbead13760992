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

// The CA asking itself: any name, and the internal profiles.
ca::Requester the_ca() { return {events::Actor{events::Actor::Kind::process, "quicklime"}, {"*"}, ca::NamePolicy::everything(), true}; }

ca::IssueRequest request_for(pki::Csr csr, const std::string& profile, Milliseconds lifetime, const Clock& clock) {
  const std::string body = hex_encode(crypto::view(crypto::sha256(csr.der())));
  return {.csr = std::move(csr),
          .profile = profile,
          .lifetime = lifetime,
          .method = "OWN",
          .route = profile,
          .body_sha256 = body,
          .cause = {RequestId("own-" + crypto::uuid_v7(clock.now()))}};
}

// Named parameters instead of a capturing lambda: a coroutine's captures die with the lambda, its parameters do not.
async::Task<Result<std::vector<pki::Certificate>>> certify(ca::Issuer& issuer, const Clock& clock, std::string profile, pki::Csr csr,
                                                           Milliseconds lifetime) {
  auto issued = co_await issuer.issue(request_for(std::move(csr), profile, lifetime, clock), the_ca());
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

OwnCertificate::Certify certified_here(ca::Issuer& issuer, const Clock& clock, std::string profile) {
  return [&issuer, &clock, profile = std::move(profile)](pki::Csr csr, Milliseconds lifetime) {
    return certify(issuer, clock, profile, std::move(csr), lifetime);
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

struct OwnCertificates::Running {
  std::string name;
  std::atomic<std::int64_t> not_after{0};    // milliseconds
  std::atomic<std::int64_t> life_begins{0};  // not notBefore, which is backdated
  std::unique_ptr<OwnCertificate> certificate{};
};

OwnCertificates::OwnCertificates(std::filesystem::path directory, Milliseconds lifetime, crypto::KeyKind key_kind,
                                 const ca::Authority& issuer, const Clock& clock, OwnCertificate::TakenBack taken_back)
    : directory_(std::move(directory)),
      lifetime_(lifetime),
      key_kind_(key_kind),
      authority_ends_(issuer.certificate.not_after()),
      clock_(clock),
      taken_back_(std::move(taken_back)) {}

void OwnCertificates::add_tls(const std::string& name, std::vector<pki::AlternativeName> names, OwnCertificate::Certify certify,
                              async::ClientCertificate client) {
  auto& tls = tls_[name];  // stays where it is
  add({name, std::move(names), lifetime_, key_kind_, authority_ends_}, std::move(certify),
      [&tls, client](const Certified& certified) -> Result<void> {
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

void OwnCertificates::add_responder(const AuthorityId& issuer, OwnCertificate::Certify certify, Responders& responders) {
  add({"ocsp-" + issuer.text(), {}, lifetime_, key_kind_, authority_ends_}, std::move(certify),
      [&responders, issuer](const Certified& certified) -> Result<void> {
        responders.set(issuer, std::make_shared<const pki::OcspResponder>(certified.chain.front(),
                                                                          std::make_shared<const crypto::KeySigner>(certified.key)));
        return {};
      });
}

void OwnCertificates::add(OwnCertificate::Plan plan, OwnCertificate::Certify certify, std::function<Result<void>(const Certified&)> use) {
  auto running = std::make_shared<Running>(plan.name);
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
  running_.push_back(std::move(running));
}

Result<void> OwnCertificates::start() {
  for (const auto& running : running_) {
    if (auto started = async::run_to_end(running->certificate->start()); !started) return started;
    if (running->not_after == 0)
      return fail(ErrorCode::internal, "own-certificate-unusable", "the process's own certificate " + running->name + " cannot be used");
  }
  return {};
}

std::vector<async::Task<void>> OwnCertificates::keep_fresh() {
  std::vector<async::Task<void>> tasks;
  for (const auto& running : running_) tasks.push_back(running->certificate->keep_fresh());
  return tasks;
}

std::vector<Check> OwnCertificates::checks() const {
  std::vector<Check> checks;
  for (const auto& running : running_) {
    checks.push_back({"own certificate " + running->name, [running, clock = &clock_]() -> Result<void> {
                        const auto not_after = Instant::from_milliseconds(running->not_after);
                        if (clock->now() <= not_after) return {};
                        return fail(ErrorCode::unavailable, "own-certificate-expired", "expired on " + not_after.rfc3339_seconds());
                      }});
  }
  return checks;
}

std::vector<Expiry> OwnCertificates::expiries() const {
  std::vector<Expiry> expiries;
  for (const auto& running : running_) {
    if (running->not_after == 0) continue;
    expiries.push_back({"own certificate " + running->name, Instant::from_milliseconds(running->life_begins),
                        Instant::from_milliseconds(running->not_after),
                        "it is renewed by itself, and the log of this process says why not"});
  }
  return expiries;
}

}  // namespace quicklime::runtime
