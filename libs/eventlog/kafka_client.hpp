#pragma once
// librdkafka's handles, owned, with the settings of this log. Of this library only.

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <memory>
#include <string>

#include "eventlog/kafka_log.hpp"

namespace quicklime::eventlog::kafka {

template <auto destroy>
struct Destroyer {
  template <class T>
  void operator()(T* what) const {
    destroy(what);
  }
};
using Handle = std::unique_ptr<rd_kafka_t, Destroyer<rd_kafka_destroy>>;
using Topic = std::unique_ptr<rd_kafka_topic_t, Destroyer<rd_kafka_topic_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Destroyer<rd_kafka_queue_destroy>>;
using Message = std::unique_ptr<rd_kafka_message_t, Destroyer<rd_kafka_message_destroy>>;
using Event = std::unique_ptr<rd_kafka_event_t, Destroyer<rd_kafka_event_destroy>>;

// What a handle is for; each kind has its settings.
enum class Use { append, follow, ask };

// What a handle for reading has heard of its connections while someone polled it.
struct Trouble {
  std::atomic<bool> lost{false};                             // a connection
  std::string why = "connections are lost again and again";  // librdkafka's last words of it. Of the polling thread
};

// trouble lives longer than the handle; nullptr: nobody wants to know. For Use::append the main queue carries events (delivery reports,
// errors). "log-client-setting": a client setting that librdkafka does not know or that the log decides by itself.
Result<Handle> make_handle(Use use, const KafkaLogOptions& options, Trouble* trouble = nullptr);

// "log-unavailable", with librdkafka's words; for a mere "timed out" or "transport failure" with those of the handle's Trouble.
Error unavailable(const std::string& what, rd_kafka_resp_err_t code, rd_kafka_t* handle);
Error unavailable(const std::string& what, rd_kafka_resp_err_t code);
Error unavailable(std::string reason, std::string detail);

inline int as_timeout(Milliseconds duration) { return static_cast<int>(duration.count()); }

}  // namespace quicklime::eventlog::kafka
