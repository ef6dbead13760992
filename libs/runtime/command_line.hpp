#pragma once
// The command line frame: commands as data, parsed by CLI11; exit codes; output for people and for programs.

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace quicklime::runtime {

// 0 ok, 1 error, 2 usage, 3 not found, 4 denied, 5 server unreachable, 6 verification failed, 130 interrupted
enum class ExitCode : int {
  ok = 0,
  error = 1,
  usage = 2,
  not_found = 3,
  denied = 4,
  unreachable = 5,
  verification_failed = 6,
  interrupted = 130
};
ExitCode exit_code_of(const Error& error);

struct Option {
  std::string name;   // "--days", "-o,--output"; a name without dashes is positional
  std::string value;  // "N" in the help; empty: a flag
  std::string help;
  bool many = false;  // may be given more than once; a positional: any number
  bool required = false;
  std::string environment{};           // "QUICKLIME_DATA"
  std::vector<std::string> choices{};  // nothing else is accepted; empty: anything
};

// What was given on the command line, by the option's name: the long one, with its dashes.
class Arguments {
 public:
  // Of a name that the command has no option for: throws, so that a slip of ours is not an option never given.
  bool has(const std::string& name) const;
  std::string text(const std::string& name, const std::string& otherwise = "") const;
  std::vector<std::string> texts(const std::string& name) const;
  bool on_the_line(const std::string& name) const;         // given there, and not by the environment
  std::map<std::string, std::vector<std::string>> values;  // every option; empty: not given
  std::set<std::string> from_environment{};
};

struct Command {
  std::string name;                   // "token create": two words are a subcommand
  std::string purpose;                // one line
  std::vector<std::string> examples;  // shown first
  std::vector<Option> options;
  std::function<ExitCode(const Arguments&)> run;
};

// Parses and runs. Errors of use go to standard error with the nearest known command or option ("did you mean"), exit 2.
// What the line says beats the environment: --data leaves $QUICKLIME_SERVER aside, for each names a CA, and both in one line are refused.
// Every command gets --data, --server, --roots, --token-file and -o/--output (text, json) added, which may also stand before
// its name. Without a command, and with --help, -h or the word help: the help. --version is the command version.
int run_command_line(int argc, char** argv, const std::string& purpose, const std::vector<Command>& commands);

// "quicklime: the name api.internal is not granted ... " on standard error, and the exit code. With -o json the error
// goes to standard error as a problem document.
ExitCode report(const Error& error);

}  // namespace quicklime::runtime
