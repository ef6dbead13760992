// version, reference: about the program itself.

#include <cstdio>

#include "all_in_one/roles.hpp"
#include "command_line/bodies.hpp"
#include "command_line/client.hpp"
#include "command_line/commands.hpp"
#include "command_line/output.hpp"
#include "runtime/process.hpp"

namespace quicklime::command_line {
namespace {

using runtime::Arguments;
using runtime::ExitCode;

ExitCode run_version(const Arguments& arguments) {
  std::string version = runtime::version();
  if (arguments.has("--running")) {
    // Only what serves: opening the directory here would answer for nobody else.
    const auto directory = installation::find_data_directory(arguments.text("--data"));
    if (arguments.text("--server").empty() && !installation::lock_holder(directory)) {
      return report({ErrorCode::unavailable, "server-unreachable", "nothing serves " + directory.root.string()});
    }
    auto remote = Remote::connect(arguments, "version");
    if (!remote) return report(remote.error());
    const auto body = (*remote)->get("/v1/version");
    if (!body) return report(body.error());
    const auto running = decode_version(*body);
    if (!running) return report(running.error());
    version = *running;
  }
  std::printf("%s\n", arguments.text("--output") == "json" ? encode_version(version).c_str() : ("quicklime " + version).c_str());
  return ExitCode::ok;
}

ExitCode run_reference(const Arguments& arguments) {
  const std::string what = arguments.text("WHAT");
  const bool json = arguments.text("--output") == "json";
  if (what == "services") {
    const auto all = all_in_one::roles();
    std::printf("%s", json ? all_in_one::encode_services(all).c_str() : all_in_one::services_text(all).c_str());
    return ExitCode::ok;
  }
  if (!what.empty())
    return report({ErrorCode::invalid, "usage", "there is no reference of '" + what + "': say services, or nothing for the command line"});
  std::printf("%s", json ? (commands_json(commands()) + "\n").c_str() : commands_markdown(commands()).c_str());
  return ExitCode::ok;
}

}  // namespace

std::vector<runtime::Command> help_commands() {
  return {
      {.name = "version",
       .purpose = "Show the version of this program, or of what is running",
       .examples = {"quicklime version", "quicklime version --running"},
       .options = {{.name = "--running", .value = "", .help = "of the process that serves; exit 5 when none does"}},
       .run = run_version},
      {.name = "reference",
       .purpose = "Write the reference of the command line (docs/command-line.md), or what scripts need of the services",
       .examples = {"quicklime reference > docs/command-line.md", "quicklime reference services -o json"},
       .options =
           {{.name = "WHAT",
             .value = "services",
             .help =
                 "a line for each service of the distributed shape: its name, its view, the keys of the CA that it holds (or -), token or "
                 "listener (how it comes by its certificate). As JSON also programs, Redis users, peers, and what a gateway must know"}},
       .run = run_reference}};
}

}  // namespace quicklime::command_line
