#pragma once
// Where daemons and projectors have the log and the views: Kafka and Redis. `quicklime serve` keeps both in its data directory.

#include <string>
#include <vector>

#include "base/instant.hpp"

namespace quicklime::settings {
struct Rows;
}

namespace quicklime::runtime {

struct KafkaSettings {
  std::string bootstrap_servers = "127.0.0.1:9092";
  std::string topic = "quicklime";
  bool allow_single_replica = false;
  bool flush_every_event = false;
  std::vector<std::string> client{};
  Milliseconds append_wait{10'000};
  Milliseconds socket_timeout{5'000};
  Milliseconds question_timeout{5'000};
  Milliseconds message_timeout{120'000};
};
settings::Rows kafka_rows();

struct RedisSettings {
  std::string host = "127.0.0.1";
  unsigned port = 6379;
  std::string unix_socket;
  std::string user;
  std::string password_file;
  bool tls = false;
  std::string roots_file;
  std::string key_prefix = "quicklime:";
  Milliseconds connect_deadline{500};
  Milliseconds projector_deadline{1'000};
  Milliseconds read_deadline{250};  // a container that has used up its share of a processor stands still for 100 ms
};
settings::Rows redis_rows();

}  // namespace quicklime::runtime
