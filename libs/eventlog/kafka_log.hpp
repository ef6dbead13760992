#pragma once
// The log in one Kafka topic of one partition. An event is a record's value, byte for byte (kcat shows it); there are no
// keys. Beside it stand the record headers
//   sha256   SHA-256 of the value, 32 octets: whoever reads an event sees whether it is the one that was written
//   epoch    decimal, the epoch this event belongs to; absent: 0. Its writer knows it from the log's last event, so
//            log.restored is appended while nobody else appends
//   import   "1" while the log is brought here from elsewhere: a topic whose last event has it is half a log
// The chain is not stored, because no writer knows what others append at the same moment: a reader computes it from its
// anchor on, read_one does not tell it, and verify_chain compares it from the start.
//
// Nothing here needs a consumer group, a transaction, or a right other than DESCRIBE, DESCRIBE_CONFIGS and READ, and WRITE
// where `appends` is set. Blocking calls: open, create, end, read_one, follow and read; each ends with `unavailable` after
// question_timeout. append never blocks its loop.

#include <map>
#include <memory>
#include <string>

#include "base/metrics.hpp"
#include "eventlog/event_log.hpp"

namespace quicklime::eventlog {

struct KafkaLogOptions {
  std::string bootstrap_servers;  // "kafka-1:9092,kafka-2:9092"
  std::string topic = "quicklime";
  std::map<std::string, std::string> client{};  // for librdkafka as they are: security.protocol, sasl.*, ssl.*, client.id;
                                                // those that the log decides by itself are refused
  bool allow_single_replica = false;            // accept a topic that one broker's death can lose
  bool flush_every_event = false;               // a broker writes an event to its disk before it counts (flush.messages=1): what every
                                                // broker has survives that all of them lose power at once
  bool appends = true;                          // false in processes that only read: no producer is made, append refuses
  enum class Import : std::uint8_t {
    none,       // what is half a log is refused: "log-importing" (unavailable: it will be whole)
    under_way,  // it is accepted, and what is appended leaves it half a log
    ending      // it is accepted, and whole with what is appended
  } import = Import::none;
  Milliseconds append_wait{10'000};       // then append says outcome_unknown, and the event may land later
  Milliseconds message_timeout{120'000};  // then the producer gives an event up (message.timeout.ms)
  Milliseconds question_timeout{5'000};   // of a blocking call
  Milliseconds socket_timeout{5'000};     // of one request, and of a connection: then the broker counts as gone, and its leader is
                                          // asked for again
  Milliseconds check_interval{1'000};     // how often writers and readers make sure that this is still their log
  Milliseconds close_timeout{5'000};      // the destructor lets so long for what is under way; then it is unknown
  std::size_t queue_events = 20'000;      // more waiting appends: unavailable
};

// Makes the topic (3 replicas of which 2 must have an event before it counts; 1 and 1 with allow_single_replica; flushed or not; never
// compacted, never expired) with `log.created` (the given bytes) at offset 0. A topic that holds anything is refused:
// "log-exists". One that is empty, left by a crash between the two steps, is checked and completed.
Result<void> create_kafka_log(const KafkaLogOptions& options, std::string_view log_created);

// Opens an existing log; a missing or empty topic is refused ("log-missing"). So is a topic with a property that could
// lose events ("log-topic-unsafe", the property's name is the error's field): one partition, replication.factor and
// min.insync.replicas of at least 2 (unless allow_single_replica), unclean.leader.election.enable=false,
// cleanup.policy=delete, retention.ms=-1, retention.bytes=-1, max.message.bytes large enough for every event; with flush_every_event
// also flush.messages=1.
// One that is half imported: see Import. No broker: "log-unavailable". Its id is the one in the log.created at offset 0.
//
// Once a check_interval the log makes sure that the topic begins with the same log.created, holds the last event that this
// process knew of, reaches as far as it did, and goes on in the same epoch. Otherwise it takes no more events: `unavailable` with
// log-foreign, log-altered, log-truncated, log-restored.
Result<std::unique_ptr<EventLog>> open_kafka_log(const KafkaLogOptions& options, metrics::Registry& metrics);

}  // namespace quicklime::eventlog
