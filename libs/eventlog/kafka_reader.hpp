#pragma once
// Follows a topic by manual assignment: no group, no commits, no offset but the caller's. Of this library only.

#include "eventlog/kafka_questions.hpp"

namespace quicklime::eventlog::kafka {

// The anchor has been checked; it is checked again before the first event is handed out, after every lost connection, once
// a check_interval, and whenever nothing new is there.
Result<std::unique_ptr<LogReader>> make_reader(const KafkaLogOptions& options, LogId id, const std::optional<Anchor>& anchor,
                                               std::shared_ptr<Questions> questions);

}  // namespace quicklime::eventlog::kafka
