#pragma once
// The log and the views of a daemon, as its configuration says: Kafka and Redis.

#include <memory>

#include "base/metrics.hpp"
#include "eventlog/kafka_log.hpp"
#include "settings/configuration.hpp"
#include "views/projection.hpp"
#include "views/redis_store.hpp"

namespace quicklime::runtime {

// "setting-invalid" for a line of kafka.client that is not name=value.
Result<eventlog::KafkaLogOptions> kafka_options(const settings::Configuration& configuration);

// The store of this projection's view. Files that it names are read here.
Result<std::unique_ptr<views::ViewStore>> open_view_store(const settings::Configuration& configuration, const views::Projection& projection,
                                                          views::RedisRun run);

}  // namespace quicklime::runtime
