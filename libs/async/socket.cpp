#include "async/socket.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <system_error>
#include <utility>

namespace quicklime::async {

namespace {

// generic::stream_protocol asks for a family; nothing here depends on it, an address is never made of it.
const asio::generic::stream_protocol any_family(AF_UNSPEC, 0);

}  // namespace

Failure stream_closed() { return fail(ErrorCode::unavailable, "stream-closed", "the connection was closed"); }
Failure stream_deadline() { return fail(ErrorCode::unavailable, "stream-deadline", "the time for this connection is over"); }
std::string error_text(int number) { return std::generic_category().message(number); }

Descriptor::~Descriptor() {
  if (value_ >= 0) ::close(value_);
}

Task<Result<void>> Stream::handshake() { co_return Result<void>(); }

SocketStream::SocketStream(Loop::Implementation& loop, Descriptor descriptor, Peer peer)
    : peer_(std::move(peer)),
      socket_(loop.context, any_family, descriptor.release()),
      timer_(std::make_shared<DeadlineTimer>(DeadlineTimer{.timer = Timer(loop.context), .socket = &socket_})) {}

SocketStream::~SocketStream() {
  timer_->socket = nullptr;
  timer_->timer.cancel();
}

void SocketStream::arm(const std::shared_ptr<DeadlineTimer>& timer) {
  timer->armed = timer->deadline;
  timer->timer.expires_at(timer->deadline);
  timer->timer.async_wait([timer](const boost::system::error_code& cancelled) {
    if (cancelled || timer->socket == nullptr) return;
    timer->armed = SteadyClock::time_point::max();
    if (timer->deadline == SteadyClock::time_point::max()) return;
    if (SteadyClock::now() < timer->deadline) {
      arm(timer);
    } else {
      timer->expired = true;
      boost::system::error_code ignored;
      timer->socket->cancel(ignored);
    }
  });
}

void SocketStream::set_deadline(SteadyClock::time_point deadline) {
  timer_->deadline = deadline;
  timer_->expired = false;
  if (deadline < timer_->armed) arm(timer_);
}

Failure SocketStream::failure(const boost::system::error_code& code) const {
  if (expired()) return stream_deadline();
  const bool closed = code == asio::error::eof || code == asio::error::connection_reset || code == asio::error::broken_pipe ||
                      code == asio::error::operation_aborted;
  if (closed) return stream_closed();
  return fail(ErrorCode::unavailable, "stream-error", "the connection failed: " + code.message());
}

Task<Result<std::size_t>> SocketStream::read_some(std::span<char> into) {
  if (expired()) co_return stream_deadline();
  boost::system::error_code error;
  const std::size_t count =
      co_await socket_.async_read_some(asio::buffer(into.data(), into.size()), asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return failure(error);
  co_return count;
}

// Straight to the kernel: nearly always it takes everything at once, and the coroutine goes on without a turn of the loop.
Task<Result<void>> SocketStream::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    if (expired()) co_return stream_deadline();
    const ssize_t sent = ::send(descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      auto writable = co_await ready(asio::socket_base::wait_write);
      if (!writable) co_return forward(writable);
    } else if (errno != EINTR) {
      co_return failure(boost::system::error_code(errno, boost::system::system_category()));
    }
  }
  co_return Result<void>();
}

Task<Result<void>> SocketStream::ready(asio::socket_base::wait_type what) {
  if (expired()) co_return stream_deadline();
  boost::system::error_code error;
  co_await socket_.async_wait(what, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return failure(error);
  co_return Result<void>();
}

Result<void> SocketStream::connected() const {
  int number = 0;
  socklen_t size = sizeof(number);
  ::getsockopt(const_cast<Socket&>(socket_).native_handle(), SOL_SOCKET, SO_ERROR, &number, &size);
  if (number != 0) return fail(ErrorCode::unavailable, "stream-error", error_text(number));
  return {};
}

void SocketStream::send_fin() { ::shutdown(descriptor(), SHUT_WR); }

Task<void> SocketStream::shutdown() {
  send_fin();
  co_return;
}

bool SocketStream::usable() {
  char octet = 0;
  const ssize_t count = ::recv(descriptor(), &octet, 1, MSG_PEEK | MSG_DONTWAIT);
  return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace quicklime::async
