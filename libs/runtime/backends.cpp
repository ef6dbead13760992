#include "runtime/backends.hpp"

#include "base/file.hpp"

namespace quicklime::runtime {

Result<eventlog::KafkaLogOptions> kafka_options(const Configuration& configuration) {
  eventlog::KafkaLogOptions options;
  options.bootstrap_servers = configuration.kafka_bootstrap_servers;
  options.topic = configuration.kafka_topic;
  options.allow_single_replica = configuration.kafka_allow_single_replica;
  options.flush_every_event = configuration.kafka_flush_every_event;
  options.append_wait = configuration.kafka_append_wait;
  options.socket_timeout = configuration.kafka_socket_timeout;
  options.question_timeout = configuration.kafka_question_timeout;
  options.message_timeout = configuration.kafka_message_timeout;
  options.queue_events = configuration.append_queue;
  for (const std::string& line : configuration.kafka_client) {
    const auto equals = line.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return fail(ErrorCode::invalid, "setting-invalid", "kafka.client: name=value is expected, not '" + line + "'", "kafka.client");
    }
    options.client[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return options;
}

Result<std::unique_ptr<views::ViewStore>> open_view_store(const Configuration& configuration, const views::Projection& projection,
                                                          views::RedisRun run) {
  views::RedisOptions options;
  options.host = configuration.redis_host;
  options.port = static_cast<std::uint16_t>(configuration.redis_port);
  options.unix_socket = configuration.redis_unix_socket;
  options.user = configuration.redis_user;
  options.key_prefix = configuration.redis_key_prefix;
  options.connect_deadline = configuration.redis_connect_deadline;
  options.read_deadline = configuration.redis_read_deadline;
  options.runner_deadline = configuration.redis_projector_deadline;
  if (!configuration.redis_password_file.empty()) {
    auto content = read_secret_file(configuration.redis_password_file);
    if (!content) return forward(content);
    options.password = Secret::copy_of(content->reveal().substr(0, content->reveal().find_first_of("\r\n")));
  }
  if (configuration.redis_tls) {
    std::string roots;
    if (!configuration.redis_roots_file.empty()) {
      auto content = read_file(configuration.redis_roots_file);
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
