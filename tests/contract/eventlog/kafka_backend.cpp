#include <thread>

#include "backend.hpp"
#include "broker_faults.hpp"
#include "eventlog/kafka_log.hpp"
#include "kafka_topics.hpp"
#include "must.hpp"

namespace quicklime::eventlog::contract {
namespace {

using namespace std::chrono_literals;

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
    broker_faults::cut(options_.message_timeout + 1'500ms);
    std::this_thread::sleep_for(500ms);  // until it is seen that the connections are gone
  }
  void lose_next_outcome(EventLog&) override { broker_faults::lose_next_acknowledgement(); }

  void alter(std::uint64_t offset) override {
    auto records = read_topic(options_);
    records.at(offset).value.back() ^= 1;
    replace(records);
  }
  void truncate(std::uint64_t end) override {
    auto records = read_topic(options_);
    records.resize(end);
    replace(records);
  }
  void recreate(const LogId& id) override {
    delete_topic(options_);
    must(create_kafka_log(options_, first_event(id)));
  }

 private:
  // The topic of old is deleted, and one with this content stands in its place.
  void replace(const std::vector<Raw>& records) {
    delete_topic(options_);
    make_topic(options_, 1, kSafe);
    fill_topic(options_, records);
  }

  const KafkaLogOptions options_ = options_for(fresh_topic());
};

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
