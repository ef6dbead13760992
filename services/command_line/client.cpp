#include "command_line/client.hpp"

#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "all_in_one/control.hpp"
#include "all_in_one/embedded.hpp"
#include "base/encoding.hpp"
#include "base/file.hpp"
#include "command_line/output.hpp"
#include "command_line/saved_session.hpp"
#include "crypto/random.hpp"
#include "http/client.hpp"
#include "http/problem.hpp"
#include "http/router.hpp"
#include "http/trace_context.hpp"
#include "runtime/process.hpp"
#include "runtime/progress.hpp"

namespace quicklime::command_line {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds kPatience = 5s;  // for another command that holds the data directory
constexpr Milliseconds kRetryWrites = 10s;
constexpr Milliseconds kSilence = 60s;  // of a server that sends and sends

constexpr const char* kTokenMissing =
    "the server does not know who asks: sign in with quicklime login, or show a token by --token-file FILE or $QUICKLIME_TOKEN. An "
    "administrator makes one, where the CA is: quicklime token create NAME --names PATTERN (to revoke, to hold or to make tokens: with "
    "--role administrator)";
constexpr const char* kSessionEnded = "the session of quicklime login has ended: quicklime login again";
constexpr const char* kRootsMissing =
    ". Without --roots FILE or $QUICKLIME_ROOTS only the authorities that this machine trusts are; the roots of a CA of its own are at its "
    "/ca/roots.pem, and `quicklime serve` prints their fingerprint to compare";

http::Request request(http::Method method, std::string target) {
  http::Request request;
  request.method = method;
  request.target = std::move(target);
  return request;
}

Secret trimmed(Secret text) {
  std::string_view view = text.reveal();
  while (!view.empty() && (view.back() == '\n' || view.back() == '\r' || view.back() == ' ')) view.remove_suffix(1);
  return Secret::copy_of(view);
}

// What is shown to a server, and what to do when it is not enough.
struct Credential {
  Secret text;
  std::string otherwise;
};

Result<Credential> shown_to(const std::string& server, const runtime::Arguments& arguments) {
  if (const auto file = arguments.text("--token-file"); !file.empty()) {
    auto text = read_secret_file(file);
    if (!text) return forward(text);
    return Credential{trimmed(std::move(*text)), {}};
  }
  const char* text = std::getenv("QUICKLIME_TOKEN");
  if (text != nullptr && *text != '\0') return Credential{Secret::copy_of(text), {}};
  auto session = load_session();
  if (!session) return forward(session);
  if (!*session || !is_of(**session, server)) return Credential{Secret(), kTokenMissing};
  return Credential{std::move((*session)->text), kSessionEnded};
}

// How a build system hands its trace to the commands that it runs.
std::string trace_of_environment() {
  const char* text = std::getenv("TRACEPARENT");
  return text == nullptr ? std::string() : http::read_traceparent(text);
}

// Ways 1 and 2.
class HttpRemote final : public Remote {
 public:
  HttpRemote(std::unique_ptr<http::Client> client, Credential shown, Way way, bool has_roots)
      : client_(std::move(client)), shown_(std::move(shown)), way_(way), has_roots_(has_roots) {}

  Result<http::Response> send(http::Request request) override {
    request.traceparent = trace_of_environment();
    show_who_asks(request);
    auto response = async::run_to_end(client_->send(std::move(request)));
    if (!response) return fail(explained(std::move(response.error())));
    return response;
  }
  Way way() const override { return way_; }

  Result<void> read_on(std::string target, const std::string& accept, const std::string& last_event, const Take& take) override {
    http::Request asked = request(http::Method::get, std::move(target));
    asked.headers.set("Accept", accept);
    if (!last_event.empty()) asked.headers.set("Last-Event-ID", last_event);
    show_who_asks(asked);
    auto read = async::run_to_end(pass_on(std::move(asked), take));
    if (!read) return fail(explained(std::move(read.error())));
    return read;
  }

 protected:
  std::string how_to_sign_in() const override { return shown_.otherwise; }

 private:
  void show_who_asks(http::Request& request) const {
    if (!shown_.text.empty()) request.headers.set("Authorization", "Bearer " + std::string(shown_.text.reveal()));
  }

