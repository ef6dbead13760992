#pragma once
// The command line of quicklime: one table, from which parsing, help and docs/command-line.md come.

#include <string>
#include <vector>

#include "runtime/command_line.hpp"

namespace quicklime::command_line {

inline constexpr const char* kPurpose = "quicklime: a private certificate authority whose database is a log";

// Every command, in the order of the help. Each group stands in its own command_<group>.cpp.
std::vector<runtime::Command> commands();

std::vector<runtime::Command> init_commands();  // up, init, serve
std::vector<runtime::Command> issue_commands();
std::vector<runtime::Command> renew_commands();
std::vector<runtime::Command> revoke_commands();  // revoke, hold, release
std::vector<runtime::Command> list_commands();    // list, show
std::vector<runtime::Command> event_commands();
std::vector<runtime::Command> verify_commands();
std::vector<runtime::Command> login_commands();  // login, logout, whoami
std::vector<runtime::Command> user_commands();
std::vector<runtime::Command> session_commands();
std::vector<runtime::Command> rule_commands();
std::vector<runtime::Command> token_commands();
std::vector<runtime::Command> authority_commands();       // ca list, show, add, retire, compromise, bundle
std::vector<runtime::Command> ca_commands();              // ca sign-crl, revoke
std::vector<runtime::Command> revocation_key_commands();  // ca rotate-revocation-key
std::vector<runtime::Command> log_commands();
std::vector<runtime::Command> move_commands();  // log seal, export, import
std::vector<runtime::Command> views_commands();
std::vector<runtime::Command> help_commands();  // version, reference

// docs/command-line.md.
std::string commands_markdown(const std::vector<runtime::Command>& commands);
// The same for programs: {"commands": [{"name", "purpose", "examples", "options": [{"name", "value", "help", ...}]}]}.
std::string commands_json(const std::vector<runtime::Command>& commands);

}  // namespace quicklime::command_line
