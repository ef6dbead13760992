#pragma once
// A CA's log in another place, the same bytes at the same offsets. Moved: sealed where it is, carried as a file, opened where it
// goes on. Restored: from a backup of a log that has gone on and then was lost.

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "eventlog/event_log.hpp"
#include "eventlog/kafka_log.hpp"
#include "installation/bootstrap_tokens.hpp"
#include "installation/data_directory.hpp"

namespace quicklime::installation {

// Where a log stands: log.db of a data directory, or a topic, where daemons share it.
struct LogPlace {
  DataDirectory directory;
  // As its quicklime.toml says: asked when the directory is locked. Null: log.db.
  std::function<Result<eventlog::KafkaLogOptions>()> topic{};
  std::vector<BootstrapGrant> daemons{};  // whose first tokens an import into a topic makes

  bool in_kafka() const { return topic != nullptr; }
};

using MoveProgress = std::function<void(std::uint64_t done, std::uint64_t all)>;  // events

// Appends log.sealed, unless that is the last event already; where it stands. Takes the directory's lock, so that no serve
// writes meanwhile; whether daemons still write to a topic only they know.
Result<Position> seal_log(const LogPlace& place);

// Takes the seal back, by log.opened: of a move that was given up, and whose export was imported nowhere, or the CA goes on
// twice. Where log.opened stands. "log-not-sealed".
Result<Position> unseal_log(const LogPlace& place);

// Writes the sealed log to a file, see eventlog/export_file.hpp. Returns the anchor of its seal.
Result<eventlog::Anchor> export_log(const LogPlace& place, const std::filesystem::path& file);

// Writes what the log holds now to a file. Daemons that write to a topic go on meanwhile; a log.db that somebody serves is refused
// ("data-directory-held"): copy it with sqlite3 .backup (docs/operations.md).
Result<eventlog::Anchor> back_up_log(const LogPlace& place, const std::filesystem::path& file);

struct Imported {
  eventlog::Anchor last;  // event that was brought here
  Position opened;        // log.opened or log.restored, behind it
  bool had_been = false;  // by an import before this one
};

// source: a file of export_log, or a data directory whose log.db is sealed. Nothing is written before all of it is verified.
// In the order in which a crash may interrupt it, after which the same call goes on:
//   the events     into log.db.importing, or into the topic, which is refused to everyone until it is whole ("log-importing")
//   bootstrap/     the tokens of daemons, when the place is Kafka and there are none yet
//   log.opened     from here on it may be written to; log.db.importing becomes log.db
//   the tokens     are appended
// "log-exists": another log is there, or this one has gone on without having been imported.
Result<Imported> import_log(const std::filesystem::path& source, const LogPlace& place, const MoveProgress& progress);

// The same for a backup, or a copy of a data directory's log.db: log.restored is appended, and begins a new epoch, because events
// behind the backup may have been seen. "log-sealed": it goes on elsewhere.
Result<Imported> restore_log(const std::filesystem::path& source, const LogPlace& place, const MoveProgress& progress);

std::string encode_export(const eventlog::Anchor& last, const std::filesystem::path& file);
std::string encode_import(const Imported& imported);

}  // namespace quicklime::installation
