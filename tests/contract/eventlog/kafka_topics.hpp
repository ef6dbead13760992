#pragma once
// What tests do to topics behind a log's back.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "eventlog/kafka_log.hpp"

namespace quicklime::eventlog::contract {

// Of the broker that CTest's fixture has started.
std::string bootstrap_servers();
// The same broker where it wants TLS and a password.
KafkaLogOptions secured_options_for(const std::string& topic);
KafkaLogOptions options_for(const std::string& topic);
std::string fresh_topic();  // a name that no other test uses

// A record as it stands in the topic.
struct Raw {
  std::string value;
  std::vector<std::pair<std::string, std::string>> headers{};
};
std::vector<Raw> read_topic(const KafkaLogOptions& options);
void fill_topic(const KafkaLogOptions& options, const std::vector<Raw>& records);
void delete_topic(const KafkaLogOptions& options);
void make_topic(const KafkaLogOptions& options, int partitions, const std::map<std::string, std::string>& properties);

// With which a log accepts a topic that allow_single_replica is set for.
inline const std::map<std::string, std::string> kSafe = {
    {"cleanup.policy", "delete"}, {"retention.ms", "-1"}, {"retention.bytes", "-1"}, {"unclean.leader.election.enable", "false"}};

}  // namespace quicklime::eventlog::contract
