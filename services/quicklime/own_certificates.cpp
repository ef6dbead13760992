#include "quicklime/own_certificates.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "base/encoding.hpp"
#include "base/logging.hpp"
#include "crypto/hash.hpp"
#include "crypto/random.hpp"

namespace quicklime::app {
namespace {

// The CA asking itself: any name, and the internal profiles.
ca::Requester the_ca() { return {events::Actor{"process", "quicklime"}, {"*"}, ca::NamePolicy::everything(), true}; }

ca::IssueRequest request_for(pki::Csr csr, const std::string& profile, Milliseconds lifetime, const Clock& clock) {
  const std::string body = hex_encode(crypto::view(crypto::sha256(csr.der())));
  return {.csr = std::move(csr),
          .profile = profile,
          .lifetime = lifetime,
          .method = "OWN",
          .route = profile,
          .body_sha256 = body,
          .request = RequestId("own-" + crypto::uuid_v7(clock.now()))};
}

// Named parameters instead of a capturing lambda: a coroutine's captures die with the lambda, its parameters do not.
async::Task<Result<std::vector<pki::Certificate>>> certify(ca::Issuer& issuer, const Clock& clock, std::string profile, pki::Csr csr,
                                                           Milliseconds lifetime) {
  auto issued = co_await issuer.issue(request_for(std::move(csr), profile, lifetime, clock), the_ca());
  if (!issued) co_return forward(issued);
  auto leaf = pki::Certificate::parse(issued->certificate);
  if (!leaf) co_return forward(leaf);
  std::vector<pki::Certificate> chain{std::move(*leaf)};
  chain.insert(chain.end(), issued->chain.begin(), issued->chain.end());
  co_return chain;
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

struct OwnCertificates::Kept {
  std::string name;
  std::atomic<std::int64_t> not_after{0};  // milliseconds
  std::unique_ptr<runtime::OwnCertificate> certificate{};
};

OwnCertificates::OwnCertificates(Embedded& embedded) : embedded_(embedded) {
  const auto& configuration = embedded.configuration();
  add({"tls", own_names(configuration.public_url), configuration.own_certificate_lifetime}, "tls-server",
      [this](const runtime::Certified& certified) { return use_for_tls(certified); });
  const AuthorityId issuer = embedded.issuer().authority().id;
  add({"ocsp-" + issuer.text(), {}, configuration.own_certificate_lifetime}, "ocsp-signing",
      [this, issuer](const runtime::Certified& certified) -> Result<void> {
        embedded_.responders().set(issuer, std::make_shared<const pki::OcspResponder>(
                                               certified.chain.front(), std::make_shared<const crypto::KeySigner>(certified.key)));
        return {};
      });
}

void OwnCertificates::add(runtime::OwnCertificate::Plan plan, std::string profile,
                          std::function<Result<void>(const runtime::Certified&)> use) {
  auto kept = std::make_shared<Kept>(plan.name);
  auto* const issuer = &embedded_.issuer();
  auto* const clock = &embedded_.clock();
  kept->certificate = std::make_unique<runtime::OwnCertificate>(
      embedded_.directory().own(), std::move(plan),
      [issuer, clock, profile = std::move(profile)](pki::Csr csr, Milliseconds lifetime) {
        return certify(*issuer, *clock, profile, std::move(csr), lifetime);
      },
      [kept = kept.get(), use = std::move(use)](const runtime::Certified& certified) {
        if (const auto used = use(certified); !used) {
          log::error("own certificate cannot be used", {{"certificate", kept->name}, {"error", used.error().detail}});
          return;
        }
        kept->not_after = certified.chain.front().not_after().milliseconds();
      },
      *clock);
  kept_.push_back(std::move(kept));
}

Result<void> OwnCertificates::use_for_tls(const runtime::Certified& certified) {
  const std::string chain = ca::pem(certified.chain);
  if (tls_) return tls_->replace(chain, certified.key);
  auto made = async::TlsServer::make(chain, certified.key);
  if (!made) return forward(made);
  tls_ = std::move(*made);
  return {};
}

Result<void> OwnCertificates::start() {
  for (const auto& kept : kept_) {
    if (auto started = async::run_to_end(kept->certificate->start()); !started) return started;
    if (kept->not_after == 0)
      return fail(ErrorCode::internal, "own-certificate-unusable", "the process's own certificate " + kept->name + " cannot be used");
  }
  return {};
}

std::vector<async::Task<void>> OwnCertificates::keep_fresh() {
  std::vector<async::Task<void>> tasks;
  for (const auto& kept : kept_) tasks.push_back(kept->certificate->keep_fresh());
  return tasks;
}

std::vector<runtime::Check> OwnCertificates::checks() const {
  std::vector<runtime::Check> checks;
  for (const auto& kept : kept_) {
    checks.push_back({"own certificate " + kept->name, [kept, clock = &embedded_.clock()]() -> Result<void> {
                        const auto not_after = Instant::from_milliseconds(kept->not_after);
                        if (clock->now() <= not_after) return {};
                        return fail(ErrorCode::unavailable, "own-certificate-expired", "expired on " + not_after.rfc3339_seconds());
                      }});
  }
  return checks;
}

}  // namespace quicklime::app
