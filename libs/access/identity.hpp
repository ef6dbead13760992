#pragma once
// Who is asking, and what they may do.

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/role.hpp"
#include "base/instant.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "ca/name_policy.hpp"
#include "events/event.hpp"
#include "pki/certificate.hpp"
#include "views/view.hpp"

namespace quicklime::access {

struct Identity {
  events::Actor actor;  // "control"/<user name>, "token"/<token id>
  std::string name;     // for people
  Role role;
  std::vector<std::string> profiles;  // a requester's grant; {"*"}: all
  ca::NamePolicy names;
  eventlog::PersistBy persist_by = eventlog::kWhenever;  // of the view that knew them: what they ask for is written until then
};

// What a request shows of itself.
struct Credentials {
  std::optional<uid_t> control_socket_uid{};        // peer of the control socket, or the process itself on its own directory
  std::optional<Secret> bearer{};                   // Authorization: Bearer, or the session of a browser's cookie
  std::optional<std::string> client_certificate{};  // DER; possession proved, to this process or to `voucher`
  std::optional<pki::Certificate> voucher{};        // of the peer that says so; exchanged, it is asked for, too
  struct Password {
    std::string user;
    Secret password;
  };
  std::optional<Password> password{};  // Authorization: Basic
  bool cross_site = false;             // another site may have caused this change: what the browser sends by itself counts for nothing
  std::string address{};               // of the client, for the limits on guessing; "": the control socket
};

// Whom a credential shows.
struct Recognised {
  Result<Identity> identity;
  // Of a refusal: who it is beyond doubt all the same. A token of ours that has ended or is not taken here, whose secret was shown; a
  // certificate of ours that has ended or was taken back. Refusals of somebody are recorded, those of strangers never.
  std::optional<events::Actor> somebody{};
};

// One way to be somebody. The first authenticator that recognises its kind of credential decides.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // nullopt: not my kind. An error: my kind, and refused.
  virtual async::Task<std::optional<Recognised>> recognise(const Credentials& credentials) = 0;
};

// Root, and the owner of the data directory: to everybody else nothing at all is answered on the control socket,
// "control-socket-denied". peer: none when the system does not say.
Result<void> may_use_control_socket(std::optional<uid_t> peer, uid_t owner);
// Those who may are administrator.
std::unique_ptr<Authenticator> control_socket_authenticator(uid_t owner);
// What a view older than its limit may still say of tokens. It knows neither the newest of them nor the newest
// revocations: nothing it says is ground for a write ("view-stale"), but a list that is as old as itself may be shown to
// a token that it knows. Such a role's writes must ask for freshness themselves.
enum class StaleTokens : std::uint8_t { refused, known_ones_accepted };
// Whose tokens are taken: of the role process on the listener for daemons that have no certificate yet, where nobody else's are
// (architecture section 8); of everybody else everywhere else.
enum class TokensOf : std::uint8_t { everybody_else, processes };
// API tokens from the role's own view. "token-unknown", "token-expired", "token-revoked" (all 401, alike in time);
// "token-not-here" (403, TokensOf).
std::unique_ptr<Authenticator> token_authenticator(views::View& view, const Clock& clock, Milliseconds stale_limit,
                                                   StaleTokens stale_tokens = StaleTokens::refused,
                                                   TokensOf tokens_of = TokensOf::everybody_else);
// Sessions from the role's own view, as tokens are. "session-unknown", "session-expired", "session-ended" (401).
std::unique_ptr<Authenticator> session_authenticator(views::View& view, const Clock& clock, Milliseconds stale_limit,
                                                     StaleTokens stale_tokens = StaleTokens::refused);
// A process by the certificate that it has (ca/role_uri.hpp), over a view that issues by: it may have the same again, and ocsp
// its responder's. "peer-revoked" (401) when that is not good any more.
std::unique_ptr<Authenticator> peer_authenticator(views::View& view, const Clock& clock, Milliseconds stale_limit);

// In order; "unauthenticated" (401, saying how to ask with a token) when nobody recognises anything.
class Access {
 public:
  explicit Access(std::vector<std::unique_ptr<Authenticator>> authenticators);
  async::Task<Recognised> recognise(const Credentials& credentials) const;
  async::Task<Result<Identity>> identify(const Credentials& credentials) const;

 private:
  std::vector<std::unique_ptr<Authenticator>> authenticators_;
};

// What the listener for daemons knows: their tokens and their own certificates, and nobody else.
std::unique_ptr<Access> access_of_processes(views::View& view, const Clock& clock, Milliseconds stale_limit);

// Who has shown the key or the revocation secret of a certificate: nothing but its holder.
Identity holder(events::Actor actor);

// Who may say for whom he asks (Quicklime-On-Behalf-Of): a front end is a requester, whose grant bounds what it may ask for whomever, or an
// administrator. Nobody else's token, and no proof by itself.
bool speaks_for_others(const Identity& identity);

// "role-denied" (403), naming the role that is needed.
Result<void> require(const Identity& identity, const std::vector<Role>& any_of);

}  // namespace quicklime::access
