#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "backend.hpp"
#include "broker_faults.hpp"
#include "eventlog/kafka_client.hpp"
#include "eventlog/kafka_log.hpp"
#include "eventlog/kafka_topic.hpp"

namespace quicklime::eventlog::contract {
namespace {

using namespace std::chrono_literals;

metrics::Registry& registry() {
  static metrics::Registry the_registry;
  return the_registry;
}

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().reason + ": " + result.error().detail);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// The broker that CTest's fixture has started.
std::string bootstrap_servers() {
  const char* directory = std::getenv("QUICKLIME_KAFKA");
  std::string servers;
  if (directory != nullptr) std::getline(std::ifstream(std::string(directory) + "/bootstrap"), servers);
  if (servers.empty()) {
    throw std::runtime_error("no broker: scripts/kafka.sh start DIR, and QUICKLIME_KAFKA=DIR in the environment; ctest does both");
  }
  return servers;
}

KafkaLogOptions options_for(const std::string& topic) {
  KafkaLogOptions options;
  options.bootstrap_servers = bootstrap_servers();
  options.topic = topic;
  options.allow_single_replica = true;
  options.message_timeout = 3s;
  return options;
}

// A record as it stands in the topic.
struct Raw {
  std::string value;
  std::vector<std::pair<std::string, std::string>> headers;
};

class KafkaBackend final : public Backend {
 public:
  KafkaBackend() {
    broker_faults::lead_through(std::stoi(options_.bootstrap_servers.substr(options_.bootstrap_servers.find(':') + 1)));
    must(create_kafka_log(options_, kFirst));
  }

  std::unique_ptr<EventLog> open() override { return must(open_kafka_log(options_, registry())); }

  void append_elsewhere(const std::vector<std::string>& events) override {
    std::vector<std::string> words{kAppendToTopic, options_.topic};
    words.insert(words.end(), events.begin(), events.end());
    run_elsewhere(std::move(words));
  }

  void stall(EventLog&, bool stalled) override { broker_faults::hold_writes(stalled); }
  void refuse_next(EventLog&) override {
    broker_faults::cut(options_.message_timeout + 700ms);
    std::this_thread::sleep_for(100ms);  // until it is seen that the connections are gone
  }
  void lose_next_outcome(EventLog&) override { broker_faults::hold_acknowledgements(options_.message_timeout + 500ms); }

  // The topic of old is deleted, and one with this content stands in its place.
  void alter(std::uint64_t offset) override {
    auto records = read();
    records.at(offset).value.back() ^= 1;
    replace(records);
  }
  void truncate(std::uint64_t end) override {
    auto records = read();
    records.resize(end);
    replace(records);
  }
  void recreate(const LogId& id) override {
    remove();
    must(create_kafka_log(options_, first_event(id)));
  }

 private:
  std::vector<Raw> read();
  void replace(const std::vector<Raw>& records);
  void remove();

  const KafkaLogOptions options_ = options_for("contract-" + std::to_string(::getpid()) + "-" + std::to_string(std::rand()));
};

std::vector<Raw> KafkaBackend::read() {
  const auto handle = must(kafka::make_handle(kafka::Use::follow, options_));
  const kafka::Topic topic(rd_kafka_topic_new(handle.get(), options_.topic.c_str(), nullptr));
  std::int64_t low = 0;
  std::int64_t high = 0;
  if (rd_kafka_query_watermark_offsets(handle.get(), options_.topic.c_str(), 0, &low, &high, 5'000) != 0) throw std::runtime_error("end");
  std::vector<Raw> records;
  rd_kafka_consume_start(topic.get(), 0, 0);
  while (records.size() < static_cast<std::size_t>(high)) {
    const kafka::Message message(rd_kafka_consume(topic.get(), 0, 5'000));
    if (!message || message->err != 0) throw std::runtime_error("the topic cannot be read");
    Raw raw{std::string(static_cast<const char*>(message->payload), message->len), {}};
    rd_kafka_headers_t* headers = nullptr;
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    if (rd_kafka_message_headers(message.get(), &headers) == 0) {
      for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == 0; ++i) {
        raw.headers.emplace_back(name, std::string(static_cast<const char*>(value), size));
      }
    }
    records.push_back(std::move(raw));
  }
  rd_kafka_consume_stop(topic.get(), 0);
  return records;
}

void KafkaBackend::remove() {
  const auto handle = must(kafka::make_handle(kafka::Use::ask, options_));
  const kafka::Queue answers(rd_kafka_queue_new(handle.get()));
  rd_kafka_DeleteTopic_t* topic = rd_kafka_DeleteTopic_new(options_.topic.c_str());
  rd_kafka_DeleteTopics(handle.get(), &topic, 1, nullptr, answers.get());
  const kafka::Event answer(rd_kafka_queue_poll(answers.get(), 10'000));
  rd_kafka_DeleteTopic_destroy(topic);
  if (!answer || rd_kafka_event_error(answer.get()) != 0) throw std::runtime_error("the topic cannot be deleted");
}

void KafkaBackend::replace(const std::vector<Raw>& records) {
  remove();
  const auto handle = must(kafka::make_handle(kafka::Use::append, options_));
  if (!must(kafka::create_topic(handle.get(), options_))) throw std::runtime_error("the topic is still there");
  const kafka::Queue reports(rd_kafka_queue_get_main(handle.get()));
  for (const Raw& raw : records) {
    rd_kafka_headers_t* headers = rd_kafka_headers_new(2);
    for (const auto& [name, value] : raw.headers) {
      rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(), static_cast<ssize_t>(value.size()));
    }
    rd_kafka_producev(handle.get(), RD_KAFKA_V_TOPIC(options_.topic.c_str()), RD_KAFKA_V_PARTITION(0),
                      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_VALUE(const_cast<char*>(raw.value.data()), raw.value.size()),
                      RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
  }
  while (rd_kafka_outq_len(handle.get()) > 0) const kafka::Event report(rd_kafka_queue_poll(reports.get(), 1'000));
}

}  // namespace

int append_to_topic_main(const std::vector<std::string>& words) {
  auto log = must(open_kafka_log(options_for(words.at(0)), registry()));
  for (std::size_t i = 1; i < words.size(); ++i) must(async::run_to_end(log->append(words[i])));
  return 0;
}

Factory kafka_backend() {
  return {"kafka", [] { return std::make_unique<KafkaBackend>(); }};
}

}  // namespace quicklime::eventlog::contract
