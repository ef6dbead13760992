#include "eventlog/kafka_reader.hpp"

#include <algorithm>

namespace quicklime::eventlog::kafka {
namespace {

using std::chrono::steady_clock;

class Reader final : public LogReader {
 public:
  Reader(const KafkaLogOptions& options, LogId id, std::optional<Anchor> last, std::shared_ptr<Questions> questions)
      : options_(options), id_(std::move(id)), last_(std::move(last)), questions_(std::move(questions)) {
    if (last_) witnesses_.saw(Mark{last_->position.offset, last_->hash});
  }

  ~Reader() override { stop_fetching(); }

  Result<void> open() {
    auto handle = make_handle(Use::follow, options_, &trouble_);
    if (!handle) return forward(handle);
    handle_ = std::move(*handle);
    topic_.reset(rd_kafka_topic_new(handle_.get(), options_.topic.c_str(), nullptr));
    arrived_.reset(rd_kafka_queue_new(handle_.get()));
    return {};
  }

  Result<std::vector<Record>> read(std::size_t maximum_events, std::size_t maximum_bytes, Milliseconds wait) override {
    if (failed_) return fail(*failed_);
    auto records = read_checked(maximum_events, maximum_bytes, wait);
    if (!records && records.error().code == ErrorCode::verification_failed) failed_ = records.error();
    return records;
  }

  void wake() override {
    woken_ = true;
    rd_kafka_queue_yield(arrived_.get());
  }

 private:
  std::uint64_t next() const { return last_ ? last_->position.offset + 1 : 0; }

  Result<std::vector<Record>> read_checked(std::size_t maximum_events, std::size_t maximum_bytes, Milliseconds wait) {
    const auto deadline = steady_clock::now() + wait;
    for (;;) {
      if (trouble_.lost.exchange(false) || steady_clock::now() >= check_at_) {
        if (auto end = check(); !end) return forward(end);
      }
      auto records = take(maximum_events, maximum_bytes, std::min(deadline, check_at_));
      if (!records || !records->empty()) return records;
      if (woken_.exchange(false)) return records;
      const auto now = steady_clock::now();
      if (now < deadline) continue;
      if (trouble_.lost) {
        if (now < deadline + options_.question_timeout) continue;
        return fail(unavailable("log-unavailable", "the log cannot be followed: " + trouble_.why));
      }

      // Nothing came. That is an answer only when the log says that nothing is there.
      const auto end = check();
      if (!end) return forward(end);
      if (*end <= next()) return records;
      records = take(maximum_events, maximum_bytes, steady_clock::now() + options_.question_timeout);
      if (!records || !records->empty()) return records;
      if (woken_.exchange(false)) return records;
      if (trouble_.lost) continue;
      return fail(unavailable("log-unavailable", "the log reaches offset " + std::to_string(*end - 1) + ", and the event at offset " +
                                                     std::to_string(next()) + " does not arrive"));
    }
  }

  // That this is the log that was read so far. Its end.
  Result<std::uint64_t> check() {
    auto marks = witnesses_.take_for_check();
    auto end = questions_->still_holds(id_, marks);
    if (!end) {
      trouble_.lost = true;  // nothing is handed out before this has been answered
      witnesses_.put_back(std::move(marks));
      return end;
    }
    if (*end < next()) return log_truncated(next() - 1, *end);
    check_at_ = steady_clock::now() + options_.check_interval;
    if (!fetching_) {
      // The log is right, so a fetch that had lost its way goes on from where the reader stands.
      if (rd_kafka_consume_start_queue(topic_.get(), 0, static_cast<std::int64_t>(next()), arrived_.get()) != 0) {
        return fail(unavailable("the log cannot be followed", rd_kafka_last_error()));
      }
      fetching_ = true;
      // librdkafka 2.0 starts to fetch when the broker's thread next wakes up, which a question makes it do.
      std::int64_t ignored = 0;
      (void)ask_offset(handle_.get(), options_.topic, RD_KAFKA_OFFSET_END, options_.question_timeout, ignored);
    }
    return end;
  }

  void stop_fetching() {
    if (std::exchange(fetching_, false)) rd_kafka_consume_stop(topic_.get(), 0);
  }

  // What has been fetched; waits for the first event until then. Empty: nothing, woken, or something to be checked.
  Result<std::vector<Record>> take(std::size_t maximum_events, std::size_t maximum_bytes, steady_clock::time_point until) {
    std::vector<Record> records;
    std::size_t bytes = 0;
    while (records.size() < maximum_events && (records.empty() || bytes < maximum_bytes)) {
      rd_kafka_poll(handle_.get(), 0);  // what it has to say of its connections
      if (trouble_.lost) break;
      const auto left = std::chrono::ceil<Milliseconds>(until - steady_clock::now());
      const Message message(rd_kafka_consume_queue(arrived_.get(), records.empty() ? std::max(as_timeout(left), 0) : 0));
      if (!message) break;
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        if (message->err == RD_KAFKA_RESP_ERR__BAD_MSG) {
          failed_ = log_altered(static_cast<std::uint64_t>(message->offset), "stand damaged bytes").value();
        } else {
          // Out of the log's range, a topic that is gone, a leader that moves: the check tells, and starts again.
          trouble_.lost = true;
          trouble_.why = rd_kafka_err2str(message->err);
          stop_fetching();
        }
        break;
      }
      const auto offset = static_cast<std::uint64_t>(message->offset);
      if (offset < next()) continue;
      auto entry = offset == next() ? entry_of(*message) : log_altered(next(), "an event is missing");
      if (!entry) {
        failed_ = entry.error();
        break;
      }
      const auto chain = next_chain(last_ ? last_->chain : kChainStart, entry->hash);
      last_ = Anchor{id_, entry->position, entry->hash, chain};
      witnesses_.saw(Mark{offset, entry->hash});
      bytes += entry->bytes.size();
      records.push_back(Record{entry->position, std::move(entry->bytes), entry->hash, chain});
    }
    // What stands before it is whole: it is handed out, and the next read says what is wrong.
    if (failed_ && records.empty()) return fail(*failed_);
    return records;
  }

  const KafkaLogOptions options_;
  const LogId id_;
  std::optional<Anchor> last_;  // of the last event handed out
  Witnesses witnesses_;
  const std::shared_ptr<Questions> questions_;
  Trouble trouble_;
  std::atomic<bool> woken_{false};
  bool fetching_ = false;
  std::optional<Error> failed_;
  steady_clock::time_point check_at_{};
  Handle handle_;
  Topic topic_;
  Queue arrived_;
};

}  // namespace

Result<std::unique_ptr<LogReader>> make_reader(const KafkaLogOptions& options, LogId id, const std::optional<Anchor>& anchor,
                                               std::shared_ptr<Questions> questions) {
  auto reader = std::make_unique<Reader>(options, std::move(id), anchor, std::move(questions));
  if (auto opened = reader->open(); !opened) return forward(opened);
  return reader;
}

}  // namespace quicklime::eventlog::kafka
