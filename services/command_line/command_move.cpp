// log seal, export, import: a CA that moves, between one machine and Kafka. log backup, restore: one whose log may be lost.

#include <cstdio>

#include "base/encoding.hpp"
#include "command_line/commands.hpp"
#include "command_line/log_place.hpp"
#include "command_line/output.hpp"
#include "installation/data_directory.hpp"
#include "runtime/progress.hpp"

namespace quicklime::command_line {
namespace {

using runtime::Arguments;
using runtime::ExitCode;
using runtime::Option;

installation::LogPlace place_of(const Arguments& arguments) {
  return log_place(installation::find_data_directory(arguments.text("--data")),
                   arguments.text("--log") == "kafka" ? LogIn::kafka : LogIn::file);
}

ExitCode run_seal(const Arguments& arguments) {
  const bool undo = arguments.has("--undo");
  const auto sealed = undo ? installation::unseal_log(place_of(arguments)) : installation::seal_log(place_of(arguments));
  if (!sealed) return report(sealed.error());
  if (as_json(arguments)) {
    std::printf("{\"%s\":\"%s\"}\n", undo ? "opened" : "sealed", sealed->text().c_str());
  } else if (undo) {
    std::printf("Open again since %s. Remove every export of it: imported elsewhere, it would go on twice\n", sealed->text().c_str());
  } else {
    std::printf("Sealed at %s: nothing is written here any more. Next: quicklime log export FILE\n", sealed->text().c_str());
  }
  return ExitCode::ok;
}

ExitCode run_export(const Arguments& arguments) {
  const auto place = place_of(arguments);
  const std::filesystem::path file = arguments.text("FILE");
  if (arguments.has("--seal")) {
    if (const auto sealed = installation::seal_log(place); !sealed) return report(sealed.error());
  }
  const auto exported = installation::export_log(place, file);
  if (!exported) return report(exported.error());
  if (as_json(arguments)) {
    std::printf("%s\n", installation::encode_export(*exported, file).c_str());
    return ExitCode::ok;
  }
  std::printf(
      "%s holds the log: %llu events, chain %s\nNext, where the CA goes on, with its ca/ and quicklime.toml: quicklime log import %s\n",
      file.c_str(), static_cast<unsigned long long>(exported->position.offset + 1), hex_encode(crypto::view(exported->chain)).c_str(),
      file.c_str());
  return ExitCode::ok;
}

ExitCode run_backup(const Arguments& arguments) {
  const std::filesystem::path file = arguments.text("FILE");
  const auto saved = installation::back_up_log(place_of(arguments), file);
  if (!saved) return report(saved.error());
  if (as_json(arguments)) {
    std::printf("%s\n", installation::encode_export(*saved, file).c_str());
  } else {
    std::printf("%s holds the log as it was: %llu events, chain %s\nKeep it with ca/. Should the log be lost: quicklime log restore %s\n",
                file.c_str(), static_cast<unsigned long long>(saved->position.offset + 1), hex_encode(crypto::view(saved->chain)).c_str(),
                file.c_str());
  }
  return ExitCode::ok;
}

void say_next(const installation::LogPlace& place) {
  if (place.in_kafka()) {
    std::printf("Next: hand each daemon its files of %s, as docs/cluster.md says\n", place.directory.root.c_str());
  } else {
    std::printf("Next: quicklime serve%s\n", installation::data_option(place.directory).c_str());
  }
}

ExitCode run_restore(const Arguments& arguments) {
  const auto place = place_of(arguments);
  runtime::Progress progress("restoring");
  const auto restored =
      installation::restore_log(arguments.text("FROM"), place, [&](std::uint64_t done, std::uint64_t all) { progress.show(done, all); });
  progress.end();
  if (!restored) return report(restored.error());
  if (as_json(arguments)) {
    std::printf("%s\n", installation::encode_import(*restored).c_str());
    return ExitCode::ok;
  }
  const char* const how = restored->had_been ? "The log had been restored already" : "The log is here";
  std::printf("%s: %llu events, chain %s, open since %s\nWhat happened after the backup is unknown to this CA.\n", how,
              static_cast<unsigned long long>(restored->last.position.offset + 1), hex_encode(crypto::view(restored->last.chain)).c_str(),
              restored->opened.text().c_str());
  say_next(place);
  return ExitCode::ok;
}

ExitCode run_import(const Arguments& arguments) {
  const auto place = place_of(arguments);
  runtime::Progress progress("importing");
  const auto imported =
      installation::import_log(arguments.text("FROM"), place, [&](std::uint64_t done, std::uint64_t all) { progress.show(done, all); });
  progress.end();
  if (!imported) return report(imported.error());
  if (as_json(arguments)) {
    std::printf("%s\n", installation::encode_import(*imported).c_str());
    return ExitCode::ok;
  }
  const char* const how = imported->had_been ? "The log had been imported already" : "The log is here";
  std::printf("%s: %llu events, chain %s, open since %s\n", how, static_cast<unsigned long long>(imported->last.position.offset + 1),
              hex_encode(crypto::view(imported->last.chain)).c_str(), imported->opened.text().c_str());
  say_next(place);
  return ExitCode::ok;
}

Option log_option() {
  return {.name = "--log",
          .value = "WHERE",
          .help = "sqlite: log.db of the data directory (default); kafka: the topic that its quicklime.toml names",
          .choices = {"sqlite", "kafka"}};
}

}  // namespace

std::vector<runtime::Command> move_commands() {
  return {
      {.name = "log seal",
       .purpose = "End the log with log.sealed, to move it: `quicklime serve`, and with --log kafka every daemon, must be stopped before",
       .examples = {"quicklime log seal", "quicklime log seal --log kafka", "quicklime log seal --undo"},
       .options = {{.name = "--undo",
                    .value = "",
                    .help = "open it again where it is; only if it was imported nowhere, or the CA goes on twice"},
                   log_option()},
       .run = run_seal},
      {.name = "log export",
       .purpose =
           "Write the sealed log to a file, one event a line; `quicklime serve`, and with --log kafka every daemon, must be stopped before",
       .examples = {"quicklime log export /backup/log.jsonl --seal", "quicklime log export /backup/log.jsonl --seal --log kafka"},
       .options = {{.name = "FILE",
                    .value = "FILE",
                    .help = "to write; an export of the same log is replaced, another file is not",
                    .required = true},
                   {.name = "--seal", .value = "", .help = "seal the log before, see `quicklime log seal`"},
                   log_option()},
       .run = run_export},
      {.name = "log import",
       .purpose =
           "Bring a sealed log to this data directory or its topic, the same bytes at the same offsets, and open it; interrupted, the same "
           "command goes on",
       .examples = {"quicklime log import /backup/log.jsonl --log kafka --data /etc/quicklime",
                    "quicklime log import /backup/log.jsonl --data /var/lib/quicklime",
                    "quicklime log import /var/lib/quicklime --log kafka --data /etc/quicklime"},
       .options = {{.name = "FROM",
                    .value = "FROM",
                    .help = "what `quicklime log export` wrote, or a data directory whose log.db is sealed",
                    .required = true},
                   log_option()},
       .run = run_import},
      {.name = "log backup",
       .purpose = "Write what the log holds now to a file, one event a line; daemons and projectors of --log kafka go on meanwhile",
       .examples = {"quicklime log backup /backup/log-$(date +%F).jsonl --log kafka --data /etc/quicklime"},
       .options = {{.name = "FILE", .value = "FILE", .help = "to write; must not be there", .required = true}, log_option()},
       .run = run_backup},
      {.name = "log restore",
       .purpose = "Bring a backup to this data directory or its topic, where no log is, and open it in a new epoch; interrupted, the same "
                  "command goes on",
       .examples = {"quicklime log restore /backup/log.jsonl --log kafka --data /etc/quicklime",
                    "quicklime log restore /backup --data /var/lib/quicklime"},
       .options = {{.name = "FROM",
                    .value = "FROM",
                    .help = "what `quicklime log backup` wrote, or a directory with a copy of log.db",
                    .required = true},
                   log_option()},
       .run = run_restore}};
}

}  // namespace quicklime::command_line
