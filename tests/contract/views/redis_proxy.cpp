#include "redis_proxy.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace quicklime::views::contract {
namespace {

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  return address;
}

int new_socket() {
  const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) throw std::runtime_error("socket");
  return made;
}

bool send_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

RedisProxy::RedisProxy(std::string server, std::string socket) : server_(std::move(server)), socket_(std::move(socket)) {
  listener_ = new_socket();
  const sockaddr_un address = address_of(socket_);
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 || ::listen(listener_, 64) != 0)
    throw std::runtime_error("the proxy cannot listen");
  thread_ = std::thread([this] { run(); });
}

RedisProxy::~RedisProxy() {
  stopping_ = true;
  thread_.join();
  for (const auto& [end, other] : other_end_) ::close(end);
  ::close(listener_);
}

void RedisProxy::lose_next(std::string word, bool with_effect) {
  const std::lock_guard lock(mutex_);
  word_ = std::move(word);
  with_effect_ = with_effect;
}

void RedisProxy::run() {
  while (!stopping_) {
    std::vector<pollfd> watched{{listener_, POLLIN, 0}};
    for (const auto& [end, other] : other_end_) watched.push_back({end, POLLIN, 0});
    if (::poll(watched.data(), watched.size(), 20) <= 0) continue;
    for (const pollfd& one : watched) {
      if (one.revents == 0) continue;
      if (one.fd == listener_) {
        accept();
      } else if (other_end_.contains(one.fd) && !pass_on(one.fd)) {
        close_pair(one.fd);
      }
    }
  }
}

void RedisProxy::accept() {
  const int client = ::accept(listener_, nullptr, nullptr);
  if (client < 0) return;
  const int server = new_socket();
  const sockaddr_un address = address_of(server_);
  if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    ::close(client);
    ::close(server);
    return;
  }
  other_end_[client] = server;
  other_end_[server] = client;
  is_client_[client] = true;
}

bool RedisProxy::pass_on(int from) {
  std::array<char, 65'536> buffer;
  const ssize_t count = ::recv(from, buffer.data(), buffer.size(), 0);
  if (count <= 0) return false;
  const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
  const int to = other_end_.at(from);
  if (is_client_.contains(from)) {
    const std::lock_guard lock(mutex_);
    if (!word_.empty() && bytes.find(word_) != std::string_view::npos) {
      word_.clear();
      if (!with_effect_) return false;
      losing_[to] = true;
    }
  } else if (losing_.contains(from)) {
    return false;
  }
  return send_all(to, bytes);
}

void RedisProxy::close_pair(int one) {
  const int other = other_end_.at(one);
  for (const int end : {one, other}) {
    other_end_.erase(end);
    is_client_.erase(end);
    losing_.erase(end);
    ::close(end);
  }
}

}  // namespace quicklime::views::contract
