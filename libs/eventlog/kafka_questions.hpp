#pragma once
// What is asked of a topic from time to time: its end, one event, whether it is still the same log. On a handle of its
// own, so that nothing waits behind a consumer's long poll or a producer's stalled request. Of this library only.

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "eventlog/check.hpp"
#include "eventlog/kafka_client.hpp"

namespace quicklime::eventlog::kafka {

// An event that someone knows to be in the log.
struct Mark {
  std::uint64_t offset;
  crypto::Sha256Digest hash;
};

// Which events are looked for again when a log makes sure that its topic is still the one it was. A topic that was deleted
// and recreated goes on taking and giving events without any error, so the latest one seen proves nothing. But between two
// checks either the first one seen stood in the old topic, or the last one seen before them did.
class Witnesses {
 public:
  void saw(const Mark& mark) {
    last_ = mark;
    if (marks_.size() < 2) marks_.push_back(mark);
  }
  const std::optional<Mark>& last() const { return last_; }
  // For a check that begins now; back with them if it comes to no answer.
  std::vector<Mark> take_for_check() {
    auto marks = std::exchange(marks_, {});
    if (last_) marks_.push_back(*last_);
    return marks;
  }
  void put_back(std::vector<Mark> marks) { marks_ = std::move(marks); }

 private:
  std::optional<Mark> last_;
  std::vector<Mark> marks_;  // the last one before the last check, and the first one since
};

// Where the log begins or ends (which: RD_KAFKA_OFFSET_BEGINNING, RD_KAFKA_OFFSET_END), within the time given.
// rd_kafka_query_watermark_offsets would wait for a leader that died until that broker is back, whatever its timeout
// (librdkafka before 2.3).
rd_kafka_resp_err_t ask_offset(rd_kafka_t* handle, const std::string& topic, std::int64_t which, Milliseconds patience,
                               std::int64_t& offset);

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
  // As EventLog::read_range.
  Result<std::vector<Entry>> read_range(std::uint64_t from, std::size_t maximum_events, std::size_t maximum_bytes);
  // Whether the event at this offset was brought here by an import that has not ended with it.
  Result<bool> is_import(std::uint64_t offset);
  // Of the log.created at offset 0. "log-missing": there is none.
  Result<LogId> log_id();
  // The log's end, when the topic still holds the log `id` from offset 0 on, and in it these events. "log-foreign",
  // "log-truncated", "log-altered".
  Result<std::uint64_t> still_holds(const LogId& id, const std::vector<Mark>& witnesses);

  rd_kafka_t* handle() { return handle_.get(); }

 private:
  Questions(const KafkaLogOptions& options, std::unique_ptr<Trouble> trouble, Handle handle, Topic topic);
  // Who asks at present. (std::timed_mutex would do, if ThreadSanitizer knew it.)
  class Turn {
   public:
    explicit Turn(Questions& questions) : questions_(&questions) {}
    Turn(Turn&& other) noexcept : questions_(std::exchange(other.questions_, nullptr)) {}
    ~Turn();

   private:
    Questions* questions_;
  };
  Result<Turn> turn();
  Result<Extent> ask_extent(Milliseconds patience);  // in the caller's turn
  // What stands from this offset on: one event at least ("log-offset-missing"), and as many as come at once after it.
  Result<std::vector<Message>> fetch(std::uint64_t offset, std::size_t maximum_events, std::size_t maximum_bytes);
  Result<Message> fetch(std::uint64_t offset);

  const KafkaLogOptions options_;
  std::mutex mutex_;
  std::condition_variable free_;
  bool asking_ = false;
  const std::unique_ptr<Trouble> trouble_;
  Handle handle_;
  Topic topic_;
};

}  // namespace quicklime::eventlog::kafka
