// session list, end: who is signed in.

#include <cstdio>

#include "command_line/client.hpp"
#include "command_line/commands.hpp"
#include "command_line/output.hpp"
#include "command_line/people.hpp"

namespace quicklime::command_line {
namespace {

using runtime::Arguments;
using runtime::ExitCode;

std::string state_of(const SessionSummary& session) {
  if (session.current) return "this one";
  return session.ended.empty() ? session.status : session.status + " " + session.ended;
}

ExitCode run_session_list(const Arguments& arguments) {
  auto remote = Remote::connect(arguments, "session list");
  if (!remote) return report(remote.error());
  const auto whose = arguments.text("--user");
  const auto id = whose.find(':') == std::string::npos ? "local:" + whose : whose;
  const auto answer = (*remote)->get("/v1/sessions" + (whose.empty() ? "" : "?user=" + http::percent_encode(id)));
  if (!answer) return report(answer.error());
  const auto sessions = decode_sessions(*answer);
  if (!sessions) return report(sessions.error());
  if (arguments.text("--output") == "json") {
    std::printf("%s\n", answer->c_str());
    return ExitCode::ok;
  }
  std::vector<std::vector<std::string>> rows{{"SESSION", "USER", "ROLE", "BY", "SINCE", "UNTIL", "STATE"}};
  for (const auto& session : *sessions) {
    rows.push_back({session.id, session.user, session.role, session.method, session.created, session.not_after, state_of(session)});
  }
  std::printf("%s", sessions->empty() ? "Nobody is signed in.\n" : table(rows).c_str());
  return ExitCode::ok;
}

ExitCode run_session_end(const Arguments& arguments) {
  auto remote = Remote::connect(arguments, "session end");
  if (!remote) return report(remote.error());
  const auto answer = (*remote)->remove("/v1/sessions/" + http::percent_encode(arguments.text("SESSION")));
  if (!answer) return report(answer.error());
  const auto session = decode_session(*answer);
  if (!session) return report(session.error());
  if (arguments.text("--output") == "json") {
    std::printf("%s\n", answer->c_str());
  } else {
    std::printf("Ended: session %s of %s\n", session->id.c_str(), session->user.c_str());
  }
  return ExitCode::ok;
}

}  // namespace

std::vector<runtime::Command> session_commands() {
  return {{.name = "session list",
           .purpose = "List the sessions: one's own, or for administrators and auditors everybody's",
           .examples = {"quicklime session list", "quicklime session list --user alice"},
           .options = {{.name = "--user", .value = "USER", .help = "of one user: alice, acme:alice"}},
           .run = run_session_list},
          {.name = "session end",
           .purpose = "End a session: one's own, or for administrators anybody's",
           .examples = {"quicklime session end 5f0c2a9e41b7d3c8"},
           .options = {{.name = "SESSION", .value = "ID", .help = "as session list shows it; current: this one", .required = true}},
           .run = run_session_end}};
}

}  // namespace quicklime::command_line
