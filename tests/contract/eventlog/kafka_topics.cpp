// What tests do to topics behind a log's back.

#include "kafka_topics.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "eventlog/kafka_client.hpp"
#include "must.hpp"

namespace quicklime::eventlog::contract {

namespace {

// What stands in a file of the broker that CTest's fixture has started.
std::string broker_file(const std::string& name) {
  const char* directory = std::getenv("QUICKLIME_KAFKA");
  std::string line;
  if (directory != nullptr) {
    std::ifstream file(directory + ("/" + name));
    std::getline(file, line);
  }
  if (line.empty()) {
    throw std::runtime_error(
        "no broker: scripts/kafka.sh start DIR --secured, and QUICKLIME_KAFKA=DIR in the environment; ctest does both");
  }
  return line;
}

}  // namespace

std::string bootstrap_servers() { return broker_file("bootstrap"); }

KafkaLogOptions options_for(const std::string& topic) {
  KafkaLogOptions options;
  options.bootstrap_servers = bootstrap_servers();
  options.topic = topic;
  options.allow_single_replica = true;
  options.message_timeout = Milliseconds(3'000);
  return options;
}

KafkaLogOptions secured_options_for(const std::string& topic) {
  KafkaLogOptions options = options_for(topic);
  options.bootstrap_servers = broker_file("secured/bootstrap");
  options.client = {{"security.protocol", "SASL_SSL"},
                    {"ssl.ca.location", std::string(std::getenv("QUICKLIME_KAFKA")) + "/secured/root.pem"},
                    {"sasl.mechanism", "PLAIN"},
                    {"sasl.username", "quicklime"},
                    {"sasl.password", broker_file("secured/password")}};
  return options;
}

std::string fresh_topic() {
  static int made = 0;
  return "contract-" + std::to_string(::getpid()) + "-" + std::to_string(++made);
}

std::vector<Raw> read_topic(const KafkaLogOptions& options) {
  const auto handle = must(kafka::make_handle(kafka::Use::follow, options));
  const kafka::Topic topic(rd_kafka_topic_new(handle.get(), options.topic.c_str(), nullptr));
  std::int64_t low = 0;
  std::int64_t high = 0;
  if (rd_kafka_query_watermark_offsets(handle.get(), options.topic.c_str(), 0, &low, &high, 5'000) != 0) throw std::runtime_error("end");
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

void delete_topic(const KafkaLogOptions& options) {
  const auto handle = must(kafka::make_handle(kafka::Use::ask, options));
  const kafka::Queue answers(rd_kafka_queue_new(handle.get()));
  rd_kafka_DeleteTopic_t* topic = rd_kafka_DeleteTopic_new(options.topic.c_str());
  rd_kafka_DeleteTopics(handle.get(), &topic, 1, nullptr, answers.get());
  const kafka::Event answer(rd_kafka_queue_poll(answers.get(), 10'000));
  rd_kafka_DeleteTopic_destroy(topic);
  if (!answer || rd_kafka_event_error(answer.get()) != 0) throw std::runtime_error("the topic cannot be deleted");
}

void fill_topic(const KafkaLogOptions& options, const std::vector<Raw>& records) {
  const auto handle = must(kafka::make_handle(kafka::Use::append, options));
  const kafka::Queue reports(rd_kafka_queue_get_main(handle.get()));
  for (const Raw& raw : records) {
    rd_kafka_headers_t* headers = rd_kafka_headers_new(2);
    for (const auto& [name, value] : raw.headers) {
      rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(), static_cast<ssize_t>(value.size()));
    }
    // A topic that was made a moment ago may not be known yet.
    rd_kafka_resp_err_t code{};
    do {
      code = rd_kafka_producev(
          handle.get(), RD_KAFKA_V_TOPIC(options.topic.c_str()), RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
          RD_KAFKA_V_VALUE(const_cast<char*>(raw.value.data()), raw.value.size()), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
      if (code != 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    } while (code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC);
    while (code == 0 && rd_kafka_outq_len(handle.get()) > 0) {
      const kafka::Event report(rd_kafka_queue_poll(reports.get(), 1'000));
      if (rd_kafka_event_type(report.get()) == RD_KAFKA_EVENT_DR) code = rd_kafka_event_message_next(report.get())->err;
    }
    if (code != 0) throw std::runtime_error(std::string("the topic cannot be filled: ") + rd_kafka_err2str(code));
  }
}

void make_topic(const KafkaLogOptions& options, int partitions, const std::map<std::string, std::string>& properties) {
  const auto handle = must(kafka::make_handle(kafka::Use::ask, options));
  char text[256];
  rd_kafka_NewTopic_t* topic = rd_kafka_NewTopic_new(options.topic.c_str(), partitions, 1, text, sizeof text);
  for (const auto& [name, value] : properties) rd_kafka_NewTopic_set_config(topic, name.c_str(), value.c_str());
  const kafka::Queue answers(rd_kafka_queue_new(handle.get()));
  rd_kafka_CreateTopics(handle.get(), &topic, 1, nullptr, answers.get());
  const kafka::Event answer(rd_kafka_queue_poll(answers.get(), 10'000));
  rd_kafka_NewTopic_destroy(topic);
  if (!answer || rd_kafka_event_error(answer.get()) != 0) throw std::runtime_error("the topic cannot be made");
  std::size_t count = 0;
  const auto* const* results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(answer.get()), &count);
  if (rd_kafka_topic_result_error(results[0]) != 0) throw std::runtime_error(rd_kafka_topic_result_error_string(results[0]));
  // The controller has it; a broker that is asked hears of it a moment later.
  rd_kafka_topic_t* made = rd_kafka_topic_new(handle.get(), options.topic.c_str(), nullptr);
  for (bool known = false; !known; std::this_thread::sleep_for(std::chrono::milliseconds(20))) {
    const struct rd_kafka_metadata* metadata = nullptr;
    if (rd_kafka_metadata(handle.get(), 0, made, &metadata, 5'000) != 0) continue;
    known = metadata->topic_cnt == 1 && metadata->topics[0].err == 0 && metadata->topics[0].partition_cnt == partitions;
    rd_kafka_metadata_destroy(metadata);
  }
  rd_kafka_topic_destroy(made);
}

}  // namespace quicklime::eventlog::contract
