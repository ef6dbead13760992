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

// One request at its handler, which it outlives.
class Call {
 public:
  Call(const ServiceContext& context, const http::Request& request) : request(request), context_(context) {}

  const http::Request& request;
  std::optional<Position> at_least{};  // Quicklime-Min-Position; the view has reached it

  // Of an identified route, and of another one after identify().
  const access::Identity& who() const { return *who_; }
  bool is_known() const { return who_.has_value(); }
  // Who asks, in one of these roles; for the handler of a proof route whose request proves nothing. "unauthenticated",
  // "token-...", "role-denied".
  async::Task<Result<void>> identify(std::vector<access::Role> any_of);
  // Whom the proof of a proof route has shown.
  void proved_to_be(access::Identity who) { who_ = std::move(who); }

 private:
  const ServiceContext& context_;
  std::optional<access::Identity> who_{};
};

struct Route {
  http::Method method;
  std::string path;  // as http::Router takes it
  Access access;
  std::function<async::Task<Answer>(Call& call)> handler;
  Repeated repeated = Repeated::changes_nothing;
};

}  // namespace quicklime::api
