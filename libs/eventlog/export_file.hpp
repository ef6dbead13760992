#pragma once
// A whole log in one file, for people and their tools (jq, wc -l, sha256sum) as well:
//   {"quicklime":"log","log_id":"<uuid>","events":42,"chain":"<hex, of the last event>"}
//   then each event's bytes as they stand in the log, one a line, in their order: the event at offset N is line N + 2
// One sealed log gives one file, byte for byte, wherever it stands. One that goes on gives what it holds now: a backup.

#include <filesystem>
#include <memory>

#include "eventlog/event_log.hpp"

namespace quicklime::eventlog {

enum class ExportOf : std::uint8_t { sealed_log, log_until_now };

// Verifies the log's chain and writes the file, mode 0600: beside the target, synced, renamed. Refuses a log whose last event
// is not its seal, where it is to be sealed ("log-not-sealed"), an event that is not one line of JSON ("event-undecodable"), and a file
// that is there, unless it begins as this one would ("file-exists"). Returns the anchor of the last event. Blocks.
Result<Anchor> export_log(EventLog& log, const std::filesystem::path& file, ExportOf what);

// The file as a log that cannot be appended to. All of it is checked here, before anyone reads an event: the first one,
// their number, the chain. Sealed or not: that is for the caller to ask. "export-format": no such file; "export-damaged": with the line,
// where one line tells.
Result<std::unique_ptr<EventLog>> open_export(const std::filesystem::path& file);

}  // namespace quicklime::eventlog
