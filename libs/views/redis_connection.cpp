#include "views/redis_connection.hpp"

#include <algorithm>
#include <array>

#include "base/logging.hpp"

namespace quicklime::views {
namespace {

constexpr Milliseconds kFirstBackoff{50};
constexpr Milliseconds kLongestBackoff{2'000};

std::string address_of(const RedisOptions& options) {
  return options.unix_socket.empty() ? options.host + ":" + std::to_string(options.port) : options.unix_socket;
}

Failure unreachable(const RedisOptions& options, const std::string& why) {
  return fail(Error{ErrorCode::unavailable, "redis-unreachable", "Redis at " + address_of(options) + " cannot be used: " + why, "", 1});
}

}  // namespace

RedisConnection::RedisConnection(std::shared_ptr<const RedisOptions> options) : options_(std::move(options)) {}

async::Task<Result<std::vector<Reply>>> RedisConnection::exchange(Commands commands, Milliseconds deadline, Send send) {
  for (bool again = send == Send::again;; again = false) {
    const bool was_open = stream_ != nullptr;
    if (!was_open) {
      auto connected = co_await connect();
      if (!connected) co_return forward(connected);
    }
    stream_->set_deadline(Clock::now() + deadline);
    auto replies = co_await write_and_read(commands.bytes(), commands.count());
    if (replies) {
      stream_->set_deadline(Clock::time_point::max());
      co_return replies;
    }
    stream_.reset();
    const Error& error = replies.error();
    if (error.reason != "stream-deadline" && was_open && again) continue;
    if (error.reason == "stream-deadline") {
      co_return fail(Error{ErrorCode::outcome_unknown, "redis-deadline",
                           "Redis at " + address_of(*options_) + " has not answered within " + duration_text(deadline), "", 1});
    }
    co_return fail(Error{ErrorCode::outcome_unknown, "redis-lost",
                         "the connection to Redis at " + address_of(*options_) + " was lost: " + error.detail, "", 1});
  }
}

async::Task<Result<std::vector<Reply>>> RedisConnection::write_and_read(std::string_view bytes, std::size_t count) {
  auto written = co_await stream_->write_all(bytes);
  if (!written) co_return forward(written);
  std::vector<Reply> replies;
  replies.reserve(count);
  std::array<char, 16'384> buffer;
  while (replies.size() < count) {
    auto read = co_await stream_->read_some(buffer);
    if (!read) co_return forward(read);
    auto fed = reader_->feed(std::string_view(buffer.data(), *read), replies);
    if (!fed) co_return forward(fed);
  }
  co_return replies;
}

async::Task<Result<void>> RedisConnection::connect() {
  if (refused_ && Clock::now() < next_attempt_) co_return fail(*refused_);
  const auto deadline = Clock::now() + options_->connect_deadline;
  auto opened = co_await open(deadline);
  if (!opened) co_return wait_after(opened.error());
  stream_ = std::move(*opened);
  stream_->set_deadline(deadline);
  reader_ = std::make_unique<ReplyReader>();
  auto introduced = co_await introduce();
  if (!introduced) {
    stream_.reset();
    co_return wait_after(introduced.error());
  }
  if (refused_) log::info("Redis is there again", {{"address", address_of(*options_)}});
  refused_.reset();
  backoff_ = Milliseconds(0);
  co_return Result<void>();
}

async::Task<Result<std::unique_ptr<async::Stream>>> RedisConnection::open(Clock::time_point deadline) {
  if (!options_->unix_socket.empty()) co_return co_await async::connect_unix(options_->unix_socket, deadline);
  if (options_->tls) co_return co_await async::connect_tls(options_->host, options_->port, *options_->tls, deadline);
  co_return co_await async::connect_tcp(options_->host, options_->port, deadline);
}

// Who we are. A server that is frozen or loading shows here, before anybody's question waits on it.
async::Task<Result<void>> RedisConnection::introduce() {
  Commands commands;
  if (!options_->password.empty()) {
    std::vector<std::string_view> auth{"AUTH"};
    if (!options_->user.empty()) auth.push_back(options_->user);
    auth.push_back(options_->password.reveal());
    commands.add(auth);
  }
  const std::vector<std::string_view> name{"CLIENT", "SETNAME", options_->client_name};
  commands.add(name);
  auto replies = co_await write_and_read(commands.bytes(), commands.count());
  wipe(commands.bytes());
  if (!replies) co_return forward(replies);
  for (const Reply& reply : *replies) {
    if (reply.is(Reply::Kind::error)) co_return redis_refused(reply.text);
  }
  co_return Result<void>();
}

Failure RedisConnection::wait_after(const Error& failed) {
  if (!refused_) log::warning("Redis cannot be used and is tried again", {{"address", address_of(*options_)}, {"detail", failed.detail}});
  refused_ = unreachable(*options_, failed.detail).value();
  backoff_ = std::clamp(backoff_ * 2, kFirstBackoff, kLongestBackoff);
  const auto half = backoff_.count() / 2;
  next_attempt_ = Clock::now() + Milliseconds(half + static_cast<std::int64_t>(jitter_()) % (half + 1));
  return fail(*refused_);
}

}  // namespace quicklime::views
