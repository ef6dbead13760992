#include "eventlog/kafka_writer.hpp"

#include "base/logging.hpp"

namespace quicklime::eventlog::kafka {
namespace {

using std::chrono::steady_clock;

constexpr Milliseconds kFirstBackoff{500};
constexpr Milliseconds kLastBackoff{30'000};
constexpr Milliseconds kReportWait{100};  // between two looks at whether the log is being closed
constexpr Milliseconds kFatalPatience{5'000};
constexpr Milliseconds kPurgePatience{1'000};

Error unknown_outcome(const std::string& why) {
  return Error{ErrorCode::outcome_unknown, "log-outcome-unknown", "the event may or may not be in the log: " + why, "", 1};
}

// Not in the log, and never will be.
Error refused(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return Error{ErrorCode::internal, "log-refused", std::string("the broker refuses the event: ") + rd_kafka_err2str(code)};
    case RD_KAFKA_RESP_ERR__QUEUE_FULL: return unavailable("log-queue-full", "too many events wait to be written");
    case RD_KAFKA_RESP_ERR__FATAL: return unavailable("log-stopped", "the connection to the log is being made anew");
    default: return unavailable("the event was not written", code);
  }
}

// One that knows the topic already: the first append does not wait for that. Blocks.
Result<Handle> make_producer(const KafkaLogOptions& options) {
  auto producer = make_handle(Use::append, options);
  if (!producer) return producer;
  const Topic topic(rd_kafka_topic_new(producer->get(), options.topic.c_str(), nullptr));
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(producer->get(), 0, topic.get(), &metadata, as_timeout(options.question_timeout)) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_metadata_destroy(metadata);
  }
  return producer;
}

struct Headers {
  rd_kafka_headers_t* list;
  Headers(const crypto::Sha256Digest& hash, std::uint64_t epoch, bool import) : list(rd_kafka_headers_new(3)) {
    const auto octets = crypto::view(hash);
    rd_kafka_header_add(list, "sha256", -1, octets.data(), static_cast<ssize_t>(octets.size()));
    const std::string text = std::to_string(epoch);
    if (epoch != 0) rd_kafka_header_add(list, "epoch", -1, text.data(), static_cast<ssize_t>(text.size()));
    if (import) rd_kafka_header_add(list, "import", -1, "1", 1);
  }
};

}  // namespace

Result<std::unique_ptr<Writer>> Writer::open(const KafkaLogOptions& options, LogId id, const std::optional<Entry>& last,
                                             std::shared_ptr<Questions> questions, metrics::Registry& metrics) {
  auto producer = make_producer(options);
  if (!producer) return forward(producer);
  return std::unique_ptr<Writer>(new Writer(options, std::move(id), last, std::move(questions), std::move(*producer), metrics));
}

Writer::Writer(const KafkaLogOptions& options, LogId id, const std::optional<Entry>& last, std::shared_ptr<Questions> questions,
               Handle producer, metrics::Registry& metrics)
    : options_(options),
      id_(std::move(id)),
      questions_(std::move(questions)),
      persisted_(metrics.counter("quicklime_log_append_outcomes_total", "What became of appended events", {{"outcome", "persisted"}})),
      not_persisted_(
          metrics.counter("quicklime_log_append_outcomes_total", "What became of appended events", {{"outcome", "not_persisted"}})),
      unknown_(metrics.counter("quicklime_log_append_outcomes_total", "What became of appended events", {{"outcome", "unknown"}})),
      rebuilds_(metrics.counter("quicklime_log_producer_rebuilds_total", "Producers made anew after a fatal error")),
      seconds_(metrics.histogram("quicklime_log_append_seconds", "From an append to the acknowledgement of every replica")),
      producer_(std::move(producer)),
      reports_(rd_kafka_queue_get_main(producer_.get())),
      epoch_(last ? last->position.epoch : 0),
      end_(last ? last->position.offset + 1 : 0),
      backoff_(kFirstBackoff) {
  if (last) witnesses_.saw(Mark{last->position.offset, last->hash});
  metrics.gauge("quicklime_log_waiting_appends", "Appends that wait for their commit",
                [waiting = waiting_] { return static_cast<double>(waiting->load()); });
  reporter_ = std::thread([this] { run(); });
  watcher_ = std::thread([this] { watch(); });
}

Writer::~Writer() {
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
    rd_kafka_queue_yield(reports_.get());
  }
  changed_.notify_all();
  reporter_.join();
  {
    std::lock_guard lock(mutex_);
    reported_out_ = true;
  }
  changed_.notify_all();
  watcher_.join();
}

std::uint64_t Writer::epoch() const {
  std::lock_guard lock(mutex_);
  return epoch_;
}

Result<void> Writer::takes_events() const {
  std::lock_guard lock(mutex_);
  if (stopped_) return fail(*stopped_);
  return {};
}

Result<AppendDone> Writer::enqueue(std::string bytes, PersistBy persist_by) {
  const auto hash = crypto::sha256(bytes);
  const auto begun = epoch_begun_by(bytes);
  std::lock_guard lock(mutex_);
  if (stopped_) return fail(*stopped_);
  if (doubted_) return fail(unavailable("log-stopped", "the log seems to have been replaced, and is being looked at"));
  if (closing_) return fail(unavailable("log-closed", "the log is being closed"));
  // The last moment that is this process's own: what librdkafka has, it hands to the broker when it can.
  if (auto in_time = check_in_time(persist_by); !in_time) {
    not_persisted_.add();
    return forward(in_time);
  }
  const std::uint64_t epoch = begun.value_or(epoch_);
  const Headers headers(hash, epoch, options_.import == KafkaLogOptions::Import::under_way);
  const std::uintptr_t number = ++last_number_;
  const auto code = rd_kafka_producev(producer_.get(), RD_KAFKA_V_TOPIC(options_.topic.c_str()), RD_KAFKA_V_PARTITION(0),
                                      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_VALUE(bytes.data(), bytes.size()),
                                      RD_KAFKA_V_HEADERS(headers.list), RD_KAFKA_V_OPAQUE(reinterpret_cast<void*>(number)), RD_KAFKA_V_END);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_headers_destroy(headers.list);
    not_persisted_.add();
    return fail(refused(code));
  }
  // Its report cannot have been heard yet: that needs the lock.
  AppendDone done;
  pending_.emplace(number, Append{done, hash, epoch, end_, steady_clock::now()});
  waiting_->store(pending_.size());
  epoch_ = epoch;
  return done;
}

