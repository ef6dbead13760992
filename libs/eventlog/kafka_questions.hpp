#pragma once
// What is asked of a topic from time to time: its end, one event, whether it is still the same log. On a handle of its
// own, so that nothing waits behind a consumer's long poll or a producer's stalled request. Of this library only.

#include <mutex>
#include <optional>

#include "eventlog/check.hpp"
#include "eventlog/kafka_client.hpp"

namespace quicklime::eventlog::kafka {

// An event that someone knows to be in the log.
struct Mark {
  std::uint64_t offset;
  crypto::Sha256Digest hash;
};

// The event in a message; "log-altered" when its bytes are not those whose hash stands beside them.
Result<Entry> entry_of(const rd_kafka_message_t& message);

Failure beginning_gone(const std::string& topic, std::uint64_t begin);

// Any thread, one question at a time; each blocks for at most question_timeout.
class Questions {
 public:
  static Result<std::shared_ptr<Questions>> open(const KafkaLogOptions& options);

  struct Extent {
    std::uint64_t begin;
    std::uint64_t end;
  };
  Result<Extent> extent();
  // "log-offset-missing": nothing stands there.
  Result<Entry> read_one(std::uint64_t offset);
  // Of the log.created at offset 0. "log-missing": there is none.
  Result<LogId> log_id();
  // The log's end, when the topic still holds the log `id` from offset 0 on, and in it the event that was seen last.
  // "log-foreign", "log-truncated", "log-altered".
  Result<std::uint64_t> still_holds(const LogId& id, const std::optional<Mark>& last);

  rd_kafka_t* handle() { return handle_.get(); }

 private:
  Questions(const KafkaLogOptions& options, Handle handle, Topic topic);
  Result<std::unique_lock<std::timed_mutex>> turn();
  Result<Extent> ask_extent(Milliseconds patience);  // in the caller's turn
  Result<Message> fetch(std::uint64_t offset);

  const KafkaLogOptions options_;
  std::timed_mutex mutex_;
  Handle handle_;
  Topic topic_;
};

}  // namespace quicklime::eventlog::kafka
