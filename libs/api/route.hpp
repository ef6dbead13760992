#pragma once
// The routes of a role as data: what is served where, who may ask, and what a repeated request does. One guard
// (api/guard.hpp) stands before every handler.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "access/identity.hpp"
#include "async/task.hpp"
#include "base/position.hpp"
#include "eventlog/event_writer.hpp"
#include "http/message.hpp"

namespace quicklime::api {

struct ServiceContext;

using Answer = Result<http::Response>;

// Who may call a route.
struct Access {
  enum class Kind : std::uint8_t {
    anyone,     // nobody is asked who he is
    proof,      // the request may prove its right by itself (a signature, a secret, a client certificate), which its handler checks
    identified  // somebody whom access::Access knows, in one of these roles
  } kind = Kind::anyone;
  std::vector<access::Role> roles{};  // of identified

  static Access anyone() { return {Kind::anyone}; }
  static Access proof() { return {Kind::proof}; }
  static Access identified(std::vector<access::Role> roles) { return {Kind::identified, std::move(roles)}; }
};

// What a second request like the first does, with the same Idempotency-Key or without.
enum class Repeated : std::uint8_t {
  changes_nothing,  // a question, or what cannot happen twice: the header may be there
  by_its_key,       // the handler recognises it by the key, and answers the first answer
  happens_again     // the key is refused: nobody is to believe that it helps
};

class IdentityLimit;

// One request at its handler, which it outlives.
class Call {
 public:
  Call(const ServiceContext& context, const http::Request& request, IdentityLimit* limit = nullptr)
      : request(request), context_(context), limit_(limit) {}

  const http::Request& request;
  std::optional<Position> at_least{};  // Quicklime-Min-Position; the view has reached it
  std::string address{};               // of the client, behind a gateway too; "": the control socket

  // What the request shows of who asks.
  access::Credentials credentials() const;
  // Of an identified route, and of another one after identify() or proved_to_be().
  const access::Identity& who() const { return *who_; }
  bool is_known() const { return who_.has_value(); }
  // Who asks, in one of these roles; for the handler of a proof route whose request proves nothing. "unauthenticated",
  // "token-...", "role-denied"; "identity-limited" (429), and what proved_to_be says of Quicklime-On-Behalf-Of.
  async::Task<Result<void>> identify(std::vector<access::Role> any_of);
  // Whom the proof of a proof route has shown, before anything is done for him. "on-behalf-of-denied" (403): who proves, asks for himself;
  // "on-behalf-of-malformed" (400); "identity-limited" (429).
  Result<void> proved_to_be(access::Identity who);

  // What every event of this request says of it: its id, its trace, and for whom who() asks.
  eventlog::Cause cause() const { return {request.id, on_behalf_of_, request.traceparent}; }
  // Whom a refusal is recorded of: who(), or whose credential was refused (access::Recognised); nullopt: a stranger.
  const std::optional<events::Actor>& somebody() const { return somebody_; }

 private:
  Result<void> accept();
  Result<void> read_on_behalf_of();

  const ServiceContext& context_;
  IdentityLimit* limit_;
  std::optional<access::Identity> who_{};
  std::optional<events::Actor> somebody_{};
  std::optional<std::string> on_behalf_of_{};
  bool counted_ = false;
};

struct Route {
  http::Method method;
  std::string path;  // as http::Router takes it
  Access access;
  std::function<async::Task<Answer>(Call& call)> handler;
  Repeated repeated = Repeated::changes_nothing;
  bool needs_view = true;  // else it is answered before the role's view is there
};

}  // namespace quicklime::api