// ---- the report thread

void Writer::run() {
  for (;;) {
    hear(kReportWait);
    if (fatal_) rebuild();
    std::lock_guard lock(mutex_);
    if (closing_) break;
  }
  drain(options_.close_timeout);
  std::unordered_map<std::uintptr_t, Append> left;
  {
    std::lock_guard lock(mutex_);
    left.swap(pending_);
  }
  for (const auto& [number, append] : left) settle(append, Outcome::unknown, fail(unknown_outcome("the log was closed")));
  if (!left.empty()) log::warning("the log is closed and appends are in doubt", {{"count", std::to_string(left.size())}});
}

void Writer::hear(Milliseconds wait) {
  const Event event(rd_kafka_queue_poll(reports_.get(), as_timeout(wait)));
  if (!event) return;
  switch (rd_kafka_event_type(event.get())) {
    case RD_KAFKA_EVENT_DR:
      while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event.get())) reported(*message);
      return;
    case RD_KAFKA_EVENT_ERROR:
      if (rd_kafka_event_error_is_fatal(event.get()) != 0 || rd_kafka_event_error(event.get()) == RD_KAFKA_RESP_ERR__FATAL) fatal_ = true;
      log::debug("the log's producer reports an error", {{"detail", rd_kafka_event_error_string(event.get())}});
      return;
    default: return;
  }
}

