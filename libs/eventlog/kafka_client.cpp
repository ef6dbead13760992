#include "eventlog/kafka_client.hpp"

#include <algorithm>
#include <vector>

#include "base/logging.hpp"
#include "events/codec.hpp"

namespace quicklime::eventlog::kafka {
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

std::string text(Milliseconds time) { return std::to_string(time.count()); }

Settings common(const KafkaLogOptions& options) {
  return {
      {"bootstrap.servers", options.bootstrap_servers},
      {"allow.auto.create.topics", "false"},                // a mistyped topic must not become a log
      {"socket.timeout.ms", text(options.socket_timeout)},  // a leader that hangs is noticed
      {"socket.connection.setup.timeout.ms", text(options.socket_timeout)},
      {"socket.nagle.disable", "true"},
      {"socket.keepalive.enable", "true"},
      {"reconnect.backoff.ms", "50"},
      {"reconnect.backoff.max.ms", "1000"},
      {"log.connection.close", "false"},
  };
}

Settings of_append(const KafkaLogOptions& options) {
  return {
      {"enable.idempotence", "true"},
      {"acks", "all"},
      {"max.in.flight", "1"},  // no cascade of sequence errors; and what waits for one request forms the next batch
      {"linger.ms", "0"},
      {"retry.backoff.ms", "50"},
      {"request.timeout.ms", text(options.socket_timeout * 4 / 5)},  // the broker's, which so answers before it is given up
      {"message.timeout.ms", text(options.message_timeout)},
      {"queue.buffering.max.messages", std::to_string(options.queue_events)},
      {"queue.buffering.max.kbytes", "65536"},
      {"compression.type", "lz4"},
  };
}

Settings of_reading() {
  return {
      {"auto.offset.reset", "error"},  // never silently somewhere else
      {"enable.auto.commit", "false"}, {"check.crcs", "true"}, {"fetch.min.bytes", "1"}, {"fetch.error.backoff.ms", "50"},
  };
}

Settings of_follow() { return {{"queued.max.messages.kbytes", "32768"}}; }

Settings of_ask() {
  return {
      {"enable.partition.eof", "true"},      // "there is no such offset" is an answer, too
      {"fetch.wait.max.ms", "10"},           // the next question waits behind a fetch at the log's end
      {"fetch.message.max.bytes", "65536"},  // one event is wanted, not what follows it
      {"queued.min.messages", "1"},         {"queued.max.messages.kbytes", "1024"},
  };
}

Settings settings(Use use, const KafkaLogOptions& options) {
  Settings all = common(options);
  const auto add = [&](const Settings& more) { all.insert(all.end(), more.begin(), more.end()); };
  switch (use) {
    case Use::append: add(of_append(options)); break;
    case Use::follow:
      add(of_reading());
      add(of_follow());
      break;
    case Use::ask:
      add(of_reading());
      add(of_ask());
      break;
  }
  return all;
}

// Names that stand for the same, or that would make another kind of client.
constexpr const char* kAlsoDecided[] = {"metadata.broker.list",
                                        "request.required.acks",
                                        "max.in.flight.requests.per.connection",
                                        "queue.buffering.max.ms",
                                        "delivery.timeout.ms",
                                        "compression.codec",
                                        "transactional.id",
                                        "group.id",
                                        "retries",
                                        "message.send.max.retries",
                                        "enable.gapless.guarantee",
                                        "isolation.level"};

bool decided_by_the_log(const std::string& name, const KafkaLogOptions& options) {
  const auto names_it = [&](const auto& setting) { return setting.first == name; };
  for (const Use use : {Use::append, Use::follow, Use::ask}) {
    const Settings all = settings(use, options);
    if (std::any_of(all.begin(), all.end(), names_it)) return true;
  }
  return std::find(std::begin(kAlsoDecided), std::end(kAlsoDecided), name) != std::end(kAlsoDecided);
}

void write_log(const rd_kafka_t*, int level, const char* facility, const char* text) {
  constexpr int kSyslogWarning = 4;
  log::write(level <= kSyslogWarning ? log::Level::warning : log::Level::debug, "the Kafka client says",
             {{"facility", facility}, {"detail", text}});
}

void note_trouble(rd_kafka_t*, int code, const char* text, void* opaque) {
  if (opaque == nullptr) return;
  auto& trouble = *static_cast<Trouble*>(opaque);
  if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) trouble.why = text;
  trouble.lost = true;
}

Failure wrong_setting(const std::string& name, const std::string& why) {
  return fail(ErrorCode::invalid, "log-client-setting", "the Kafka client setting " + name + ": " + why, name);
}

}  // namespace

Result<Handle> make_handle(Use use, const KafkaLogOptions& options, Trouble* trouble) {
  std::unique_ptr<rd_kafka_conf_t, Destroyer<rd_kafka_conf_destroy>> conf(rd_kafka_conf_new());
  char text[512];
  const auto set = [&](const std::string& name, const std::string& value) {
    return rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), text, sizeof text) == RD_KAFKA_CONF_OK;
  };
  if (!set("client.id", "quicklime")) return wrong_setting("client.id", text);
  for (const auto& [name, value] : options.client) {
    if (decided_by_the_log(name, options)) return wrong_setting(name, "the log decides it by itself; remove it");
    if (!set(name, value)) return wrong_setting(name, text);
  }
  for (const auto& [name, value] : settings(use, options)) {
    if (!set(name, value)) return wrong_setting(name, text);
  }
  rd_kafka_conf_set_log_cb(conf.get(), write_log);
  if (use == Use::append) {
    rd_kafka_conf_set_events(conf.get(), RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
  } else {
    rd_kafka_conf_set_error_cb(conf.get(), note_trouble);
    rd_kafka_conf_set_opaque(conf.get(), trouble);
  }
  Handle handle(rd_kafka_new(use == Use::append ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER, conf.get(), text, sizeof text));
  if (!handle) return fail(ErrorCode::invalid, "log-client-setting", std::string("the Kafka client cannot be made: ") + text);
  (void)conf.release();  // the handle's now
  return handle;
}

Error unavailable(std::string reason, std::string detail) {
  return Error{ErrorCode::unavailable, std::move(reason), std::move(detail), "", 1};
}

Error unavailable(const std::string& what, rd_kafka_resp_err_t code) {
  return unavailable("log-unavailable", what + ": " + rd_kafka_err2str(code));
}

Error unavailable(const std::string& what, rd_kafka_resp_err_t code, rd_kafka_t* handle) {
  rd_kafka_poll(handle, 0);
  const auto* trouble = static_cast<const Trouble*>(rd_kafka_opaque(handle));
  const bool says_nothing = code == RD_KAFKA_RESP_ERR__TIMED_OUT || code == RD_KAFKA_RESP_ERR__TRANSPORT;
  if (trouble == nullptr || !trouble->lost || !says_nothing) return unavailable(what, code);
  return unavailable("log-unavailable", what + ": " + trouble->why);
}

}  // namespace quicklime::eventlog::kafka
