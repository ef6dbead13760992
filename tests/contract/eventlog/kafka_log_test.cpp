// What only the log in a topic can get wrong.

#include "eventlog/kafka_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdio.h>

#include <chrono>
#include <thread>

#include "backend.hpp"
#include "broker_faults.hpp"
#include "kafka_topics.hpp"

namespace quicklime::eventlog::contract {
namespace {

using namespace std::chrono_literals;

class KafkaLogTopic : public testing::Test {
 protected:
  void create() {
    const auto created = create_kafka_log(options_, kFirst);
    ASSERT_TRUE(created) << created.error().detail;
  }
  void open() {
    auto opened = open_kafka_log(options_, registry_);
    ASSERT_TRUE(opened) << opened.error().detail;
    log_ = std::move(*opened);
  }
  Error open_fails() {
    const auto opened = open_kafka_log(options_, registry_);
    return opened ? Error{ErrorCode::internal, "no failure", ""} : opened.error();
  }
  Error create_fails() {
    const auto created = create_kafka_log(options_, kFirst);
    return created ? Error{ErrorCode::internal, "no failure", ""} : created.error();
  }
  Result<Position> append(std::string bytes) { return async::run_to_end(log_->append(std::move(bytes))); }
  // Appends without a pause until it is refused for good; the reason.
  std::string refused_within(Milliseconds patience) {
    for (const auto until = std::chrono::steady_clock::now() + patience; std::chrono::steady_clock::now() < until;) {
      const auto position = append("too late");
      if (position) continue;
      const Error& refused = position.error();
      if (refused.code == ErrorCode::unavailable && refused.reason != "log-unavailable" && refused.reason != "log-stopped")
        return refused.reason;
      std::this_thread::sleep_for(50ms);
    }
    return "not refused";
  }

  // Between two looks of the writer's, so that it never sees the topic half made.
  void recreate_with(const std::vector<Raw>& records) {
    delete_topic(options_);
    make_topic(options_, 1, kSafe);
    fill_topic(options_, records);
  }
  // A writer that appended little itself before another process appended much, and has heard of that by looking.
  void append_little_among_others() {
    options_.check_interval = 1'500ms;
    create();
    open();
    ASSERT_TRUE(append("one"));
    auto other = open_kafka_log(options_, registry_);
    ASSERT_TRUE(other) << other.error().detail;
    for (int i = 0; i < 30; ++i) ASSERT_TRUE(async::run_to_end((*other)->append("theirs " + std::to_string(i))));
    std::this_thread::sleep_for(2s);
  }