  Error explained(Error error) const {
    if (error.reason == "server-tls" && !has_roots_) error.detail += kRootsMissing;
    return error;
  }

  async::Task<Result<void>> pass_on(http::Request asked, const Take& take) {
    auto response = co_await client_->open(std::move(asked), kSilence);
    if (!response) co_return forward(response);
    std::string problem;
    for (;;) {
      auto piece = co_await response->stream->next();
      if (!piece) co_return forward(piece);
      if (!*piece) break;
      if (response->status != 200) {
        problem += **piece;
      } else if (!take(**piece)) {
        co_return Result<void>();
      }
    }
    if (response->status == 200) co_return Result<void>();
    response->body = std::move(problem);
    co_return fail(problem_of(*response));
  }

  std::unique_ptr<http::Client> client_;
  Credential shown_;
  Way way_;
  bool has_roots_;
};

// Way 3: as the administrator that whoever can open the directory is.
class InProcessRemote final : public Remote {
 public:
  explicit InProcessRemote(std::unique_ptr<all_in_one::Embedded> embedded) : embedded_(std::move(embedded)) {
    for (const auto& site : embedded_->sites()) {
      auto guarded = site->guarded();
      router_.add(std::move(guarded.public_routes));
      router_.add(std::move(guarded.routes));
      router_.add(std::move(guarded.control_routes));
    }
    router_.add(all_in_one::control_routes(*embedded_));
  }

  Result<http::Response> send(http::Request request) override {
    request.peer = {.transport = async::Peer::Transport::unix_socket, .address = {}, .uid = ::geteuid()};
    request.id = RequestId("command-" + hex_encode(crypto::random_bytes(8)));
    request.traceparent = trace_of_environment();
    if (auto split = http::split_target(request); !split) return forward(split);
    return async::run_to_end(router_.dispatch(std::move(request)));
  }
  Way way() const override { return Way::in_process; }

  // Whoever follows would keep the directory, and nothing would happen in it.
  Result<void> read_on(std::string, const std::string&, const std::string&, const Take&) override {
    return fail(ErrorCode::unavailable, "server-unreachable",
                "no server runs here: start one with quicklime serve, or name one with --server");
  }

 private:
  std::unique_ptr<all_in_one::Embedded> embedded_;
  http::Router router_;
};

Result<std::unique_ptr<Remote>> over_tls(const std::string& url, const runtime::Arguments& arguments, Credential shown) {
  std::string roots;
  if (const auto file = arguments.text("--roots"); !file.empty()) {
    auto pem = read_file(file);
    if (!pem) return forward(pem);
    roots = std::move(*pem);
  }
  auto tls = async::TlsClient::make(roots);
  if (!tls) return forward(tls);
  if (!shown.text.empty() && !url.starts_with("https://")) {
    return wrong_use("a token is sent over TLS alone, where nobody else can read it: --server https://..., not " + url);
  }
  auto client = http::Client::make({.url = url, .tls = *tls});
  if (!client) return forward(client);
  return std::make_unique<HttpRemote>(std::move(*client), std::move(shown), Remote::Way::server, !roots.empty());
}

// nullptr: nobody serves there.
Result<std::unique_ptr<Remote>> over_control_socket(const installation::DataDirectory& directory) {
  std::error_code ignored;
  if (!std::filesystem::exists(directory.control_socket(), ignored)) return std::unique_ptr<Remote>();
  auto client = http::Client::make({.unix_socket = directory.control_socket().string()});
  if (!client) return forward(client);
  auto remote = std::make_unique<HttpRemote>(std::move(*client), Credential{}, Remote::Way::control_socket, false);
  const auto answer = remote->send(request(http::Method::get, "/v1/version"));
  if (!answer && answer.error().reason == "server-unreachable") return std::unique_ptr<Remote>();
  if (!answer) return forward(answer);
  return std::unique_ptr<Remote>(std::move(remote));
}

Result<std::unique_ptr<Remote>> in_process(const installation::DataDirectory& directory, const std::string& command) {
  runtime::harden();  // from here on this process holds the CA's keys
  runtime::Progress progress("folding views");
  auto embedded = all_in_one::Embedded::open({.directory = directory,
                                              .command = "quicklime " + command,
                                              .patience = Milliseconds(0),
                                              .progress = [&](std::uint64_t done, std::uint64_t all) { progress.show(done, all); }});
  progress.end();
  if (!embedded) return forward(embedded);
  return std::make_unique<InProcessRemote>(std::move(*embedded));
}

}  // namespace

