#pragma once
// A process's own certificate (TLS server, OCSP responder): makes its key, has it certified, keeps it while it is valid, and
// has a new one issued at 2/3 of its life without a restart. One mechanism for both.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "base/instant.hpp"
#include "base/result.hpp"
#include "crypto/key.hpp"
#include "pki/certificate.hpp"
#include "pki/csr.hpp"

namespace quicklime::runtime {

struct Certified {
  std::vector<pki::Certificate> chain;  // leaf first, root left out
  crypto::PrivateKey key;
};

// One loop at a time: start before the loops run, then keep_fresh on one of them.
class OwnCertificate {
 public:
  struct Plan {
    std::string name;                         // of its files: "tls", "ocsp-issuing-1"
    std::vector<pki::AlternativeName> names;  // empty for an OCSP responder, whose CSR has the CN `name` instead
    Milliseconds lifetime;
    crypto::KeyKind key_kind = crypto::KeyKind::p256;
    std::optional<Instant> authority_ends{};  // nothing can outlive it: near its end the lifetime asked for is shorter
  };
  // Certifies a CSR: by the ca::Issuer of this process (`quicklime serve`, issuance), else over HTTPS by issuance.
  using Certify = std::function<async::Task<Result<std::vector<pki::Certificate>>>(pki::Csr csr, Milliseconds lifetime)>;
  // Whether it was revoked since, or its key reported as compromised (certificate_standing.hpp). Asked every second.
  using TakenBack = std::function<async::Task<bool>(pki::Certificate certificate)>;
  // Called with each certificate that comes into use: the first and every later one.
  using InUse = std::function<void(const Certified&)>;

  // directory: where <name>.key (0600) and <name>.crt are kept over restarts; made (0700) when it is missing. A certificate
  // that cannot be kept there is used all the same.
  OwnCertificate(std::filesystem::path directory, Plan plan, Certify certify, InUse in_use, const Clock& clock, TakenBack taken_back = {});

  // The one kept, if it is valid, fits the plan's names, is of the key beside it and of its kind, is not past 2/3 of its life, does not
  // live longer than the plan says now and was not taken back; else a new one.
  async::Task<Result<void>> start();
  // After start, for ever: sleeps until 2/3 of life (earlier by a random part of up to a tenth), until a clock that was set back finds it
  // not yet valid, or until it is taken back, and renews with a fresh key. A failure is logged and tried again after a second, then
  // after twice as long each time, at most a thirtieth of life and at most a minute.
  async::Task<void> keep_fresh();

 private:
  std::optional<Certified> kept() const;
  async::Task<bool> taken_back(pki::Certificate certificate) const;
  async::Task<Result<void>> renew();
  void use(const Certified& certified);
  Milliseconds lifetime() const;
  Milliseconds life(const pki::Certificate& certificate) const;

  std::filesystem::path directory_;
  Plan plan_;
  Certify certify_;
  InUse in_use_;
  const Clock& clock_;
  TakenBack taken_back_;
  std::optional<pki::Certificate> leaf_{};  // in use
  std::optional<Instant> renew_at_{};
};

}  // namespace quicklime::runtime
