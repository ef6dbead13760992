#pragma once
// A TCP connection for a library that blocks on it: at the deadline it is cut, whatever the other side does or leaves undone. libldap's own
// time limits leave out the TLS handshake where it is linked with GnuTLS, and begin anew with every octet that trickles in.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/result.hpp"

namespace quicklime::identity {

class WatchedSocket {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  // One address of the host after the other. "directory-unreachable".
  static Result<std::unique_ptr<WatchedSocket>> connect(const std::string& host, std::uint16_t port, Deadline deadline);
  WatchedSocket(int descriptor, Deadline deadline);  // takes the descriptor over
  ~WatchedSocket();
  WatchedSocket(const WatchedSocket&) = delete;
  WatchedSocket& operator=(const WatchedSocket&) = delete;

  // Another descriptor of the same connection, for who closes what it is given; -1: there are none left.
  int lend() const;
  bool was_cut() const { return cut_; }

 private:
  void watch(Deadline deadline);

  int descriptor_;
  std::atomic<bool> cut_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread watchdog_;  // last: it uses the others
};

}  // namespace quicklime::identity
