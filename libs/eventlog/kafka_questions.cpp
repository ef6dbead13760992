#include "eventlog/kafka_questions.hpp"

#include <algorithm>
#include <charconv>
#include <thread>

#include "events/codec.hpp"

namespace quicklime::eventlog::kafka {
namespace {

using std::chrono::steady_clock;

constexpr Milliseconds kFetchPatience{50};
constexpr Milliseconds kElectionWait{50};

std::optional<std::string_view> header(const rd_kafka_message_t& message, const char* name) {
  rd_kafka_headers_t* headers = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  if (rd_kafka_header_get_last(headers, name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  return std::string_view(static_cast<const char*>(value), size);
}

}  // namespace

rd_kafka_resp_err_t ask_offset(rd_kafka_t* handle, const std::string& topic, std::int64_t which, Milliseconds patience,
                               std::int64_t& offset) {
  const std::unique_ptr<rd_kafka_topic_partition_list_t, Destroyer<rd_kafka_topic_partition_list_destroy>> asked(
      rd_kafka_topic_partition_list_new(1));
  auto* const partition = rd_kafka_topic_partition_list_add(asked.get(), topic.c_str(), 0);
  partition->offset = which;
  const auto code = rd_kafka_offsets_for_times(handle, asked.get(), as_timeout(patience));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return code;
  offset = partition->offset;
  return partition->err;
}

Result<Entry> entry_of(const rd_kafka_message_t& message) {
  const auto offset = static_cast<std::uint64_t>(message.offset);
  std::string bytes(static_cast<const char*>(message.payload), message.len);
  const auto hash = crypto::sha256(bytes);
  // Absent when something else than this library wrote the event, as a test or a repair by hand.
  if (const auto written = header(message, "sha256"); written && *written != crypto::view(hash)) {
    return log_altered(offset, "stand other bytes than those whose hash is beside them");
  }
  std::uint64_t epoch = 0;
  if (const auto text = header(message, "epoch")) {
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), epoch);
    if (error != std::errc() || end != text->data() + text->size()) return log_altered(offset, "the epoch is no number");
  }
  return Entry{Position{epoch, offset}, std::move(bytes), hash, std::nullopt};
}

Failure beginning_gone(const std::string& topic, std::uint64_t begin) {
  return fail(
      ErrorCode::verification_failed, "log-truncated",
      "the log's beginning is gone: the topic " + topic + " begins at offset " + std::to_string(begin) + "; restore it from a backup");
}

Questions::Questions(const KafkaLogOptions& options, std::unique_ptr<Trouble> trouble, Handle handle, Topic topic)
    : options_(options), trouble_(std::move(trouble)), handle_(std::move(handle)), topic_(std::move(topic)) {}

Result<std::shared_ptr<Questions>> Questions::open(const KafkaLogOptions& options) {
  auto trouble = std::make_unique<Trouble>();
  auto handle = make_handle(Use::ask, options, trouble.get());
  if (!handle) return forward(handle);
  Topic topic(rd_kafka_topic_new(handle->get(), options.topic.c_str(), nullptr));
  if (!topic) return fail(ErrorCode::invalid, "log-client-setting", "the topic's name " + options.topic + " cannot be used", "topic");
  return std::shared_ptr<Questions>(new Questions(options, std::move(trouble), std::move(*handle), std::move(topic)));
}

Questions::Turn::~Turn() {
  if (questions_ == nullptr) return;
  {
    std::lock_guard lock(questions_->mutex_);
    questions_->asking_ = false;
  }
  questions_->free_.notify_one();
}

Result<Questions::Turn> Questions::turn() {
  std::unique_lock lock(mutex_);
  const bool mine = free_.wait_for(lock, options_.question_timeout, [&] { return !asking_; });
  if (!mine) return fail(unavailable("log-unavailable", "the broker has not answered the questions before this one"));
  rd_kafka_poll(handle_.get(), 0);  // what it has to say of its connections
  asking_ = true;
  return Turn(*this);
}

Result<Questions::Extent> Questions::extent() {
  const auto turn = this->turn();
  if (!turn) return forward(turn);
  return ask_extent(options_.question_timeout);
}

Result<Questions::Extent> Questions::ask_extent(Milliseconds patience) {
  const auto deadline = steady_clock::now() + patience;
  std::int64_t low = 0;
  std::int64_t high = 0;
  for (;;) {
    const auto left = std::max(std::chrono::ceil<Milliseconds>(deadline - steady_clock::now()), Milliseconds(1));
    auto code = ask_offset(handle_.get(), options_.topic, RD_KAFKA_OFFSET_BEGINNING, left, low);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) code = ask_offset(handle_.get(), options_.topic, RD_KAFKA_OFFSET_END, left, high);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) break;
    // A new leader, or a new topic of which this broker has yet to hear, though another one has told of it.
    const bool passing = code == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION || code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ||
                         code == RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE || code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    if (!passing || steady_clock::now() + kElectionWait > deadline)
      return fail(unavailable("the log's end is not known", code, handle_.get()));
    std::this_thread::sleep_for(kElectionWait);
  }
  return Extent{static_cast<std::uint64_t>(low), static_cast<std::uint64_t>(high)};
}

Result<Message> Questions::fetch(std::uint64_t offset) {
  auto messages = fetch(offset, 1, 1);
  if (!messages) return forward(messages);
  return std::move(messages->front());
}

