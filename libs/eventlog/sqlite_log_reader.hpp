#pragma once
// Follows a log file. Of this library only.

#include <filesystem>
#include <memory>
#include <optional>

#include "eventlog/arrivals.hpp"
#include "eventlog/event_log.hpp"

namespace quicklime::eventlog {

// The anchor has been checked; it is checked again, through `log`, when the file is replaced.
Result<std::unique_ptr<LogReader>> make_sqlite_log_reader(std::filesystem::path file, LogId id, const std::optional<Anchor>& anchor,
                                                          Milliseconds busy, std::shared_ptr<Arrivals> arrivals, EventLog& log);

}  // namespace quicklime::eventlog
