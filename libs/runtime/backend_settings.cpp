#include "runtime/backend_settings.hpp"

#include "settings/rows.hpp"

namespace quicklime::runtime {
namespace {

using settings::Row;
using settings::Rows;

}  // namespace

Rows kafka_rows() {
  using S = KafkaSettings;
  std::vector<Row<S>> rows{
      {"kafka.bootstrap_servers", &S::bootstrap_servers, "Daemons: `kafka-1:9092,kafka-2:9092`."},
      {"kafka.topic", &S::topic, "Daemons: the one topic, with one partition, that is the log."},
      {"kafka.allow_single_replica", &S::allow_single_replica, "Daemons: accept a topic that one broker's death can lose."},
      {"kafka.flush_every_event", &S::flush_every_event,
       "Daemons: accept only a topic whose brokers write each event to their disks before it counts (`flush.messages=1`)."},
      {"kafka.client", &S::client,
       "Daemons: for librdkafka as they are: `security.protocol=SASL_SSL`, `sasl.username=issuance`, `ssl.ca.location=...`."},
      {"kafka.append_wait", &S::append_wait, "Daemons: how long a write waits for the brokers; then 503, and it may land later.", 1,
       settings::kMinute},
      {"kafka.socket_timeout", &S::socket_timeout,
       "Daemons: how long a broker may leave one request unanswered; then it counts as gone, and the topic's leader is looked for again.",
       settings::kSecond, 5 * settings::kMinute},
      {"kafka.question_timeout", &S::question_timeout,
       "Daemons: how long a question waits for the brokers: where the log ends, what one event says.", settings::kSecond,
       5 * settings::kMinute},
      {"kafka.message_timeout", &S::message_timeout,
       "Daemons: how long an event is sent again and again, also after its request was answered 503.", settings::kSecond, settings::kHour},
  };
  return Rows::of<S>(std::move(rows));
}

Rows redis_rows() {
  using S = RedisSettings;
  std::vector<Row<S>> rows{
      {"redis.host", &S::host, "Daemons: where this role's view is."},
      {"redis.port", &S::port, "Daemons: its port.", 1, 65'535},
      {"redis.unix_socket", &S::unix_socket, "Daemons: a path, instead of host and port."},
      {"redis.user", &S::user, "Daemons: the ACL user; empty: the default user."},
      {"redis.password_file", &S::password_file, "Daemons: its password is the first line of this file; empty: none."},
      {"redis.tls", &S::tls, "Daemons: speak TLS to Redis."},
      {"redis.roots_file", &S::roots_file, "Daemons: whom to trust there, PEM; empty: the system's roots."},
      {"redis.key_prefix", &S::key_prefix, "Daemons: what every key begins with."},
      {"redis.read_deadline", &S::read_deadline, "Daemons: how long a read waits for Redis.", 1, settings::kMinute},
      {"redis.connect_deadline", &S::connect_deadline, "Daemons: for a connection to Redis, its TLS handshake and its sign-in.", 1,
       settings::kMinute},
      {"redis.projector_deadline", &S::projector_deadline, "Projectors: how long a step of the fold waits for Redis.", 1,
       settings::kMinute},
  };
  return Rows::of<S>(std::move(rows));
}

}  // namespace quicklime::runtime
