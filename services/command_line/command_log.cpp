// log tail, log verify: the log itself.

#include <charconv>
#include <cstdio>
#include <thread>

#include "all_in_one/control.hpp"
#include "command_line/client.hpp"
#include "command_line/commands.hpp"
#include "command_line/output.hpp"
#include "runtime/progress.hpp"

namespace quicklime::command_line {
namespace {

using runtime::Arguments;
using runtime::ExitCode;
using namespace std::chrono_literals;

constexpr auto kFollowEvery = 250ms;

void print(const all_in_one::LogEvent& event, bool json) {
  if (json) {
    std::printf("%s\n", event.bytes.c_str());
  } else {
    std::printf("%8llu  %s  %-24s %s  by %s\n", static_cast<unsigned long long>(event.offset), event.time.c_str(),
                event.schema.substr(0, event.schema.find('/')).c_str(), event.subject.c_str(), event.actor.c_str());
  }
}

ExitCode run_log_tail(const Arguments& arguments) {
  const std::string count = arguments.text("--number", "20");
  unsigned number = 0;
  const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), number);
  if (error != std::errc() || end != count.data() + count.size())
    return report(wrong_use("--number takes a number, not '" + count + "'").value());
  auto remote = Remote::connect_here(arguments, "log tail");
  if (!remote) return report(remote.error());
  std::string target = "/control/log?limit=" + std::to_string(number);
  for (;;) {
    const auto body = (*remote)->get(target);
    if (!body) return report(body.error());
    const auto page = all_in_one::decode_log_page(*body);
    if (!page) return report(page.error());
    for (const auto& event : page->events) print(event, arguments.text("--output") == "json");
    if (std::fflush(stdout) != 0) return ExitCode::ok;  // whoever read it has gone
    if (!arguments.has("--follow")) return ExitCode::ok;
    const std::uint64_t next = page->events.empty() ? page->end : page->events.back().offset + 1;
    target = "/control/log?limit=500&from=" + std::to_string(next);
    if (next != page->end) continue;
    remote->reset();  // where nothing serves, this command holds the directory's lock: others may want it
    std::this_thread::sleep_for(kFollowEvery);
    remote = Remote::connect_here(arguments, "log tail");
    if (!remote) return report(remote.error());
  }
}

ExitCode run_log_verify(const Arguments& arguments) {
  auto remote = Remote::connect_here(arguments, "log verify");
  if (!remote) return report(remote.error());
  auto body = (*remote)->post("/control/log/verification", "");
  runtime::Progress progress("verifying");
  for (;;) {
    if (!body) return report(body.error());
    const auto status = all_in_one::decode_verification(*body);
    if (!status) return report(status.error());
    if (!status->running) {
      progress.end();
      if (!status->failure.empty()) return report({ErrorCode::verification_failed, "log-altered", status->failure});
      if (arguments.text("--output") == "json") {
        std::printf("%s\n", body->c_str());
      } else {
        std::printf("The log holds: %llu events, chain %s\nViews folded from it: %s\n", static_cast<unsigned long long>(status->checked),
                    status->chain.c_str(), joined(status->views, " ").c_str());
      }
      return ExitCode::ok;
    }
    progress.show(status->checked, status->end);
    std::this_thread::sleep_for(20ms);
    body = (*remote)->get("/control/log/verification");
  }
}

}  // namespace

std::vector<runtime::Command> log_commands() {
  return {{.name = "log tail",
           .purpose = "Show the last events of the log; with -o json as they were written, one a line",
           .examples = {"quicklime log tail", "quicklime log tail -n 100 --follow", "quicklime log tail -o json"},
           .options = {{.name = "-n,--number", .value = "N", .help = "how many (default: 20)"},
                       {.name = "--follow", .value = "", .help = "go on with what is appended"}},
           .run = run_log_tail},
          {.name = "log verify",
           .purpose = "Recompute the hash chain over every event, and compare every view with it; exit 6 when it does not hold",
           .examples = {"quicklime log verify"},
           .options = {},
           .run = run_log_verify}};
}

}  // namespace quicklime::command_line
