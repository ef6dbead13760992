// login, logout, whoami: who asks, as a session that is kept for the commands that follow.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "access/session.hpp"
#include "command_line/bodies.hpp"
#include "command_line/client.hpp"
#include "command_line/commands.hpp"
#include "command_line/one_time_url.hpp"
#include "command_line/output.hpp"
#include "command_line/people.hpp"
#include "command_line/saved_session.hpp"
#include "command_line/secret_line.hpp"

namespace quicklime::command_line {
namespace {

using namespace std::chrono_literals;
using runtime::Arguments;
using runtime::ExitCode;

constexpr auto kPollEvery = 2s;
constexpr auto kApprovalWithin = 10min;

std::string url_of(const Arguments& arguments) {
  std::string url = arguments.text("--server");
  while (url.ends_with('/')) url.pop_back();
  return url;
}

// What a person compares: "3f2a-91cd".
std::string code_of(const access::NewSession& proposed) {
  return proposed.secret_sha256.substr(0, 4) + "-" + proposed.secret_sha256.substr(4, 4);
}

// Nobody knows it yet, or the server cannot say now.
bool is_worth_asking_again(const Error& error) {
  switch (error.code) {
    case ErrorCode::unauthenticated:
    case ErrorCode::unavailable:
    case ErrorCode::outcome_unknown:
    case ErrorCode::too_many: return true;
    default: return false;
  }
}

// The answer of GET /v1/me, once somebody has approved.
Result<std::string> wait_for_approval(Remote& remote) {
  const auto give_up = std::chrono::steady_clock::now() + kApprovalWithin;
  for (;;) {
    auto me = remote.get("/v1/me");
    if (me || !is_worth_asking_again(me.error())) return me;
    if (std::chrono::steady_clock::now() + kPollEvery >= give_up) {
      return fail(ErrorCode::unauthenticated, "sign-in-not-approved",
                  "nobody approved this sign-in within ten minutes: run quicklime login again for a new URL");
    }
    std::this_thread::sleep_for(std::max<std::chrono::seconds>(kPollEvery, std::chrono::seconds(me.error().retry_after_seconds)));
  }
}

// The command line makes the session up; it is one as soon as somebody who is signed in has approved it.
Result<std::string> approved(const Arguments& arguments, SavedSession& session) {
  auto proposed = access::make_session();
  auto remote = Remote::connect_to_server(arguments, "login", Secret::copy_of(proposed.text.reveal()));
  if (!remote) return forward(remote);
  std::fprintf(stderr,
               "Open this in any browser, sign in there, and approve if the page shows the code %s:\n\n  %s/ui/approve#%s.%s\n\n"
               "Waiting ...\n",
               code_of(proposed).c_str(), session.server.c_str(), proposed.id.text().c_str(), proposed.secret_sha256.c_str());
  session.text = std::move(proposed.text);
  return wait_for_approval(**remote);
}

Result<std::string> sign_in_body(const Arguments& arguments) {
  const bool by_password = arguments.has("--user") || arguments.has("--password-file");
  if (by_password && (!arguments.has("--user") || !arguments.has("--password-file"))) {
    return wrong_use(
        "--user NAME and --password-file FILE belong together; nothing is asked at a terminal. Without both, quicklime login shows a "
        "URL to approve it in a browser");
  }
  if (by_password + arguments.has("--assertion-file") + arguments.has("--one-time-file") + arguments.has("--url") > 1) {
    return wrong_use("one way of signing in at a time: --user with --password-file, --assertion-file, --one-time-file or --url");
  }
  Secret shown;
  for (const char* option : {"--password-file", "--assertion-file", "--one-time-file"}) {
    if (!arguments.has(option)) continue;
    auto line = read_secret_line(arguments.text(option));
    if (!line) return forward(line);
    shown = std::move(*line);
  }
  if (by_password) return sign_in_by_password(arguments.text("--user"), shown);
  if (arguments.has("--assertion-file")) return sign_in_by_assertion(shown);
  if (arguments.has("--one-time-file")) return sign_in_by_one_time(token_of_url(shown));
  return std::string();
}

// What is to be read before signing in.
Result<void> show_banner(const Arguments& arguments) {
  auto remote = Remote::connect_to_server(arguments, "login", Secret());
  if (!remote) return forward(remote);
  const auto ways = (*remote)->get("/v1/sign-in");
  if (!ways) return forward(ways);
  const auto banner = decode_banner(*ways);
  if (!banner) return forward(banner);
  if (!banner->empty()) std::fprintf(stderr, "%s\n", banner->c_str());
  return {};
}

void say_who(const std::string& user, const std::string& name, const std::string& role) {
  std::printf("%s%s%s%s, %s\n", user.c_str(), name.empty() ? "" : " (", name.c_str(), name.empty() ? "" : ")", or_dash(role).c_str());
}

ExitCode print_signed_in(const Arguments& arguments, const std::string& body, const SessionSummary& session) {
  if (std::getenv("QUICKLIME_TOKEN") != nullptr || arguments.has("--token-file")) {
    std::fprintf(stderr, "A token ($QUICKLIME_TOKEN, --token-file) goes before this session wherever it is given.\n");
  }
  if (as_json(arguments)) {
    std::printf("%s\n", session_alone(body).c_str());
    return ExitCode::ok;
  }
  std::printf("Signed in as ");
  say_who(session.user, session.name, session.role);
  std::fprintf(stderr, "Until %s; quicklime logout ends it. The commands that are given --server %s go by it.\n", session.not_after.c_str(),
               url_of(arguments).c_str());
  if (session.failures > 0) {
    std::fprintf(stderr, "Since your last sign-in %llu failed for this name.\n", static_cast<unsigned long long>(session.failures));
  }
  return ExitCode::ok;
}

// Without a person at a browser, and for the first one.
ExitCode print_one_time_url(const Arguments& arguments) {
  auto remote = Remote::connect_here(arguments, "login --url");
  if (!remote) return report(remote.error());
  const auto answer = (*remote)->post("/v1/tokens", first_sign_in());
  if (!answer) return report(answer.error());
  const auto token = decode_token_answer(*answer);
  if (!token) return report(token.error());
  if (as_json(arguments)) {
    std::printf("%s\n", encode_one_time({token->one_time_url, token->not_after}).c_str());
    return ExitCode::ok;
  }
  std::printf("%s\n", token->one_time_url.c_str());
  std::fprintf(stderr, "Who opens it first is administrator: once, until %s. It is shown only here.\n", token->not_after.c_str());
  return ExitCode::ok;
}

ExitCode run_login(const Arguments& arguments) {
  const auto body = sign_in_body(arguments);
  if (!body) return report(body.error());
  if (arguments.has("--url")) return print_one_time_url(arguments);
  if (const auto file = session_file(); !file) return report(file.error());
  if (auto shown = show_banner(arguments); !shown) return report(shown.error());

  SavedSession session{.server = url_of(arguments), .roots = {}, .user = {}, .text = Secret()};
  if (const auto roots = arguments.text("--roots"); !roots.empty()) session.roots = std::filesystem::absolute(roots).string();
  Result<std::string> answer = std::string();
  SessionSummary summary;
  if (body->empty()) {
    answer = approved(arguments, session);
    if (!answer) return report(answer.error());
    const auto me = decode_me(*answer);
    if (!me) return report(me.error());
    summary = me->session.value_or(SessionSummary{});
  } else {
    auto remote = Remote::connect_to_server(arguments, "login", Secret());
    if (!remote) return report(remote.error());
    answer = (*remote)->post("/v1/sign-in", *body);
    if (!answer) return report(answer.error());
    auto signed_in = decode_signed_in(*answer);
    if (!signed_in) return report(signed_in.error());
    summary = std::move(signed_in->session);
    session.text = Secret(std::move(signed_in->text));
  }
  session.user = summary.user;
  if (auto saved = save_session(session); !saved) return report(saved.error());
  return print_signed_in(arguments, *answer, summary);
}

// Forgotten here whatever the server says.
ExitCode run_logout(const Arguments& arguments) {
  auto session = load_session();
  if (auto forgotten = forget_session(); !forgotten) return report(forgotten.error());
  if (!session) return report(session.error());
  if (!*session) {
    std::printf("%s\n", as_json(arguments) ? "{}" : "Nobody was signed in.");
    return ExitCode::ok;
  }
  Arguments to_its_server = arguments;
  to_its_server.values["--server"] = {(*session)->server};
  if (!arguments.has("--roots") && !(*session)->roots.empty()) to_its_server.values["--roots"] = {(*session)->roots};
  auto remote = Remote::connect_to_server(to_its_server, "logout", std::move((*session)->text));
  auto ended = remote ? (*remote)->remove("/v1/sessions/current") : Result<std::string>(forward(remote));
  if (!ended && ended.error().code == ErrorCode::unauthenticated) ended = "{}";  // by itself, or by somebody else
  if (!ended) {
    Error error = std::move(ended.error());
    error.detail = "the session is forgotten here, but its server was not told, so that it goes on there: " + error.detail;
    return report(error);
  }
  std::printf("%s\n", as_json(arguments) ? ended->c_str() : ("Signed out: " + (*session)->user + " at " + (*session)->server).c_str());
  return ExitCode::ok;
}

ExitCode run_whoami(const Arguments& arguments) {
  auto remote = Remote::connect(arguments, "whoami");
  if (!remote) return report(remote.error());
  const auto answer = (*remote)->get("/v1/me");
  if (!answer) return report(answer.error());
  const auto me = decode_me(*answer);
  if (!me) return report(me.error());
  if (as_json(arguments)) {
    std::printf("%s\n", answer->c_str());
    return ExitCode::ok;
  }
  say_who(me->kind == "user" ? me->id : me->kind + ":" + me->id, me->name, me->role);
  std::printf("  profiles: %s\n  names:    %s\n", or_dash(joined(me->profiles, " ")).c_str(), or_dash(joined(me->names, " ")).c_str());
  if (me->session) {
    std::printf("  session:  %s, by %s, since %s, until %s\n", me->session->id.c_str(), me->session->method.c_str(),
                me->session->created.c_str(), me->session->not_after.c_str());
  }
  return ExitCode::ok;
}

}  // namespace

std::vector<runtime::Command> login_commands() {
  return {{.name = "login",
           .purpose = "Sign in to a server: by a URL that is approved in any browser, by a password, or by an assertion",
           .examples = {"quicklime login --server https://ca.internal:8443 --roots roots.pem",
                        "quicklime login --server https://ca.internal:8443 --user alice --password-file password.txt",
                        "quicklime login --server https://ca.internal:8443 --assertion-file token.jwt", "quicklime login --url"},
           .options =
               {{.name = "--user", .value = "NAME", .help = "with --password-file: alice of this CA, or acme:alice of the directory acme"},
                {.name = "--password-file", .value = "FILE", .help = "the password is its first line"},
                {.name = "--assertion-file",
                 .value = "FILE",
                 .help = "what an OpenID Connect provider, or the CI, signed for this program (a JWT)"},
                {.name = "--one-time-file", .value = "FILE", .help = "a one-time URL of an administrator; it can be used once"},
                {.name = "--url",
                 .value = "",
                 .help = "where the data directory is: print a one-time URL that makes whoever opens it administrator, for ten minutes"}},
           .run = run_login},
          {.name = "logout",
           .purpose = "End the session of login, at its server and here",
           .examples = {"quicklime logout"},
           .options = {},
           .run = run_logout},
          {.name = "whoami",
           .purpose = "Show who asks, and what he may do",
           .examples = {"quicklime whoami", "quicklime whoami --server https://ca.internal:8443 --roots roots.pem"},
           .options = {},
           .run = run_whoami}};
}

}  // namespace quicklime::command_line
