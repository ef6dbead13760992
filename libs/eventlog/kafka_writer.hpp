#pragma once
// The producing half of a log in a topic: a producer, the thread that hears its delivery reports, and the thread that makes
// sure it still writes into the log it belongs to. Of this library only.

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "async/completion.hpp"
#include "eventlog/kafka_questions.hpp"

namespace quicklime::eventlog::kafka {

using AppendDone = async::Completion<Result<Position>>;

class Writer {
 public:
  // last: the log's last event; none: there is no log yet.
  static Result<std::unique_ptr<Writer>> open(const KafkaLogOptions& options, LogId id, const std::optional<Entry>& last,
                                              std::shared_ptr<Questions> questions, metrics::Registry& metrics);
  // Lets what is under way come to its end for at most close_timeout; what is left then is unknown.
  ~Writer();

  // Any thread, never blocks. An error: not queued. The completion has one of the three outcomes of EventLog::append.
  Result<AppendDone> enqueue(std::string bytes, PersistBy persist_by = kWhenever);
  // Of what is appended now.
  std::uint64_t epoch() const;
  Result<void> takes_events() const;

  rd_kafka_t* producer_for_test() { return producer_.get(); }

 private:
  struct Append {
    AppendDone done;
    crypto::Sha256Digest hash;
    std::uint64_t epoch;
    std::uint64_t behind;  // it stands at this offset or later
    std::chrono::steady_clock::time_point since;
  };
  enum class Outcome { persisted, not_persisted, unknown };

  Writer(const KafkaLogOptions& options, LogId id, const std::optional<Entry>& last, std::shared_ptr<Questions> questions, Handle producer,
         metrics::Registry& metrics);

  // Of the report thread.
  void run();
  void hear(Milliseconds wait);
  void reported(const rd_kafka_message_t& message);
  void settle(const Append& append, Outcome outcome, Result<Position> result);
  void drain(Milliseconds patience);
  void rebuild();

  // Of the watch thread.
  void watch();
  void check();
  Result<std::optional<Entry>> look(const std::vector<Mark>& witnesses, std::uint64_t reached, std::optional<std::uint64_t> theirs);
  void locate(const Append& append);

  void stop_for_good(const Error& why);

  const KafkaLogOptions options_;
  const LogId id_;
  const std::shared_ptr<Questions> questions_;
  const std::shared_ptr<std::atomic<std::size_t>> waiting_ = std::make_shared<std::atomic<std::size_t>>(0);
  metrics::Counter& persisted_;
  metrics::Counter& not_persisted_;
  metrics::Counter& unknown_;
  metrics::Counter& rebuilds_;
  metrics::Histogram& seconds_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Handle producer_;
  Queue reports_;
  std::unordered_map<std::uintptr_t, Append> pending_;  // by the number that librdkafka carries for it
  std::uintptr_t last_number_ = 0;
  std::uint64_t epoch_;
  Witnesses witnesses_;                  // events that this process knows to be in the log
  std::uint64_t end_;                    // how far the log reached when it was last looked at, or appended to: the next event stands behind
  std::optional<std::uint64_t> before_;  // what stands before an event of this process, and is not its own
  std::deque<Append> homeless_;          // in the log, and nobody said where
  std::optional<Error> stopped_;         // why nothing is taken at present
  bool for_good_ = false;
  bool closing_ = false;
  bool reported_out_ = false;  // the report thread has ended
  bool suspicious_ = false;    // the watch thread is to look at once
  bool doubted_ = false;       // whether it is the same log: until somebody has looked nothing is taken or answered

  bool fatal_ = false;  // of the report thread, as is the next
  Milliseconds backoff_;
  std::thread reporter_;
  std::thread watcher_;
};

}  // namespace quicklime::eventlog::kafka