Result<std::unique_ptr<Remote>> Remote::connect(const runtime::Arguments& arguments, const std::string& command) {
  if (const auto url = arguments.text("--server"); !url.empty()) {
    auto shown = shown_to(url, arguments);
    if (!shown) return forward(shown);
    return over_tls(url, arguments, std::move(*shown));
  }

  const auto directory = installation::find_data_directory(arguments.text("--data"));
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    auto serving = over_control_socket(directory);
    if (!serving || *serving) return serving;
    auto opened = in_process(directory, command);
    // Held by one that does not serve: a command that will soon be done, or a server that is about to listen.
    const bool held = !opened && opened.error().reason == "data-directory-held";
    if (!held || std::chrono::steady_clock::now() >= give_up) return opened;
    std::this_thread::sleep_for(50ms);
  }
}

Result<std::unique_ptr<Remote>> Remote::connect_here(const runtime::Arguments& arguments, const std::string& command) {
  if (auto here = require_here(arguments, command); !here) return forward(here);
  return connect(arguments, command);
}

Result<std::unique_ptr<Remote>> Remote::connect_to_server(const runtime::Arguments& arguments, const std::string& command, Secret shown) {
  const auto url = arguments.text("--server");
  if (url.empty()) {
    return wrong_use(
        "quicklime " + command +
        " is about a server: --server https://HOST:8443, or $QUICKLIME_SERVER. Where the data directory is, whoever may open it "
        "is administrator without signing in");
  }
  if (!url.starts_with("https://")) {
    return wrong_use("who signs in shows a secret, over TLS alone, where nobody else can read it: --server https://..., not " + url);
  }
  return over_tls(url, arguments, Credential{std::move(shown), {}});
}

Result<void> Remote::require_here(const runtime::Arguments& arguments, const std::string& command) {
  if (arguments.text("--server").empty()) return {};
  const std::string which = arguments.on_the_line("--server") ? "without --server" : "with --data DIR, or without $QUICKLIME_SERVER";
  return wrong_use("quicklime " + command + " reads the data directory: run it on the CA's machine, " + which);
}

Result<std::string> Remote::ask(http::Request request) {
  const bool again = request.headers.get("Idempotency-Key").has_value();
  const auto give_up = std::chrono::steady_clock::now() + kRetryWrites;
  for (;;) {
    auto response = send(request);
    if (!response) return forward(response);
    if (response->status / 100 == 2) return std::move(response->body);
    if (response->status != 503 || !again || std::chrono::steady_clock::now() >= give_up) {
      return fail(problem_of(*response));
    }
    std::this_thread::sleep_for(1s);
  }
}

Error Remote::problem_of(const http::Response& response) const {
  Error error = http::error_from(response);
  if (error.code == ErrorCode::unauthenticated && !how_to_sign_in().empty()) error.detail = how_to_sign_in();
  return error;
}

Result<std::string> Remote::get(std::string target) { return ask(request(http::Method::get, std::move(target))); }
Result<std::string> Remote::remove(std::string target) { return ask(request(http::Method::delete_, std::move(target))); }

Result<std::string> Remote::put(std::string target, std::string body) {
  http::Request write = request(http::Method::put, std::move(target));
  write.body = std::move(body);
  write.headers.set("Content-Type", "application/json");
  return ask(std::move(write));
}

Result<std::string> Remote::post(std::string target, std::string body, std::string idempotency_key, std::string content_type,
                                 std::string on_behalf_of) {
  http::Request write = request(http::Method::post, std::move(target));
  write.body = std::move(body);
  write.headers.set("Content-Type", std::move(content_type));
  if (!idempotency_key.empty()) write.headers.set("Idempotency-Key", std::move(idempotency_key));
  if (!on_behalf_of.empty()) write.headers.set("Quicklime-On-Behalf-Of", std::move(on_behalf_of));
  return ask(std::move(write));
}

std::string random_idempotency_key() { return hex_encode(crypto::random_bytes(16)); }

}  // namespace quicklime::command_line
