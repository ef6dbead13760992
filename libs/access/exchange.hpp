#pragma once
// Whatever is shown instead of a token or a session (a password, an assertion, a client certificate) is exchanged for a session, by the
// role identity alone. Every other role asks it, here, and goes on as that session: how people sign in is known in one place.

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "access/identity.hpp"
#include "base/position.hpp"
#include "crypto/hash.hpp"
#include "crypto/random.hpp"

namespace quicklime::access {

struct Exchanged {
  Secret session;     // its text
  Position position;  // where it stands in the log
};

// A certificate of which no rule speaks is nobody here, and may prove something else all the same: that a renewal is its own.
bool is_nobody(const Result<Exchanged>& by_certificate);

// A request of CFSSL's clients, who know no tokens: they sign what they ask for with an auth key that is made of a token's id.
struct SignedRequest {
  TokenId token;          // as the request says
  std::string text;       // what is asked
  std::string mac;        // HMAC-SHA256 of it, 32 octets
  std::string address{};  // of the client
};

// Embedded a call, distributed a request to quicklime-identity. Any loop.
class Exchange {
 public:
  virtual ~Exchange() = default;
  // nullopt: nothing here that is exchanged. "sign-in-failed" (401), "sign-in-limited" (429), "sign-in-busy" (503), and what
  // POST /v1/sign-in says.
  virtual async::Task<std::optional<Result<Exchanged>>> exchange(const Credentials& credentials) = 0;
  // Whether somebody has shown the auth key that CFSSL's clients have of a token (docs/cfssl.md).
  virtual async::Task<Result<bool>> is_by_auth_key(const SignedRequest& request) = 0;
};

// The one of a process, for all its roles. A session is kept for five minutes beside a keyed hash of what was exchanged for it, so that a
// hundred requests with one password cost one look at the password and one event; whoever goes on by it asks his own view whether it is
// live. Handed out before there is whom to ask: without him nobody is exchanged. Any thread.
class Exchanges {
 public:
  void set(std::shared_ptr<Exchange> exchange);

  // nullopt: nothing here that is exchanged.
  std::optional<crypto::Sha256Digest> key_of(const Credentials& credentials) const;
  std::optional<Exchanged> kept(const crypto::Sha256Digest& key);
  void forget(const crypto::Sha256Digest& key);
  // And keeps it.
  async::Task<std::optional<Result<Exchanged>>> exchange(crypto::Sha256Digest key, const Credentials& credentials);
  // "auth-keys-elsewhere" (404) where nobody is to be asked.
  async::Task<Result<bool>> is_by_auth_key(const SignedRequest& request);

 private:
  std::shared_ptr<Exchange> whom_to_ask();
  struct Kept {
    Exchanged exchanged;
    std::chrono::steady_clock::time_point until;
  };
  const Secret key_ = crypto::random_secret(32);
  std::mutex mutex_;
  std::shared_ptr<Exchange> exchange_;
  std::map<crypto::Sha256Digest, Kept> kept_;
};

// For the routes of one role.
std::unique_ptr<Authenticator> exchange_authenticator(std::shared_ptr<Exchanges> exchanges, views::View& view,
                                                      std::unique_ptr<Authenticator> sessions);

}  // namespace quicklime::access