void Writer::reported(const rd_kafka_message_t& message) {
  const auto status = rd_kafka_message_status(&message);
  std::unique_lock lock(mutex_);
  auto node = pending_.extract(reinterpret_cast<std::uintptr_t>(message._private));
  waiting_->store(pending_.size());
  if (node.empty()) return;
  Append& append = node.mapped();

  // The status decides, not the error: a message that timed out may have been written.
  if (status == RD_KAFKA_MSG_STATUS_NOT_PERSISTED) {
    lock.unlock();
    return settle(append, Outcome::not_persisted, fail(refused(message.err)));
  }
  if (status == RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED) {
    lock.unlock();
    return settle(append, Outcome::unknown, fail(unknown_outcome(rd_kafka_err2str(message.err))));
  }
  backoff_ = kFirstBackoff;
  if (message.offset < 0) {
    // Written by an attempt whose acknowledgement was lost.
    homeless_.push_back(std::move(append));
    lock.unlock();
    changed_.notify_all();
    return;
  }
  const auto offset = static_cast<std::uint64_t>(message.offset);
  // Below what the log had reached already: this is not the topic it was. Nothing is believed until it has been looked at.
  if (offset < append.behind) doubted_ = suspicious_ = true;
  if (doubted_ || for_good_) {
    lock.unlock();
    changed_.notify_all();
    return settle(append, Outcome::unknown, fail(unknown_outcome("the log seems to have been replaced")));
  }
  witnesses_.saw(Mark{offset, append.hash});
  if (offset > append.behind) before_ = offset - 1;
  end_ = std::max(end_, offset + 1);
  lock.unlock();
  settle(append, Outcome::persisted, Position{append.epoch, offset});
}

void Writer::settle(const Append& append, Outcome outcome, Result<Position> result) {
  switch (outcome) {
    case Outcome::persisted:
      persisted_.add();
      seconds_.observe(std::chrono::duration<double>(steady_clock::now() - append.since).count());
      break;
    case Outcome::not_persisted: not_persisted_.add(); break;
    case Outcome::unknown: unknown_.add(); break;
  }
  append.done.complete(std::move(result));
}

// Until everything that is queued has been reported; what has not been when patience is over is purged, and reported so.
void Writer::drain(Milliseconds patience) {
  const auto left = [this] {
    std::lock_guard lock(mutex_);
    return pending_.size();
  };
  for (const auto until = steady_clock::now() + patience; left() != 0 && steady_clock::now() < until;) hear(kReportWait);
  if (left() == 0) return;
  rd_kafka_purge(producer_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
  for (const auto until = steady_clock::now() + kPurgePatience; left() != 0 && steady_clock::now() < until;) hear(kReportWait);
}

// A producer with a fatal error writes nothing more. What it holds is reported first, so that nobody waits for ever.
void Writer::rebuild() {
  {
    std::lock_guard lock(mutex_);
    if (!stopped_) stopped_ = unavailable("log-stopped", "the connection to the log failed for good and is being made anew");
  }
  char text[512];
  const auto code = rd_kafka_fatal_error(producer_.get(), text, sizeof text);
  log::error("the log's producer has failed and is made anew", {{"reason", rd_kafka_err2name(code)}, {"detail", text}});
  drain(kFatalPatience);
  std::unordered_map<std::uintptr_t, Append> left;
  {
    std::lock_guard lock(mutex_);
    left.swap(pending_);
    waiting_->store(0);
  }
  for (const auto& [number, append] : left) settle(append, Outcome::unknown, fail(unknown_outcome("the producer failed")));

  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, backoff_, [&] { return closing_; });
  if (closing_) return;
  backoff_ = std::min(backoff_ * 2, kLastBackoff);
  lock.unlock();  // whoever appends meanwhile is refused at once
  auto producer = make_producer(options_);
  if (!producer) return;  // again after the next, longer wait
  lock.lock();
  // Nobody appends while stopped_ is set, so nobody holds the old one.
  reports_.reset();
  std::swap(producer_, *producer);
  reports_.reset(rd_kafka_queue_get_main(producer_.get()));
  fatal_ = false;
  rebuilds_.add();
  if (!for_good_) stopped_.reset();
  lock.unlock();
  producer->reset();
}

