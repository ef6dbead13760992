#pragma once
// A real redis-server of a test's own, in a temporary directory. Not found or not starting: the test fails.

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "views/redis_protocol.hpp"
#include "views/redis_store.hpp"

namespace quicklime::views::contract {

class RedisServer {
 public:
  // On a unix socket; `words` as on redis-server's command line.
  explicit RedisServer(std::vector<std::string> words = {});
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  const std::filesystem::path& directory() const { return directory_; }
  std::string socket() const { return (directory_ / "redis.sock").string(); }
  std::uint16_t port() const { return port_; }  // free when the server was made; for `words` that listen on it
  RedisOptions options() const;

  void start();
  void kill();  // SIGKILL; what it held is gone but for dump.rdb
  void freeze();
  void thaw();
  static Reply ask_as(RedisOptions options, const std::vector<std::string_view>& words);
  // As an administrator.
  Reply ask(const std::vector<std::string_view>& words) const;

 private:
  std::filesystem::path directory_;
  std::vector<std::string> words_;
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
};

}  // namespace quicklime::views::contract