  KafkaLogOptions options_ = options_for(fresh_topic());
  metrics::Registry registry_;
  std::unique_ptr<EventLog> log_;
};

TEST_F(KafkaLogTopic, EventsAreTheValuesThatKcatShows) {
  create();
  open();
  ASSERT_TRUE(append(R"({"one":1})"));
  ASSERT_TRUE(append(R"({"two":2})"));
  const std::string command = "kcat -q -e -C -b " + options_.bootstrap_servers + " -t " + options_.topic + " -o 1 -f '%o %k %s|'";
  FILE* output = ::popen(command.c_str(), "r");
  ASSERT_NE(output, nullptr);
  char text[256] = {};
  const auto size = ::fread(text, 1, sizeof text - 1, output);
  EXPECT_EQ(::pclose(output), 0);
  EXPECT_EQ(std::string(text, size), R"(1  {"one":1}|2  {"two":2}|)");
}

TEST_F(KafkaLogTopic, AMissingTopicStartsNoLog) {
  EXPECT_EQ(open_fails().reason, "log-missing");
  EXPECT_EQ(open_fails().reason, "log-missing");  // nor does asking make it
}

TEST_F(KafkaLogTopic, AnEmptyTopicIsNoLog) {
  make_topic(options_, 1, kSafe);
  EXPECT_EQ(open_fails().reason, "log-missing");
}

TEST_F(KafkaLogTopic, ATopicThatBeginsWithSomethingElseIsNoLog) {
  make_topic(options_, 1, kSafe);
  fill_topic(options_, {Raw{"hello"}});
  EXPECT_EQ(open_fails().reason, "log-missing");
}

TEST_F(KafkaLogTopic, ATopicThatHoldsAnythingIsNotMadeAnew) {
  create();
  EXPECT_EQ(create_fails().reason, "log-exists");
  open();
  EXPECT_EQ(log_->end(), (Position{0, 1}));
}

TEST_F(KafkaLogTopic, AnEmptyTopicLeftByACrashIsCompleted) {
  make_topic(options_, 1, kSafe);
  create();
  open();
  EXPECT_EQ(log_->read_one(0)->bytes, kFirst);
}

TEST_F(KafkaLogTopic, HalfAnImportedLogIsOpenedByItsImportAlone) {
  using Import = KafkaLogOptions::Import;
  options_.import = Import::under_way;
  create();
  const auto refused = [this] {
    options_.import = Import::none;
    return open_fails();
  };
  EXPECT_EQ(refused().reason, "log-importing");
  EXPECT_EQ(refused().code, ErrorCode::unavailable) << "it will be whole";
  options_.import = Import::under_way;
  open();
  ASSERT_TRUE(append(R"({"one":1})"));
  log_.reset();
  EXPECT_EQ(refused().reason, "log-importing");
  options_.import = Import::ending;
  open();
  ASSERT_TRUE(append(R"({"two":2})"));
  log_.reset();
  options_.import = Import::none;
  open();
  EXPECT_EQ(log_->end(), (Position{0, 3}));
}

TEST_F(KafkaLogTopic, ATopicThatCanLoseEventsIsRefusedByTheNameOfItsProperty) {
  const std::pair<std::string, std::string> unsafe[] = {
      {"cleanup.policy", "compact"},  {"cleanup.policy", "compact,delete"},       {"retention.ms", "604800000"},
      {"retention.bytes", "1000000"}, {"unclean.leader.election.enable", "true"}, {"max.message.bytes", "50000"}};
  for (const auto& [name, value] : unsafe) {
    options_.topic = fresh_topic();
    auto properties = kSafe;
    properties[name] = value;
    make_topic(options_, 1, properties);
    const Error refused = open_fails();
    EXPECT_EQ(refused.reason, "log-topic-unsafe") << name;
    EXPECT_EQ(refused.field, name);
    EXPECT_NE(refused.detail.find(name + " is " + value), std::string::npos) << refused.detail;
  }
}

TEST_F(KafkaLogTopic, WhoAsksForFlushesGetsThemAndAcceptsNoTopicWithout) {
  create();
  options_.flush_every_event = true;
  EXPECT_EQ(open_fails().reason, "log-topic-unsafe");
  EXPECT_EQ(open_fails().field, "flush.messages");
  options_.topic = fresh_topic();
  create();
  open();
  ASSERT_TRUE(append("one"));
  options_.flush_every_event = false;
  open();  // more than was asked for
}

TEST_F(KafkaLogTopic, ManyPartitionsAreNoLog) {
  make_topic(options_, 2, kSafe);
  EXPECT_EQ(open_fails().field, "partitions");
}

TEST_F(KafkaLogTopic, ASingleReplicaIsAcceptedOnlyWhenItIsAllowed) {
  create();
  options_.allow_single_replica = false;
  EXPECT_EQ(open_fails().field, "replication.factor");
  options_.topic = fresh_topic();
  EXPECT_EQ(create_fails().field, "replication.factor");  // one broker cannot hold three
}

TEST_F(KafkaLogTopic, NoBrokerIsUnavailable) {
  options_.bootstrap_servers = "127.0.0.1:1";
  options_.question_timeout = 500ms;
  EXPECT_EQ(open_fails().code, ErrorCode::unavailable);
  EXPECT_EQ(create_fails().code, ErrorCode::unavailable);
}

TEST_F(KafkaLogTopic, WhatTheLogDecidesCannotBeSet) {
  options_.client = {{"acks", "1"}};
  EXPECT_EQ(open_fails().reason, "log-client-setting");
  EXPECT_EQ(open_fails().field, "acks");
  options_.client = {{"ssl.no.such.thing", "x"}};
  EXPECT_EQ(open_fails().field, "ssl.no.such.thing");
  options_.client = {{"security.protocol", "plaintext"}, {"client.id", "a test"}};
  create();
  open();
}

TEST_F(KafkaLogTopic, AReadingProcessDoesNotAppend) {
  create();
  options_.appends = false;
  open();
  EXPECT_EQ(append("event").error().reason, "log-read-only");
  EXPECT_EQ(log_->end(), (Position{0, 1}));
}

TEST_F(KafkaLogTopic, ALogBehindTlsAndAPassword) {
  options_ = secured_options_for(options_.topic);
  create();
  open();
  ASSERT_TRUE(append("one"));
  EXPECT_EQ(log_->read_one(1)->bytes, "one");
}

TEST_F(KafkaLogTopic, AWrongPasswordIsNamed) {
  options_ = secured_options_for(options_.topic);
  options_.client["sasl.password"] = "guessed";
  options_.question_timeout = 1s;
  const auto error = open_fails();
  EXPECT_EQ(error.reason, "log-unavailable");
  EXPECT_THAT(error.detail, testing::HasSubstr("Authentication failed"));
}

TEST_F(KafkaLogTopic, ABrokerThatNobodyVouchesForIsNamed) {
  options_ = secured_options_for(options_.topic);
  options_.client.erase("ssl.ca.location");
  options_.question_timeout = 1s;
  const auto error = open_fails();
  EXPECT_EQ(error.reason, "log-unavailable");
  EXPECT_THAT(error.detail, testing::HasSubstr("certificate verify failed"));
}

TEST_F(KafkaLogTopic, NothingMoreIsAppendedToARecreatedTopic) {
  options_.check_interval = 1'500ms;
  create();
  open();
  ASSERT_TRUE(append("one"));
  recreate_with({Raw{first_event(LogId("ffffffff-ac96-774b-bcce-b302099a8057"))}, Raw{"x"}, Raw{"y"}});
  EXPECT_EQ(refused_within(30s), "log-foreign");
}

// It is answered places in a short new topic which are behind everything of its own.
TEST_F(KafkaLogTopic, NoAppendToARecreatedTopicIsAnswered) {
  append_little_among_others();
  const LogId foreign("ffffffff-ac96-774b-bcce-b302099a8057");
  recreate_with({Raw{first_event(foreign)}, Raw{"x"}, Raw{"y"}, Raw{"z"}});
  for (const auto until = std::chrono::steady_clock::now() + 3s; std::chrono::steady_clock::now() < until;) {
    const auto position = append("astray");
    ASSERT_FALSE(position) << "answered at " << position->text();
  }
  EXPECT_EQ(log_->takes_events().error().reason, "log-foreign");
}

// Of the same log, restored from a copy: the writer's own events are all there.
TEST_F(KafkaLogTopic, AWriterNoticesThatItsLogWasRestoredFromAShorterCopy) {
  append_little_among_others();
  recreate_with({Raw{kFirst}, Raw{"one"}, Raw{"theirs 0"}, Raw{"restored", {{"epoch", "1"}}}});
  // Foreign: whoever looks before the first event is there again.
  EXPECT_THAT(refused_within(30s), testing::AnyOf("log-truncated", "log-foreign"));
}

TEST_F(KafkaLogTopic, AWriterOfAnEarlierEpochAppendsNothingMore) {
  options_.check_interval = 500ms;
  create();
  open();
  ASSERT_TRUE(append("one"));
  fill_topic(options_, {Raw{"restored", {{"epoch", "1"}}}});
  EXPECT_EQ(refused_within(30s), "log-restored");
}

TEST_F(KafkaLogTopic, NothingMoreIsAppendedBehindOtherEvents) {
  options_.check_interval = 1'500ms;
  create();
  open();
  ASSERT_TRUE(append("one"));
  recreate_with({Raw{kFirst}, Raw{"another"}, Raw{"y"}});
  // Foreign: whoever looks before the first event is there again.
  EXPECT_THAT(refused_within(30s), testing::AnyOf("log-altered", "log-foreign"));
}

TEST_F(KafkaLogTopic, NothingMoreIsAppendedBehindACut) {
  options_.check_interval = 1'500ms;
  create();
  open();
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(append("event " + std::to_string(i)));
  recreate_with({Raw{kFirst}, Raw{"event 0"}});
  // Foreign: whoever looks before the first event is there again.
  EXPECT_THAT(refused_within(30s), testing::AnyOf("log-truncated", "log-foreign"));
}

TEST_F(KafkaLogTopic, AnAppendThatTakesTooLongIsUnknownAndMayLand) {
  const auto colon = options_.bootstrap_servers.find(':');
  broker_faults::lead_through(std::stoi(options_.bootstrap_servers.substr(colon + 1)));
  create();
  options_.append_wait = 2s;
  open();
  ASSERT_TRUE(append("one"));
  broker_faults::hold_writes(true);
  EXPECT_EQ(append("late").error().code, ErrorCode::outcome_unknown);
  broker_faults::hold_writes(false);
  ASSERT_TRUE(append("two"));
  EXPECT_EQ(log_->read_one(2)->bytes, "late");
  EXPECT_EQ(log_->read_one(3)->bytes, "two");
}

}  // namespace
}  // namespace quicklime::eventlog::contract
