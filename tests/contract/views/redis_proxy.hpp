#pragma once
// Between a store and its server: hands everything on, and on demand cuts a connection around one command.

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace quicklime::views::contract {

class RedisProxy {
 public:
  RedisProxy(std::string server, std::string socket);
  ~RedisProxy();
  RedisProxy(const RedisProxy&) = delete;
  RedisProxy& operator=(const RedisProxy&) = delete;

  const std::string& socket() const { return socket_; }
  // The next connection on which this word passes is cut: before the server hears it, or before its answer comes back.
  void lose_next(std::string word, bool with_effect);

 private:
  void run();
  void accept();
  bool pass_on(int from);  // false: both ends are to be closed
  void close_pair(int one);

  const std::string server_;
  const std::string socket_;
  int listener_ = -1;
  std::map<int, int> other_end_;  // both ways
  std::map<int, bool> is_client_;
  std::map<int, bool> losing_;  // of the server's end: what it answers is lost

  std::mutex mutex_;
  std::string word_;
  bool with_effect_ = false;

  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace quicklime::views::contract
