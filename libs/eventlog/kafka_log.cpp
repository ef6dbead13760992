#include "eventlog/kafka_log.hpp"

#include <thread>

#include "eventlog/kafka_reader.hpp"
#include "eventlog/kafka_topic.hpp"
#include "eventlog/kafka_writer.hpp"

namespace quicklime::eventlog {
namespace {

using kafka::Questions;
using kafka::Writer;

// Each broker hears of a new topic a little later than the one that made it: the topic of this init, or that of an init just before.
constexpr Milliseconds kNewsOfTheTopic{10'000};
constexpr Milliseconds kNewsOfAnother{1'000};

class KafkaLog final : public EventLog {
 public:
  KafkaLog(const KafkaLogOptions& options, LogId id, std::uint64_t epoch, std::shared_ptr<Questions> questions,
           std::unique_ptr<Writer> writer)
      : options_(options), id_(std::move(id)), epoch_(epoch), questions_(std::move(questions)), writer_(std::move(writer)) {}

  const LogId& id() const override { return id_; }

  async::Task<Result<Position>> append(std::string bytes, PersistBy persist_by) override {
    if (auto fits = check_size(bytes); !fits) co_return forward(fits);
    if (!writer_) co_return fail(ErrorCode::internal, "log-read-only", "this process reads the log and does not append to it");
    const auto queued = writer_->enqueue(std::move(bytes), persist_by);
    if (!queued) co_return forward(queued);
    auto outcome = co_await queued->wait_for(options_.append_wait);
    if (outcome) co_return std::move(*outcome);
    co_return fail(Error{ErrorCode::outcome_unknown, "log-outcome-unknown",
                         "the event may or may not be in the log: the broker has not answered in time", "", 1});
  }

  Result<void> takes_events() const override { return writer_ ? writer_->takes_events() : Result<void>(); }

  Result<Position> end() override {
    const auto extent = questions_->extent();
    if (!extent) return forward(extent);
    return Position{writer_ ? writer_->epoch() : epoch_, extent->end};
  }

  Result<Entry> read_one(std::uint64_t offset) override { return questions_->read_one(offset); }

  Result<std::vector<Entry>> read_range(std::uint64_t from, std::size_t maximum_events) override {
    return questions_->read_range(from, maximum_events, kRangeBytes);
  }

  Result<std::unique_ptr<LogReader>> follow(const std::optional<Anchor>& anchor) override {
    if (anchor) {
      const auto stored = questions_->log_id();
      if (!stored) return forward(stored);
      if (auto holds = check_anchor(*anchor, *stored, *this); !holds) return forward(holds);
    }
    return kafka::make_reader(options_, id_, anchor, questions_);
  }

 private:
  const KafkaLogOptions options_;
  const LogId id_;
  const std::uint64_t epoch_;  // when it was opened
  const std::shared_ptr<Questions> questions_;
  const std::unique_ptr<Writer> writer_;
};

}  // namespace

Result<void> create_kafka_log(const KafkaLogOptions& options, std::string_view log_created) {
  auto questions = Questions::open(options);
  if (!questions) return forward(questions);
  const auto made = kafka::create_topic((*questions)->handle(), options);
  if (!made) return forward(made);
  if (auto safe = kafka::check_topic((*questions)->handle(), options, kNewsOfTheTopic); !safe) return forward(safe);
  const auto extent = (*questions)->extent();
  if (!extent) return forward(extent);
  const auto exists = [&] {
    return fail(ErrorCode::conflict, "log-exists",
                "the topic " + options.topic + " holds events already; a new log needs a topic of its own");
  };
  if (extent->end > 0) return exists();

  // A crash before: the topic is there and empty, and the next init goes on here. After: the log exists.
  metrics::Registry nobody_looks;
  KafkaLogOptions patient = options;
  patient.check_interval = Milliseconds(3'600'000);  // there is no log yet to be recognised
  auto writer = Writer::open(patient, LogId(""), std::nullopt, *questions, nobody_looks);
  if (!writer) return forward(writer);
  Result<Position> written;
  for (int tries = 0; tries < 50; ++tries) {
    const auto queued = (*writer)->enqueue(std::string(log_created));
    written = queued ? async::run_to_end(queued->wait()) : forward(queued);
    if (written || written.error().code != ErrorCode::unavailable) break;
    std::this_thread::sleep_for(Milliseconds(100));  // not in the log, so it may be tried again
  }
  if (!written) return forward(written);
  if (written->offset != 0) return exists();  // another init was faster
  return {};
}

Result<std::unique_ptr<EventLog>> open_kafka_log(const KafkaLogOptions& options, metrics::Registry& metrics) {
  // 1. Is it a topic that can be trusted with a log?
  auto questions = Questions::open(options);
  if (!questions) return forward(questions);
  if (auto safe = kafka::check_topic((*questions)->handle(), options, kNewsOfAnother); !safe) return forward(safe);
  // 2. Is there a log in it, from its beginning on?
  const auto extent = (*questions)->extent();
  if (!extent) return forward(extent);
  if (extent->begin > 0) return kafka::beginning_gone(options.topic, extent->begin);
  auto id = (*questions)->log_id();
  if (!id) return forward(id);
  // 3. What is appended next belongs to the epoch of its last event.
  const auto last = (*questions)->read_one(extent->end - 1);
  if (!last) return forward(last);
  const std::uint64_t epoch = last->position.epoch;
  // 4. And all of it is here.
  if (options.import == KafkaLogOptions::Import::none) {
    const auto importing = (*questions)->is_import(last->position.offset);
    if (!importing) return forward(importing);
    if (*importing) {
      return fail(kafka::unavailable(
          "log-importing",
          "the topic " + options.topic + " holds a part of a log that is being imported or restored; the same command again goes on"));
    }
  }
  std::unique_ptr<Writer> writer;
  if (options.appends) {
    auto opened = Writer::open(options, *id, *last, *questions, metrics);
    if (!opened) return forward(opened);
    writer = std::move(*opened);
  }
  return std::make_unique<KafkaLog>(options, std::move(*id), epoch, std::move(*questions), std::move(writer));
}

}  // namespace quicklime::eventlog
