// views status, rebuild, dump: what is folded out of the log.

#include <cstdio>

#include "all_in_one/control.hpp"
#include "all_in_one/embedded.hpp"
#include "command_line/bodies.hpp"
#include "command_line/client.hpp"
#include "command_line/commands.hpp"
#include "command_line/output.hpp"
#include "runtime/progress.hpp"

namespace quicklime::command_line {
namespace {

using runtime::Arguments;
using runtime::ExitCode;

ExitCode run_status(const Arguments& arguments) {
  auto remote = Remote::connect_here(arguments, "views status");
  if (!remote) return report(remote.error());
  const auto body = (*remote)->get("/control/views");
  if (!body) return report(body.error());
  const auto views = all_in_one::decode_views(*body);
  if (!views) return report(views.error());
  if (arguments.text("--output") == "json") {
    std::printf("%s\n", body->c_str());
    return ExitCode::ok;
  }
  std::vector<std::vector<std::string>> rows{{"VIEW", "POSITION", "BEHIND", "STATE"}};
  for (const auto& view : *views) {
    rows.push_back({view.view, view.position.empty() ? "-" : view.position, std::to_string(view.behind) + " events",
                    view.stopped.empty() ? "folding" : "stopped: " + view.stopped});
  }
  std::printf("%s", table(rows).c_str());
  return ExitCode::ok;
}

Result<std::unique_ptr<all_in_one::Embedded>> open(const installation::DataDirectory& directory, const std::string& command) {
  runtime::Progress progress("folding views");
  auto opened = all_in_one::Embedded::open({.directory = directory,
                                            .command = "quicklime " + command,
                                            .progress = [&](std::uint64_t done, std::uint64_t all) { progress.show(done, all); }});
  progress.end();
  return opened;
}

Result<void> remove_views(const installation::DataDirectory& directory) {
  const auto lock = installation::DirectoryLock::take(directory, "quicklime views rebuild", std::chrono::seconds(5));
  if (!lock) return forward(lock);
  std::error_code error;
  std::filesystem::remove_all(directory.views(), error);
  if (error) return fail(ErrorCode::internal, "file-error", "cannot remove " + directory.views().string() + ": " + error.message());
  return {};
}

ExitCode run_rebuild(const Arguments& arguments) {
  const auto directory = installation::find_data_directory(arguments.text("--data"));
  if (auto removed = remove_views(directory); !removed) return report(removed.error());
  const auto embedded = open(directory, "views rebuild");
  if (!embedded) return report(embedded.error());
  std::vector<all_in_one::ViewStatus> views;
  for (const auto& status : (*embedded)->runner().status()) views.push_back({status.view, status.position.text(), 0, status.stopped});
  if (arguments.text("--output") == "json") {
    std::printf("%s\n", encode(views).c_str());
    return ExitCode::ok;
  }
  for (const auto& view : views) std::printf("%s: folded to %s\n", view.view.c_str(), view.position.c_str());
  return ExitCode::ok;
}

ExitCode run_dump(const Arguments& arguments) {
  const auto embedded = open(installation::find_data_directory(arguments.text("--data")), "views dump");
  if (!embedded) return report(embedded.error());
  (*embedded)->runner().stop();  // a store's writing side has one user
  std::vector<ViewDump> dumps;
  for (const auto& site : (*embedded)->sites()) {
    auto dump = site->store().dump();
    if (!dump) return report(dump.error());
    dumps.push_back({site->name(), site->definition().projection.version, *std::move(dump)});
  }
  if (arguments.text("--output") == "json") {
    std::printf("%s\n", encode(dumps).c_str());
    return ExitCode::ok;
  }
  for (const auto& one : dumps) std::printf("view %s version %u\n%s", one.view.c_str(), one.version, one.dump.c_str());
  return ExitCode::ok;
}

}  // namespace

std::vector<runtime::Command> views_commands() {
  return {{.name = "views status",
           .purpose = "Show how far each view has folded the log",
           .examples = {"quicklime views status"},
           .options = {},
           .run = run_status},
          {.name = "views rebuild",
           .purpose = "Remove the views and fold them again from the log; when nothing serves",
           .examples = {"quicklime views rebuild"},
           .options = {},
           .run = run_rebuild},
          {.name = "views dump",
           .purpose = "Write every view in its canonical form, to be compared; when nothing serves",
           .examples = {"quicklime views dump | sha256sum"},
           .options = {},
           .run = run_dump}};
}

}  // namespace quicklime::command_line
