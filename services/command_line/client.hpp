#pragma once
// The command line's one way to a CA, wherever it is.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/message.hpp"
#include "installation/data_directory.hpp"
#include "runtime/command_line.hpp"

namespace quicklime::command_line {

// Three ways, in this order:
//  1. --server or $QUICKLIME_SERVER: over TLS, trusting --roots or $QUICKLIME_ROOTS (else the system's), with the token
//     of --token-file or $QUICKLIME_TOKEN, else with the session of `quicklime login`, if that is this server's;
//  2. the process that holds the data directory, over its control socket;
//  3. nobody holds it: the directory is opened in this process, and requests go to the same routes without a socket.
class Remote {
 public:
  enum class Way { server, control_socket, in_process };

  // Wrong use with --server: this command is about the data directory.
  static Result<void> require_here(const runtime::Arguments& arguments, const std::string& command);
  // Waits up to 5 s for a holder that is no server (another command), then names it.
  static Result<std::unique_ptr<Remote>> connect(const runtime::Arguments& arguments, const std::string& command);
  // Ways 2 and 3 alone, for what is answered where the directory is and nowhere else; wrong use with --server.
  static Result<std::unique_ptr<Remote>> connect_here(const runtime::Arguments& arguments, const std::string& command);
  // The server of --server, with what is shown to it and nothing else; empty: nothing. Wrong use without --server.
  static Result<std::unique_ptr<Remote>> connect_to_server(const runtime::Arguments& arguments, const std::string& command, Secret shown);
  virtual ~Remote() = default;

  // Any answer, whatever its status.
  virtual Result<http::Response> send(http::Request request) = 0;
  virtual Way way() const = 0;

  // The body of a 2xx answer, or the problem as an Error; "unauthenticated" from a server that was shown no token, or a session that has
  // ended, says how to sign in. A
  // 503 to a write with an idempotency key is asked again with the same key for up to 10 s: it says that nothing false happened, not that
  // nothing did.
  Result<std::string> get(std::string target);
  Result<std::string> post(std::string target, std::string body, std::string idempotency_key = "",
                           std::string content_type = "application/json", std::string on_behalf_of = "");
  Result<std::string> put(std::string target, std::string body);
  Result<std::string> remove(std::string target);

  // What a server sends for as long as it sends it, or until `take` says that it is enough (false). accept: a media type. last_event: see
  // docs/openapi.yaml; may be empty. "answer-cut" when it was not sent to its end, "server-unreachable" where no server runs.
  using Take = std::function<bool(std::string_view piece)>;
  virtual Result<void> read_on(std::string target, const std::string& accept, const std::string& last_event, const Take& take) = 0;

 protected:
  // The problem that an answer is.
  Error problem_of(const http::Response& response) const;
  // What to do when the server does not know who asks; empty: it has said so itself.
  virtual std::string how_to_sign_in() const { return {}; }

 private:
  Result<std::string> ask(http::Request request);
};

std::string random_idempotency_key();

}  // namespace quicklime::command_line
