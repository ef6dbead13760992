#pragma once
// The certificates of `quicklime serve` itself: TLS, and one OCSP responder for its issuing authority. Certified by the
// issuer in this process; kept under own/; renewed without a restart.

#include <memory>
#include <mutex>
#include <vector>

#include "async/tls.hpp"
#include "quicklime/embedded.hpp"
#include "runtime/health.hpp"
#include "runtime/own_certificate.hpp"

namespace quicklime::app {

class OwnCertificates {
 public:
  explicit OwnCertificates(Embedded& embedded);

  // All of them valid and in use, or why not. Blocks; before the loops.
  Result<void> start();
  // Tasks that keep them fresh for ever, one per certificate, each to be run on one loop.
  std::vector<async::Task<void>> keep_fresh();
  // After start.
  std::shared_ptr<async::TlsServer> tls() const { return tls_; }
  // One per certificate: not expired.
  std::vector<runtime::Check> checks() const;

 private:
  struct Kept;
  void add(runtime::OwnCertificate::Plan plan, std::string profile, std::function<Result<void>(const runtime::Certified&)> use);
  Result<void> use_for_tls(const runtime::Certified& certified);

  Embedded& embedded_;
  std::shared_ptr<async::TlsServer> tls_;
  std::vector<std::shared_ptr<Kept>> kept_;
};

// Host of public_url, this machine's name, localhost, 127.0.0.1, ::1.
std::vector<pki::AlternativeName> own_names(const std::string& public_url);

}  // namespace quicklime::app