// ---- the watch thread

void Writer::watch() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait_for(lock, options_.check_interval, [&] { return reported_out_ || suspicious_ || !homeless_.empty(); });
    suspicious_ = false;
    std::deque<Append> homeless;
    homeless.swap(homeless_);
    if (reported_out_ && homeless.empty()) return;
    lock.unlock();
    for (const Append& append : homeless) locate(append);
    check();
    lock.lock();
  }
}

void Writer::check() {
  std::vector<Mark> marks;
  std::uint64_t reached = 0;
  std::optional<std::uint64_t> theirs;
  {
    std::lock_guard lock(mutex_);
    if (closing_ || for_good_) return;
    marks = witnesses_.take_for_check();
    reached = end_;
    theirs = std::exchange(before_, std::nullopt);
  }
  const auto seen = look(marks, reached, theirs);
  if (!seen && seen.error().code == ErrorCode::verification_failed) return stop_for_good(seen.error());
  std::lock_guard lock(mutex_);
  if (!seen) {
    // The broker is away, and says so to those who append.
    witnesses_.put_back(std::move(marks));
    if (!before_) before_ = theirs;
    return;
  }
  doubted_ = suspicious_;  // again, meanwhile
  if (!*seen || (*seen)->position.offset < end_) return;
  // What others appended is a witness as good as what this process did.
  witnesses_.saw(Mark{(*seen)->position.offset, (*seen)->hash});
  end_ = (*seen)->position.offset + 1;
}

// Whether the log still is what it was when it reached `reached`, and nobody has begun another epoch: that is seen by `theirs`,
// which others wrote, and by the last event, when the log reaches further. The last of them.
Result<std::optional<Entry>> Writer::look(const std::vector<Mark>& witnesses, std::uint64_t reached, std::optional<std::uint64_t> theirs) {
  const auto end = questions_->still_holds(id_, witnesses);
  if (!end) return forward(end);
  if (*end < reached) return log_truncated(reached - 1, *end);
  std::vector<std::uint64_t> telling;
  if (theirs) telling.push_back(*theirs);
  if (*end > reached) telling.push_back(*end - 1);
  std::optional<Entry> seen;
  for (const std::uint64_t offset : telling) {
    auto event = questions_->read_one(offset);
    if (!event) return forward(event);
    if (event->position.epoch > epoch()) {
      return fail(ErrorCode::verification_failed, "log-restored",
                  "the log was restored while this process ran: the event at offset " + std::to_string(offset) + " belongs to epoch " +
                      std::to_string(event->position.epoch) + ", and this process to " + std::to_string(epoch()) + "; start it again");
    }
    seen = std::move(*event);
  }
  return seen;
}

// Reads forward from where it may stand first.
void Writer::locate(const Append& append) {
  const auto extent = questions_->extent();
  for (std::uint64_t offset = append.behind; extent && offset < extent->end; ++offset) {
    const auto event = questions_->read_one(offset);
    if (!event) break;
    if (event->hash != append.hash) continue;
    {
      std::lock_guard lock(mutex_);
      if (!witnesses_.last() || witnesses_.last()->offset < offset) witnesses_.saw(Mark{offset, append.hash});
    }
    return settle(append, Outcome::persisted, event->position);
  }
  settle(append, Outcome::unknown, fail(unknown_outcome("it was acknowledged without its place, and was not found yet")));
}

void Writer::stop_for_good(const Error& why) {
  log::error("the log takes no more events", {{"reason", why.reason}, {"detail", why.detail}});
  std::lock_guard lock(mutex_);
  for_good_ = true;
  stopped_ = unavailable(why.reason, why.detail);
}

}  // namespace quicklime::eventlog::kafka
