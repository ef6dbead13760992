#pragma once
// All the certificates of one process's own: TLS, and an OCSP responder where there is one. Kept in one directory, renewed
// without a restart.

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "async/tls.hpp"
#include "base/secret.hpp"
#include "ca/authority.hpp"
#include "ca/issue.hpp"
#include "runtime/expiries.hpp"
#include "runtime/health.hpp"
#include "runtime/own_certificate.hpp"
#include "runtime/responders.hpp"

namespace quicklime::runtime {

// By this process's own issuer: in `quicklime serve` and in issuance. The issuer lives longer.
OwnCertificate::Certify certified_here(ca::Issuer& issuer, const Clock& clock, std::string profile);
// By issuance, over HTTPS: in every other daemon, whatever keys it holds (architecture section 8). Files are read each time, so that they
// can be replaced.
struct ByIssuance {
  std::string url;                   // where it listens for daemons
  std::filesystem::path roots_file;  // PEM: whom this process trusts there, and nobody else
  std::filesystem::path token_file;  // the bootstrap token
  std::filesystem::path own;         // <own>.key and <own>.crt: the certificate by which it asks as long as that is valid
  std::string profile;
};
OwnCertificate::Certify certified_by(ByIssuance by, const Clock& clock);

class OwnCertificates {
 public:
  // issuer: who certifies them, and whom none of them can outlive.
  OwnCertificates(std::filesystem::path directory, Milliseconds lifetime, crypto::KeyKind key_kind, const ca::Authority& issuer,
                  const Clock& clock, OwnCertificate::TakenBack taken_back);

  // Before start. A TLS server certificate with these names, kept as <name>.key and <name>.crt.
  void add_tls(const std::string& name, std::vector<pki::AlternativeName> names, OwnCertificate::Certify certify,
               async::ClientCertificate client);
  void add_responder(const AuthorityId& issuer, OwnCertificate::Certify certify, Responders& responders);

  // All of them valid and in use, or why not. Blocks; before the loops.
  Result<void> start();
  // Tasks that keep them fresh for ever, one per certificate, each to be run on one loop.
  std::vector<async::Task<void>> keep_fresh();
  // After start; null: there is none of this name.
  std::shared_ptr<async::TlsServer> tls(const std::string& name) const;
  // One per certificate: not expired.
  std::vector<Check> checks() const;
  // Of those in use.
  std::vector<Expiry> expiries() const;

 private:
  struct Running;
  void add(OwnCertificate::Plan plan, OwnCertificate::Certify certify, std::function<Result<void>(const Certified&)> use);

  std::filesystem::path directory_;
  Milliseconds lifetime_;
  crypto::KeyKind key_kind_;
  Instant authority_ends_;
  const Clock& clock_;
  OwnCertificate::TakenBack taken_back_;
  std::map<std::string, std::shared_ptr<async::TlsServer>> tls_;
  std::vector<std::shared_ptr<Running>> running_;
};

// Host of public_url, this machine's name, localhost, 127.0.0.1, ::1.
std::vector<pki::AlternativeName> own_names(const std::string& public_url);
// Of a daemon: its role as its peers know it (ca/role_uri.hpp), the same as host name, and localhost.
std::vector<pki::AlternativeName> daemon_names(const std::string& role);

}  // namespace quicklime::runtime