Result<std::vector<Message>> Questions::fetch(std::uint64_t offset, std::size_t maximum_events, std::size_t maximum_bytes) {
  const auto turn = this->turn();
  if (!turn) return forward(turn);
  const auto missing = fail(ErrorCode::not_found, "log-offset-missing", "the log has no event at offset " + std::to_string(offset));
  const auto deadline = steady_clock::now() + options_.question_timeout;
  if (rd_kafka_consume_start(topic_.get(), 0, static_cast<std::int64_t>(offset)) != 0) {
    return fail(unavailable("the event at offset " + std::to_string(offset) + " cannot be read", rd_kafka_last_error()));
  }
  Result<std::vector<Message>> answer =
      fail(unavailable("log-unavailable", "the event at offset " + std::to_string(offset) + " does not arrive"));
  for (auto now = steady_clock::now(); now < deadline; now = steady_clock::now()) {
    const auto left = std::chrono::ceil<Milliseconds>(deadline - now);
    // librdkafka 2.0 starts to fetch when the broker's thread next wakes up, which a question makes it do.
    (void)ask_extent(left);
    Message message(rd_kafka_consume(topic_.get(), 0, as_timeout(std::min(left, kFetchPatience))));
    if (!message) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      std::size_t bytes = message->len;
      std::vector<Message> messages;
      messages.push_back(std::move(message));
      while (messages.size() < maximum_events && bytes < maximum_bytes) {
        Message next(rd_kafka_consume(topic_.get(), 0, as_timeout(kFetchPatience)));
        if (!next || next->err != RD_KAFKA_RESP_ERR_NO_ERROR) break;
        bytes += next->len;
        messages.push_back(std::move(next));
      }
      answer = std::move(messages);
      break;
    }
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF || message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
        message->err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) {
      answer = missing;
      break;
    }
    if (message->err == RD_KAFKA_RESP_ERR__BAD_MSG) {
      answer = log_altered(offset, "stand damaged bytes");
      break;
    }
    // Anything else may pass: a leader that moves, a topic that the broker has yet to hear of.
    answer = fail(unavailable("the event at offset " + std::to_string(offset) + " cannot be read", message->err, handle_.get()));
  }
  rd_kafka_consume_stop(topic_.get(), 0);
  return answer;
}

Result<Entry> Questions::read_one(std::uint64_t offset) {
  const auto message = fetch(offset);
  if (!message) return forward(message);
  if (static_cast<std::uint64_t>((*message)->offset) != offset) {
    return fail(ErrorCode::not_found, "log-offset-missing", "the log has no event at offset " + std::to_string(offset));
  }
  return entry_of(**message);
}

Result<std::vector<Entry>> Questions::read_range(std::uint64_t from, std::size_t maximum_events, std::size_t maximum_bytes) {
  auto messages = fetch(from, maximum_events, maximum_bytes);
  std::vector<Entry> entries;
  if (!messages && messages.error().reason == "log-offset-missing") return entries;
  if (!messages) return forward(messages);
  entries.reserve(messages->size());
  for (const Message& message : *messages) {
    if (static_cast<std::uint64_t>(message->offset) != from + entries.size()) break;
    auto entry = entry_of(*message);
    if (!entry && entries.empty()) return forward(entry);
    if (!entry) break;
    entries.push_back(*std::move(entry));
  }
  return entries;
}

Result<bool> Questions::is_import(std::uint64_t offset) {
  const auto message = fetch(offset);
  if (!message) return forward(message);
  return header(**message, "import").has_value();
}

Result<LogId> Questions::log_id() {
  const auto missing = [&](const std::string& how) {
    return fail(ErrorCode::not_found, "log-missing",
                "the topic " + options_.topic + " " + how + "; make a log with quicklime init --log kafka");
  };
  const auto first = read_one(0);
  if (!first && first.error().code == ErrorCode::not_found) return missing("does not begin at offset 0, or is empty");
  if (!first) return forward(first);
  const auto event = events::decode(first->bytes);
  const auto* created = event ? std::get_if<events::LogCreated>(&event->data) : nullptr;
  if (created == nullptr) return missing("does not begin with a log.created");
  return created->log_id;
}

Result<std::uint64_t> Questions::still_holds(const LogId& id, const std::vector<Mark>& witnesses) {
  const auto extent = this->extent();
  if (!extent) return forward(extent);
  if (extent->begin > 0) return beginning_gone(options_.topic, extent->begin);
  if (extent->end == 0) return log_truncated(witnesses.empty() ? 0 : witnesses.back().offset, 0);
  const auto found = log_id();
  if (!found && found.error().code == ErrorCode::not_found) {
    return fail(ErrorCode::verification_failed, "log-foreign", "this is another log than " + id.text() + ": " + found.error().detail);
  }
  if (!found) return forward(found);
  if (*found != id) return log_foreign(id, *found);
  for (const Mark& witness : witnesses) {
    if (extent->end <= witness.offset) return log_truncated(witness.offset, extent->end);
    const auto event = read_one(witness.offset);
    if (!event && event.error().code == ErrorCode::not_found) {
      return fail(unavailable("log-unavailable", "the log's end changed while it was looked at"));
    }
    if (!event) return forward(event);
    if (event->hash != witness.hash) return log_altered(witness.offset, "stands another event than the one that was there");
  }
  return extent->end;
}

}  // namespace quicklime::eventlog::kafka
