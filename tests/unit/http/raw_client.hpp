#pragma once
// A socket and no manners: tests say octet by octet what goes out and see what comes back.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <string>
#include <string_view>

namespace quicklime::http {

struct RawAnswer {
  unsigned status = 0;  // 0: none came
  std::string head;     // lower case
  std::string body;

  std::string header(const std::string& name) const {
    const std::size_t at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "";
    const std::size_t begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval limit{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~RawClient() { ::close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void finish_sending() { ::shutdown(socket_, SHUT_WR); }

  // What one recv gives: "" at the end of the stream.
  std::string receive() {
    std::string chunk(65536, '\0');
    const ssize_t got = ::recv(socket_, chunk.data(), chunk.size(), 0);
    chunk.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return chunk;
  }

  // The next answer. head: it is one to a HEAD request.
  RawAnswer answer(bool head = false) {
    RawAnswer answer;
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!more()) return answer;
    }
    answer.head = buffer_.substr(0, end + 2);
    buffer_.erase(0, end + 4);
    std::transform(answer.head.begin(), answer.head.end(), answer.head.begin(), [](unsigned char c) { return std::tolower(c); });
    answer.status = static_cast<unsigned>(std::stoul(answer.head.substr(9, 3)));
    const std::string length = answer.header("content-length");
    const std::size_t size = head || length.empty() ? 0 : std::stoul(length);
    while (buffer_.size() < size) {
      if (!more()) break;
    }
    answer.body = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return answer;
  }

  RawAnswer ask(std::string_view bytes) {
    send(bytes);
    return answer();
  }

  // Nothing more comes, and the connection ends.
  bool closed() { return buffer_.empty() && receive().empty(); }
  bool empty() const { return buffer_.empty(); }

 private:
  bool more() {
    const std::string chunk = receive();
    buffer_ += chunk;
    return !chunk.empty();
  }
  int socket_;
  bool connected_ = false;
  std::string buffer_;
};

}  // namespace quicklime::http
