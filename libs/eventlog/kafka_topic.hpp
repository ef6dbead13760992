#pragma once
// The topic of a log: made with the right properties, refused with wrong ones. Of this library only. Blocks.

#include "eventlog/kafka_client.hpp"

namespace quicklime::eventlog::kafka {

// False: it was there already.
Result<bool> create_topic(rd_kafka_t* handle, const KafkaLogOptions& options);

// "log-missing": no such topic, nor one heard of within the patience (a broker hears of a new topic later than the one that made it).
// "log-topic-unsafe", naming the property in text and field.
Result<void> check_topic(rd_kafka_t* handle, const KafkaLogOptions& options, Milliseconds patience);

}  // namespace quicklime::eventlog::kafka
