#pragma once
// What stands in a log, before anyone believes it: the checks that every backend shares.

#include <optional>
#include <string>

#include "eventlog/event_log.hpp"

namespace quicklime::eventlog {

// As a backend found it.
struct Stored {
  Position position;
  std::string bytes;
  std::string chain;
};

inline constexpr crypto::Sha256Digest kChainStart{};  // before offset 0

Result<crypto::Sha256Digest> digest_from(std::string_view bytes);

// The record, if it stands at this offset and its chain follows from the one before: "log-altered".
Result<Record> check_link(std::uint64_t offset, const crypto::Sha256Digest& before, Stored stored);
// The records from an offset on, as they stand one behind the other: before the first one that does not hold, whose error it is when it
// comes first. before: the chain of the event before the first.
Result<std::vector<Record>> check_links(std::uint64_t offset, crypto::Sha256Digest before, std::vector<Stored> stored);
// What read_one tells of a log that stores its chain.
Result<Entry> with_its_chain(Result<Record> record);
// "log-foreign", "log-truncated", "log-altered". stored_id: of the log as it is stored now.
Result<void> check_anchor(const Anchor& anchor, const LogId& stored_id, EventLog& log);

Failure log_altered(std::uint64_t offset, const std::string& how);
Failure log_truncated(std::uint64_t expected, std::uint64_t end);
Failure log_foreign(const LogId& expected, const LogId& found);

// "event-too-large"
Result<void> check_size(std::string_view bytes);
// "view-stale": it is later than that.
Result<void> check_in_time(PersistBy persist_by);
// The epoch that begins with this event, if it is a log.restored.
std::optional<std::uint64_t> epoch_begun_by(std::string_view bytes);

}  // namespace quicklime::eventlog
