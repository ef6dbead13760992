#include "runtime/backends.hpp"

#include "base/file.hpp"
#include "runtime/backend_settings.hpp"
#include "runtime/process_settings.hpp"

namespace quicklime::runtime {

Result<eventlog::KafkaLogOptions> kafka_options(const settings::Configuration& configuration) {
  const auto& kafka = configuration.of<KafkaSettings>();
  eventlog::KafkaLogOptions options;
  options.bootstrap_servers = kafka.bootstrap_servers;
  options.topic = kafka.topic;
  options.allow_single_replica = kafka.allow_single_replica;
  options.flush_every_event = kafka.flush_every_event;
  options.append_wait = kafka.append_wait;
  options.socket_timeout = kafka.socket_timeout;
  options.question_timeout = kafka.question_timeout;
  options.message_timeout = kafka.message_timeout;
  options.queue_events = configuration.of<ProcessSettings>().append_queue;
  for (const std::string& line : kafka.client) {
    const auto equals = line.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return fail(ErrorCode::invalid, "setting-invalid", "kafka.client: name=value is expected, not '" + line + "'", "kafka.client");
    }
    options.client[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return options;
}

Result<std::unique_ptr<views::ViewStore>> open_view_store(const settings::Configuration& configuration, const views::Projection& projection,
                                                          views::RedisRun run) {
  const auto& redis = configuration.of<RedisSettings>();
  views::RedisOptions options;
  options.host = redis.host;
  options.port = static_cast<std::uint16_t>(redis.port);
  options.unix_socket = redis.unix_socket;
  options.user = redis.user;
  options.key_prefix = redis.key_prefix;
  options.connect_deadline = redis.connect_deadline;
  options.read_deadline = redis.read_deadline;
  options.runner_deadline = redis.projector_deadline;
  if (!redis.password_file.empty()) {
    auto content = read_secret_file(redis.password_file);
    if (!content) return forward(content);
    options.password = Secret::copy_of(content->reveal().substr(0, content->reveal().find_first_of("\r\n")));
  }
  if (redis.tls) {
    std::string roots;
    if (!redis.roots_file.empty()) {
      auto content = read_file(redis.roots_file);
      if (!content) return forward(content);
      roots = std::move(*content);
    }
    auto tls = async::TlsClient::make(roots);
    if (!tls) return forward(tls);
    options.tls = std::move(*tls);
  }
  return views::make_redis_store(std::move(options), projection.name, projection.version, projection.spaces, run);
}

}  // namespace quicklime::runtime
