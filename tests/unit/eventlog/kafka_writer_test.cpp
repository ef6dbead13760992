// Faults of a broker that a real one cannot be made to have at will: librdkafka's mock broker has them.

#include "eventlog/kafka_writer.hpp"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka_mock.h>

#include <chrono>
#include <thread>

#include "async/task.hpp"

namespace quicklime::eventlog::kafka {
namespace {

using namespace std::chrono_literals;

constexpr int kProduce = 0;  // Kafka's numbers of requests
constexpr int kListOffsets = 2;
constexpr int kBroker = 1;
constexpr const char* kCreated =
    R"({"schema":"log.created/1-0-0","id":"01890a5d-ac96-774b-bcce-b302099a8056","time":"2026-11-21T01:02:03.456Z",)"
    R"("writer":"01890a5d-ac96-774b-bcce-b302099a8055/1","actor":{"kind":"control","id":"0"},"request":"init",)"
    R"("data":{"log_id":"01890a5d-ac96-774b-bcce-b302099a8057"}})";

class KafkaWriter : public testing::Test {
 protected:
  void SetUp() override {
    char text[256];
    owner_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), text, sizeof text));
    cluster_.reset(rd_kafka_mock_cluster_new(owner_.get(), 1));
    rd_kafka_mock_topic_create(cluster_.get(), "log", 1, 1);
    options_.bootstrap_servers = rd_kafka_mock_cluster_bootstraps(cluster_.get());
    options_.topic = "log";
    options_.close_timeout = 500ms;
    questions_ = *Questions::open(options_);
    ASSERT_EQ(appended(*writer(std::nullopt), kCreated), (Position{0, 0}));
  }

  // Behind the log's present end.
  std::unique_ptr<Writer> writer() {
    const auto end = questions_->extent();
    return writer(*questions_->read_one(end->end - 1));
  }
  std::unique_ptr<Writer> writer(const std::optional<Entry>& last) {
    return *Writer::open(options_, LogId("01890a5d-ac96-774b-bcce-b302099a8057"), last, questions_, registry_);
  }
  static Result<Position> append(Writer& writer, std::string bytes) {
    const auto queued = writer.enqueue(std::move(bytes));
    if (!queued) return forward(queued);
    return async::run_to_end(queued->wait());
  }
  static Position appended(Writer& writer, std::string bytes) {
    const auto position = append(writer, std::move(bytes));
    EXPECT_TRUE(position) << position.error().detail;
    return position ? *position : Position{};
  }
  std::vector<std::string> events() {
    std::vector<std::string> all;
    for (std::uint64_t offset = 1; offset < questions_->extent()->end; ++offset) all.push_back(questions_->read_one(offset)->bytes);
    return all;
  }
  std::uint64_t outcomes(const std::string& outcome) {
    return registry_.counter("quicklime_log_append_outcomes_total", "", {{"outcome", outcome}}).value();
  }
  // And the writer has seen it.
  void broker_goes_down(Writer& writer) {
    rd_kafka_mock_broker_set_down(cluster_.get(), kBroker);
    const rd_kafka_metadata_t* metadata = nullptr;
    while (rd_kafka_metadata(writer.producer_for_test(), 0, nullptr, &metadata, 1000) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      rd_kafka_metadata_destroy(metadata);
    }
  }
  void answer_late(Milliseconds delay) {
    rd_kafka_mock_broker_push_request_error_rtts(cluster_.get(), kBroker, kProduce, 1, RD_KAFKA_RESP_ERR_NO_ERROR,
                                                 static_cast<int>(delay.count()));
  }

  using Cluster = std::unique_ptr<rd_kafka_mock_cluster_t, Destroyer<rd_kafka_mock_cluster_destroy>>;
  Handle owner_;
  Cluster cluster_;
  KafkaLogOptions options_;
  metrics::Registry registry_;
  std::shared_ptr<Questions> questions_;
};

TEST_F(KafkaWriter, ABrokerThatHasYetToHearOfTheTopicIsAskedAgainForItsEnd) {
  rd_kafka_mock_push_request_errors(cluster_.get(), kListOffsets, 3, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
                                    RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  const auto extent = questions_->extent();
  ASSERT_TRUE(extent) << extent.error().detail;
  EXPECT_EQ(extent->end, 1U);
}

TEST_F(KafkaWriter, APersistedEventIsCounted) {
  EXPECT_EQ(appended(*writer(), "one"), (Position{0, 1}));
  EXPECT_EQ(outcomes("persisted"), 2U);  // and log.created
  EXPECT_EQ(registry_.histogram("quicklime_log_append_seconds", "").values().sum > 0, true);
}

TEST_F(KafkaWriter, AnAcknowledgementThatComesTooLateIsUnknownAndTheEventIsThere) {
  options_.message_timeout = 1s;
  auto late = writer();
  answer_late(2s);
  const auto position = append(*late, "late");
  ASSERT_FALSE(position);
  EXPECT_EQ(position.error().code, ErrorCode::outcome_unknown);
  EXPECT_EQ(outcomes("unknown"), 1U);
  EXPECT_EQ(events(), std::vector<std::string>{"late"});
}

TEST_F(KafkaWriter, ABrokerThatHangsIsGivenUpAfterTheSocketTimeoutAndAskedAgain) {
  options_.socket_timeout = 1s;
  const auto hasty = writer();
  answer_late(20s);
  const auto begun = std::chrono::steady_clock::now();
  appended(*hasty, "one");  // the mock takes what is sent again for another event, where a broker knows it by its sequence
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 8s);
}

