#pragma once
// All the certificates of one process's own: TLS, and an OCSP responder where there is one. Kept in one directory, renewed
// without a restart.

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "async/tls.hpp"
#include "base/secret.hpp"
#include "ca/authorities.hpp"
#include "ca/issue.hpp"
#include "runtime/expiries.hpp"
#include "runtime/health.hpp"
#include "runtime/own_certificate.hpp"
#include "runtime/responders.hpp"

namespace quicklime::runtime {

// By this process's own issuer: in `quicklime serve` and in issuance. The issuer lives longer.
// authority: by which one; none: the newest that may issue.
OwnCertificate::Certify certified_here(ca::Issuer& issuer, const Clock& clock, std::string profile,
                                       std::optional<AuthorityId> authority = {});
// By issuance, over HTTPS: in every other daemon, whatever keys it holds (architecture section 8). Files are read each time, so that they
// can be replaced.
struct ByIssuance {
  std::string url;                   // where it listens for daemons
  std::filesystem::path roots_file;  // PEM: whom this process trusts there, and nobody else
  std::filesystem::path token_file;  // the bootstrap token
  std::filesystem::path own;         // <own>.key and <own>.crt: the certificate by which it asks as long as that is valid
  std::string profile;
  std::optional<AuthorityId> authority{};  // by which one; none: the newest that may issue
};
OwnCertificate::Certify certified_by(ByIssuance by, const Clock& clock);

class OwnCertificates {
 public:
  // authorities: who certifies them, and whom none of them can outlive; live longer.
  OwnCertificates(std::filesystem::path directory, Milliseconds lifetime, crypto::KeyKind key_kind, const ca::Authorities& authorities,
                  const Clock& clock, OwnCertificate::TakenBack taken_back);

  // Before start. A TLS server certificate with these names, kept as <name>.key and <name>.crt.
  void add_tls(const std::string& name, std::vector<pki::AlternativeName> names, OwnCertificate::Certify certify,
               async::ClientCertificate client);
  // Before start. An OCSP responder for each authority that issues, retired or not, until it ends: those of today, and each that is added
  // later. Its certificate is the authority's own (RFC 6960 section 4.2.2.2). is_here: whether one can be had; empty: always.
  void add_responders(std::function<bool(const AuthorityId&)> is_here,
                      std::function<OwnCertificate::Certify(const AuthorityId& issuer)> certify, Responders& responders);

  // All of them valid and in use, or why not; of the responders at least one, where there is to be any: the others are tried again later.
  // Blocks; before the loops.
  Result<void> start();
  // Spawns what keeps them fresh for ever, and what makes the responders of authorities to come. Each task on one loop.
  using Spawn = std::function<void(async::Task<void>)>;
  void keep_fresh(Spawn spawn);
  // After start; null: there is none of this name.
  std::shared_ptr<async::TlsServer> tls(const std::string& name) const;
  // One per certificate: not expired. Nobody waits for the responder of a retired authority.
  std::vector<Check> checks() const;
  // Of those in use.
  std::vector<Expiry> expiries() const;

 private:
  struct Running;
  using AllRunning = std::vector<std::shared_ptr<Running>>;
  std::shared_ptr<Running> add(OwnCertificate::Plan plan, OwnCertificate::Certify certify,
                               std::function<Result<void>(const Certified&)> use, std::optional<AuthorityId> responder_of = {});
  AllRunning running() const;
  // Those that are to be and are not yet.
  AllRunning add_missing_responders();
  static async::Task<void> begin(std::shared_ptr<Running> running);
  static async::Task<void> keep_responders(OwnCertificates* self, Spawn spawn);

  std::filesystem::path directory_;
  Milliseconds lifetime_;
  crypto::KeyKind key_kind_;
  const ca::Authorities& authorities_;
  const Clock& clock_;
  OwnCertificate::TakenBack taken_back_;
  std::map<std::string, std::shared_ptr<async::TlsServer>> tls_;
  std::function<bool(const AuthorityId&)> is_here_;
  std::function<OwnCertificate::Certify(const AuthorityId&)> certify_responder_;
  Responders* responders_ = nullptr;
  mutable std::mutex mutex_;
  AllRunning running_;
};

// Host of public_url, this machine's name, localhost, 127.0.0.1, ::1.
std::vector<pki::AlternativeName> own_names(const std::string& public_url);
// Of a daemon: its role as its peers know it (ca/role_uri.hpp), the same as host name, and localhost.
std::vector<pki::AlternativeName> daemon_names(const std::string& role);
// Of these those that the newest issuing authority may certify: all, unless its certificate says otherwise (nameConstraints).
std::vector<pki::AlternativeName> names_within(std::vector<pki::AlternativeName> names, const std::vector<ca::Authority>& authorities,
                                               Instant now);

}  // namespace quicklime::runtime
