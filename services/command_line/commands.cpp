#include "command_line/commands.hpp"

namespace quicklime::command_line {
namespace {

const char* const kIntroduction = R"(# The command line

This page is written by `quicklime reference`; a test compares the two.

A command talks to `--server URL` (or `$QUICKLIME_SERVER`); without one to the process that holds the data directory, over its
control socket; and when nothing holds it, it opens the directory itself and runs the same code. What the line says beats the environment:
`--data` leaves `$QUICKLIME_SERVER` aside, and both options in one line are refused. Whoever may open the data
directory or its control socket (its owner, and root) is administrator. Nothing ever asks a question at a terminal.

Every command takes:

| option | |
|---|---|
| `--data DIR` | the data directory; else `$QUICKLIME_DATA`, else `/var/lib/quicklime` for root, else `$XDG_DATA_HOME/quicklime` |
| `--server URL` | a server instead of a data directory; else `$QUICKLIME_SERVER` |
| `--roots FILE` | the root certificates that the server's must lead to, PEM; else `$QUICKLIME_ROOTS`, else the system's |
| `--token-file FILE` | the API token to show a server; else `$QUICKLIME_TOKEN`, else the session of `quicklime login`, kept in `$XDG_CONFIG_HOME/quicklime/session`, if it is that server's |
| `-o`, `--output text\|json` | for people, or for programs; errors are then problem documents on standard error |

Data goes to standard output, remarks to standard error.

| exit code | |
|---|---|
| 0 | done |
| 1 | an error |
| 2 | wrong use: an unknown option, a name that several certificates have |
| 3 | not found |
| 4 | denied |
| 5 | no server can be reached, or it cannot answer now |
| 6 | verification failed: expired, revoked, foreign, wrong chain, an altered log |
| 130 | interrupted |

For tests, two variables are read once at start: `QUICKLIME_TEST_HOOKS=1` opens the routes under `/test/` on the control socket
(pause the projections, stall the log), `QUICKLIME_CRASH_AT=<point>` ends the process at a crash point
([libs/base/crash_point.hpp](../libs/base/crash_point.hpp)).
)";

std::string cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, "\\");
  return text;
}

}  // namespace

std::vector<runtime::Command> commands() {
  std::vector<runtime::Command> all;
  for (auto group : {init_commands, login_commands, issue_commands, renew_commands, list_commands, event_commands, verify_commands,
                     revoke_commands, user_commands, session_commands, rule_commands, token_commands, authority_commands, ca_commands,
                     revocation_key_commands, log_commands, move_commands, views_commands, help_commands}) {
    for (auto& command : group()) all.push_back(std::move(command));
  }
  return all;
}

std::string commands_markdown(const std::vector<runtime::Command>& commands) {
  std::string text = kIntroduction;
  for (const auto& command : commands) {
    text += "\n## quicklime " + command.name + "\n\n" + command.purpose + ".\n\n```\n";
    for (const auto& example : command.examples) text += example + "\n";
    text += "```\n";
    if (command.options.empty()) continue;
    text += "\n| option | |\n|---|---|\n";
    for (const auto& option : command.options) {
      const bool positional = option.name.front() != '-';
      std::string shown = positional ? option.value : option.name + (option.value.empty() ? "" : " " + option.value);
      text += "| `" + cell(shown) + "` | " + cell(option.help) + (option.required ? "; required" : "") +
              (option.many ? "; any number" : "") + " |\n";
    }
  }
  return text;
}

}  // namespace quicklime::command_line