TEST_F(KafkaWriter, ABrokerThatIsAwayBeforeAnythingIsSentHasNotPersisted) {
  options_.message_timeout = 1s;
  auto lonely = writer();
  broker_goes_down(*lonely);
  const auto position = append(*lonely, "never");
  ASSERT_FALSE(position);
  EXPECT_EQ(position.error().code, ErrorCode::unavailable);
  EXPECT_NE(position.error().retry_after_seconds, 0U);
  EXPECT_EQ(outcomes("not_persisted"), 1U);
  rd_kafka_mock_broker_set_up(cluster_.get(), kBroker);
  EXPECT_EQ(events(), std::vector<std::string>{});
}

TEST_F(KafkaWriter, TooFewReplicasAreWaitedFor) {
  auto patient = writer();
  rd_kafka_mock_push_request_errors(cluster_.get(), kProduce, 3, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
                                    RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);
  EXPECT_EQ(appended(*patient, "one"), (Position{0, 1}));
}

TEST_F(KafkaWriter, WhatTheBrokerRefusesForGoodIsOurFault) {
  auto refused = writer();
  rd_kafka_mock_push_request_errors(cluster_.get(), kProduce, 1, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  const auto position = append(*refused, "one");
  ASSERT_FALSE(position);
  EXPECT_EQ(position.error().code, ErrorCode::internal);
  EXPECT_EQ(position.error().reason, "log-refused");
}

TEST_F(KafkaWriter, ThePlaceOfAnEventThatWasAcknowledgedWithoutItIsFound) {
  auto second = writer();
  for (const char* event : {"other", "twice sent", "more"}) appended(*writer(), event);
  // As when the first attempt landed and its acknowledgement was lost.
  rd_kafka_mock_push_request_errors(cluster_.get(), kProduce, 1, RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER);
  EXPECT_EQ(appended(*second, "twice sent"), (Position{0, 2}));
  EXPECT_EQ(events(), (std::vector<std::string>{"other", "twice sent", "more"}));
}

TEST_F(KafkaWriter, AnEventThatWasAcknowledgedWithoutItsPlaceAndIsNotFoundIsUnknown) {
  auto lost = writer();
  rd_kafka_mock_push_request_errors(cluster_.get(), kProduce, 1, RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER);
  EXPECT_EQ(append(*lost, "nowhere").error().code, ErrorCode::outcome_unknown);
  EXPECT_EQ(appended(*lost, "next"), (Position{0, 1}));
}

TEST_F(KafkaWriter, AProducerThatFailedIsMadeAnewAndNobodyWaitsForEver) {
  auto failing = writer();
  ASSERT_TRUE(append(*failing, "before"));
  answer_late(1s);
  const auto in_flight = failing->enqueue("in flight");
  ASSERT_TRUE(in_flight);
  std::this_thread::sleep_for(200ms);
  rd_kafka_test_fatal_error(failing->producer_for_test(), RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "by a test");
  const auto answered = async::run_to_end(in_flight->wait_for(8s));
  ASSERT_TRUE(answered);
  EXPECT_TRUE(*answered || answered->error().code == ErrorCode::outcome_unknown) << answered->error().detail;

  const auto refused = append(*failing, "meanwhile");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "log-stopped");
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);

  Result<Position> again = fail(Error{ErrorCode::internal, "", ""});
  for (int i = 0; i < 100 && !again; ++i) {
    std::this_thread::sleep_for(100ms);
    again = append(*failing, "after");
  }
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(questions_->read_one(again->offset)->bytes, "after");
  EXPECT_EQ(registry_.counter("quicklime_log_producer_rebuilds_total", "").value(), 1U);
  EXPECT_EQ(events().front(), "before");
}

TEST_F(KafkaWriter, AFullQueueRefusesAtOnceAndEmptiesLater) {
  options_.queue_events = 5;
  auto full = writer();
  broker_goes_down(*full);
  std::vector<AppendDone> queued;
  for (int i = 0; i < 5; ++i) queued.push_back(*full->enqueue("event " + std::to_string(i)));
  const auto started = std::chrono::steady_clock::now();
  const auto refused = full->enqueue("one too many");
  EXPECT_LT(std::chrono::steady_clock::now() - started, 2s);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_EQ(refused.error().reason, "log-queue-full");
  EXPECT_NE(refused.error().retry_after_seconds, 0U);
  rd_kafka_mock_broker_set_up(cluster_.get(), kBroker);
  for (const AppendDone& done : queued) EXPECT_TRUE(async::run_to_end(done.wait()));
  EXPECT_EQ(questions_->extent()->end, 6U);
}

TEST_F(KafkaWriter, ClosingLeavesNobodyWaiting) {
  auto closing = writer();
  broker_goes_down(*closing);
  const auto queued = closing->enqueue("never sent");
  closing.reset();
  ASSERT_TRUE(queued->completed());
  EXPECT_FALSE(async::run_to_end(queued->wait()));
  rd_kafka_mock_broker_set_up(cluster_.get(), kBroker);
  EXPECT_EQ(events(), std::vector<std::string>{});
}

}  // namespace
}  // namespace quicklime::eventlog::kafka
