#pragma once
// Issuing a certificate, in the one order that is safe: check, sign in memory, append, wait for the verdict where
// something had to be first, answer. No certificate leaves before its event is durable.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "async/completion.hpp"
#include "async/pools.hpp"
#include "async/task.hpp"
#include "base/instant.hpp"
#include "base/result.hpp"
#include "ca/authority.hpp"
#include "ca/decisions.hpp"
#include "ca/name_policy.hpp"
#include "ca/profile.hpp"
#include "ca/revocation_secret.hpp"
#include "crypto/signer.hpp"
#include "eventlog/event_writer.hpp"
#include "pki/csr.hpp"
#include "views/view.hpp"

namespace quicklime::ca {

// Who asks, as far as issuing must know.
struct Requester {
  events::Actor actor;
  std::vector<std::string> profiles;  // allowed; "*": all that are not internal, which are allowed by their names alone
  NamePolicy names;
  bool is_the_ca = false;  // the process's own certificates: internal profiles allowed
  bool is_administrator = false;
  eventlog::PersistBy persist_by = eventlog::kWhenever;  // of what is known of them
};

struct IssueRequest {
  pki::Csr csr;
  std::string profile;
  std::optional<SerialNumber> serial{};  // random, chosen by who asks; else by issue()
  std::optional<Milliseconds> lifetime{};
  std::optional<std::string> service{};
  std::optional<std::string> node{};
  std::optional<SerialNumber> replaces{};
  std::optional<Instead> instead{};  // of the CSR's: what the certificate that it replaces has, or what was asked for beside it
  std::string proof = "csr";         // see events::CertificateIssued
  std::optional<std::string> vouched_by{};
  std::optional<SerialNumber> voucher{};
  std::optional<events::Actor> allowed_by{};  // the administrator who allowed it a longer life
  // What the role itself demands. Asked where the CA's rules are: a retry was answered before, whatever changed since.
  std::function<Result<void>()> rules{};
  std::optional<std::string> idempotency_key{};  // 1-255 printable characters; else "idempotency-key-malformed"
  std::string method;                            // with the key: what the command hash covers
  std::string route;
  std::string body_sha256;  // hex, of the request's body and query as sent
  eventlog::Cause cause;
};

struct Issued {
  std::string certificate;  // DER
  std::string chain;        // PEM: issuer first, root left out
  SerialNumber serial;
  std::vector<std::string> names;
  std::string profile;
  Instant not_before;
  Instant not_after;
  std::optional<SerialNumber> replaces;
  std::string renewal_challenge;
  Secret revocation_secret;
  Position position;   // of its event
  bool retry = false;  // the first answer of this command, given again
};

struct IssuePolicy {
  std::vector<Profile> profiles = default_profiles();
  NamePolicy names = NamePolicy::everything();  // the whole CA's, before any grant
  Milliseconds backdate = std::chrono::minutes(1);
  Milliseconds stale_limit = std::chrono::seconds(5);
  Milliseconds verdict_wait = std::chrono::seconds(2);  // then 503, and nothing false: ask again with the same key
  std::string public_url;
  bool renews = false;  // what this process issues replaces something: its sweep takes renewals, any other the rest
};

struct PreparedProfile;

// One per process and issuing authority. Any loop.
class Issuer {
 public:
  Issuer(Authority authority, std::vector<Authority> all, std::shared_ptr<const crypto::Signer> signer, RevocationKeys revocation_keys,
         IssuePolicy policy, eventlog::EventWriter& writer, eventlog::EventLog& log, views::View& view, const Clock& clock,
         async::Pools& pools);
  ~Issuer();

  // Errors beside those of check_against and NamePolicy: "profile-not-granted", "authority-revoked" (by the view; certificates
  // of this CA's own processes are issued all the same, but not renewed), "authority-expires" (the lifetime would
  // outlive the issuing CA), "clock-behind" (it has not begun yet), "key-blocked", "certificate-too-large", "idempotency-conflict" (422),
  // "view-stale", "outcome-unknown" and "view-behind" (503: ask again with the same Idempotency-Key).
  async::Task<Result<Issued>> issue(IssueRequest request, Requester requester);

  // One pass over the certificates that do not stand and are of its role (IssuePolicy::renews): revokes each by an ordinary
  // event, if the view is caught up and however old they are. Returns how many were revoked.
  async::Task<Result<std::size_t>> sweep();
  // For ever: a pass each second, its errors logged once.
  static async::Task<void> keep_swept(std::shared_ptr<Issuer> issuer);

  const Authority& authority() const;
  const IssuePolicy& policy() const;

 private:
  struct Implementation;
  // Before the first use of a profile by this process: that what it says stands in the log.
  static async::Task<Result<void>> define(std::shared_ptr<Implementation> self, std::shared_ptr<const PreparedProfile> prepared,
                                          eventlog::Cause cause, eventlog::PersistBy persist_by);
  static async::Task<Result<Issued>> first_answer(std::shared_ptr<Implementation> self, Claim first);
  std::shared_ptr<Implementation> implementation_;  // shared with requests under way
};

}  // namespace quicklime::ca
