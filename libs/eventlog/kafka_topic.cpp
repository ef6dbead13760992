#include "eventlog/kafka_topic.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <thread>

#include "events/codec.hpp"

namespace quicklime::eventlog::kafka {
namespace {

using std::chrono::steady_clock;

constexpr std::int64_t kMinimumReplicas = 2;      // that have an event before it counts
constexpr std::int64_t kMessageOverhead = 5'536;  // batch, headers and what else Kafka adds
constexpr std::int64_t kSmallestMaximum = events::kMaximumEventBytes + kMessageOverhead;

using Metadata = std::unique_ptr<const rd_kafka_metadata_t, Destroyer<rd_kafka_metadata_destroy>>;
using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, Destroyer<rd_kafka_NewTopic_destroy>>;
using ConfigResource = std::unique_ptr<rd_kafka_ConfigResource_t, Destroyer<rd_kafka_ConfigResource_destroy>>;
using AdminOptions = std::unique_ptr<rd_kafka_AdminOptions_t, Destroyer<rd_kafka_AdminOptions_destroy>>;

Failure unsafe(const KafkaLogOptions& options, const std::string& property, const std::string& found, const std::string& wanted) {
  return fail(ErrorCode::invalid, "log-topic-unsafe",
              "the topic " + options.topic + " can lose events: " + property + " is " + found + " and must be " + wanted +
                  "; set it with kafka-configs.sh, or see allow_single_replica",
              property);
}

Failure no_topic(const KafkaLogOptions& options) {
  return fail(ErrorCode::not_found, "log-missing",
              "there is no topic " + options.topic + " at " + options.bootstrap_servers + "; make it with quicklime init --log kafka");
}

AdminOptions admin_options(rd_kafka_t* handle, rd_kafka_admin_op_t operation, const KafkaLogOptions& options) {
  AdminOptions admin(rd_kafka_AdminOptions_new(handle, operation));
  char text[256];
  rd_kafka_AdminOptions_set_request_timeout(admin.get(), as_timeout(options.question_timeout), text, sizeof text);
  return admin;
}

// The topic's partition count and the replicas of the first one.
struct Shape {
  int partitions;
  int replicas;
};

Result<Shape> shape(rd_kafka_t* handle, const KafkaLogOptions& options) {
  const Topic topic(rd_kafka_topic_new(handle, options.topic.c_str(), nullptr));
  const auto deadline = steady_clock::now() + options.question_timeout;
  for (;;) {
    const rd_kafka_metadata_t* raw = nullptr;
    const auto code = rd_kafka_metadata(handle, 0, topic.get(), &raw, as_timeout(options.question_timeout));
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return fail(unavailable("the broker " + options.bootstrap_servers + " does not answer", code, handle));
    }
    const Metadata metadata(raw);
    const auto& found = metadata->topics[0];
    if (found.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return no_topic(options);
    if (found.err == RD_KAFKA_RESP_ERR_NO_ERROR) return Shape{found.partition_cnt, found.partitions[0].replica_cnt};
    if (steady_clock::now() > deadline) return fail(unavailable("the topic " + options.topic + " is not ready", found.err));
    std::this_thread::sleep_for(Milliseconds(100));
  }
}

Result<std::map<std::string, std::string>> properties(rd_kafka_t* handle, const KafkaLogOptions& options) {
  const ConfigResource resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, options.topic.c_str()));
  const auto admin = admin_options(handle, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, options);
  const Queue answers(rd_kafka_queue_new(handle));
  rd_kafka_ConfigResource_t* asked[] = {resource.get()};
  rd_kafka_DescribeConfigs(handle, asked, 1, admin.get(), answers.get());
  const Event answer(rd_kafka_queue_poll(answers.get(), as_timeout(options.question_timeout) + 1'000));
  if (!answer) return fail(unavailable("log-unavailable", "the broker does not tell the topic's properties"));
  if (const auto code = rd_kafka_event_error(answer.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fail(unavailable("the topic's properties are not known", code));
  }
  std::size_t count = 0;
  const auto* result = rd_kafka_event_DescribeConfigs_result(answer.get());
  const auto* const* resources = rd_kafka_DescribeConfigs_result_resources(result, &count);
  if (count != 1) return fail(unavailable("log-unavailable", "the broker does not tell the topic's properties"));
  if (const auto code = rd_kafka_ConfigResource_error(resources[0]); code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
    return no_topic(options);
  } else if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fail(unavailable("the topic's properties are not known (the right DESCRIBE_CONFIGS is needed)", code));
  }
  std::map<std::string, std::string> found;
  const auto* const* entries = rd_kafka_ConfigResource_configs(resources[0], &count);
  for (std::size_t i = 0; i < count; ++i) {
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    found.emplace(rd_kafka_ConfigEntry_name(entries[i]), value != nullptr ? value : "");
  }
  return found;
}

std::int64_t number(const std::string& text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Result<void> check_once(rd_kafka_t* handle, const KafkaLogOptions& options) {
  const auto found_shape = shape(handle, options);
  if (!found_shape) return forward(found_shape);
  if (found_shape->partitions != 1) return unsafe(options, "partitions", std::to_string(found_shape->partitions), "1");
  // On its own: Kafka lowers min.insync.replicas to the number of replicas there are.
  if (!options.allow_single_replica && found_shape->replicas < kMinimumReplicas) {
    return unsafe(options, "replication.factor", std::to_string(found_shape->replicas), "3");
  }
  auto found = properties(handle, options);
  if (!found) return forward(found);
  auto& has = *found;
  const std::pair<const char*, const char*> exactly[] = {
      {"cleanup.policy", "delete"},
      {"retention.ms", "-1"},
      {"retention.bytes", "-1"},
      {"unclean.leader.election.enable", "false"},
  };
  for (const auto& [name, value] : exactly) {
    if (has[name] != value) return unsafe(options, name, has[name], value);
  }
  if (!options.allow_single_replica && number(has["min.insync.replicas"]) < kMinimumReplicas) {
    return unsafe(options, "min.insync.replicas", has["min.insync.replicas"], "2");
  }
  if (options.flush_every_event && has["flush.messages"] != "1") return unsafe(options, "flush.messages", has["flush.messages"], "1");
  if (number(has["max.message.bytes"]) < kSmallestMaximum) {
    return unsafe(options, "max.message.bytes", has["max.message.bytes"], "at least " + std::to_string(kSmallestMaximum));
  }
  return {};
}

}  // namespace

Result<bool> create_topic(rd_kafka_t* handle, const KafkaLogOptions& options) {
  char text[512];
  const NewTopic topic(rd_kafka_NewTopic_new(options.topic.c_str(), 1, options.allow_single_replica ? 1 : 3, text, sizeof text));
  if (!topic) return fail(ErrorCode::invalid, "log-client-setting", std::string("the topic cannot be made: ") + text, "topic");
  const std::pair<const char*, const char*> wanted[] = {
      {"min.insync.replicas", options.allow_single_replica ? "1" : "2"},
      {"unclean.leader.election.enable", "false"},
      {"cleanup.policy", "delete"},
      {"retention.ms", "-1"},
      {"retention.bytes", "-1"},
      {"max.message.bytes", "1048588"},
      {"segment.bytes", "268435456"},
      {"compression.type", "producer"},
      {"message.timestamp.type", "LogAppendTime"},
  };
  for (const auto& [name, value] : wanted) rd_kafka_NewTopic_set_config(topic.get(), name, value);
  if (options.flush_every_event) rd_kafka_NewTopic_set_config(topic.get(), "flush.messages", "1");
  const auto admin = admin_options(handle, RD_KAFKA_ADMIN_OP_CREATETOPICS, options);
  rd_kafka_AdminOptions_set_operation_timeout(admin.get(), as_timeout(options.question_timeout), text, sizeof text);
  const Queue answers(rd_kafka_queue_new(handle));
  rd_kafka_NewTopic_t* asked[] = {topic.get()};
  rd_kafka_CreateTopics(handle, asked, 1, admin.get(), answers.get());
  const Event answer(rd_kafka_queue_poll(answers.get(), as_timeout(options.question_timeout) + 1'000));
  if (!answer) return fail(unavailable("log-unavailable", "the broker " + options.bootstrap_servers + " does not answer"));
  if (const auto code = rd_kafka_event_error(answer.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fail(unavailable("the topic " + options.topic + " was not made at " + options.bootstrap_servers, code, handle));
  }
  std::size_t count = 0;
  const auto* const* results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(answer.get()), &count);
  const auto code = count == 1 ? rd_kafka_topic_result_error(results[0]) : RD_KAFKA_RESP_ERR__FAIL;
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
  if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return false;
  if (code == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR) {
    return fail(ErrorCode::invalid, "log-topic-unsafe",
                "there are too few brokers for 3 replicas of the log; start more, or allow_single_replica", "replication.factor");
  }
  return fail(unavailable("the topic " + options.topic + " was not made at " + options.bootstrap_servers, code, handle));
}

Result<void> check_topic(rd_kafka_t* handle, const KafkaLogOptions& options, Milliseconds patience) {
  const auto deadline = steady_clock::now() + patience;
  for (;;) {
    auto safe = check_once(handle, options);
    const bool unheard = !safe && safe.error().code == ErrorCode::not_found;
    if (!unheard || steady_clock::now() >= deadline) return safe;
    std::this_thread::sleep_for(Milliseconds(100));
  }
}

}  // namespace quicklime::eventlog::kafka
