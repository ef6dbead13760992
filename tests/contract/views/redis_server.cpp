#include "redis_server.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <random>
#include <stdexcept>
#include <thread>

#include "async/stream.hpp"
#include "async/task.hpp"
#include "views/redis_connection.hpp"

namespace quicklime::views::contract {
namespace {

using namespace std::chrono_literals;

async::Task<Result<std::vector<Reply>>> ask_once(RedisOptions options, Commands commands) {
  RedisConnection connection(std::make_shared<const RedisOptions>(std::move(options)));
  co_return co_await connection.exchange(std::move(commands), 10s, RedisConnection::Send::once);
}

// Below those that the kernel gives to clients, one of which could take it before the server does.
std::uint16_t free_port() {
  std::random_device random;
  for (int attempt = 0; attempt < 1'000; ++attempt) {
    const auto port = static_cast<std::uint16_t>(10'000 + random() % 5'000);
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool free = ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    ::close(socket);
    if (free) return port;
  }
  throw std::runtime_error("no free port");
}

}  // namespace

RedisServer::RedisServer(std::vector<std::string> words) : words_(std::move(words)) {
  std::string pattern = (std::filesystem::temp_directory_path() / "redis-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
  directory_ = pattern;
  port_ = free_port();
  start();
}

RedisServer::~RedisServer() {
  kill();
  std::filesystem::remove_all(directory_);
}

RedisOptions RedisServer::options() const {
  RedisOptions options;
  options.unix_socket = socket();
  options.key_prefix = "test:";
  options.buckets = 16;
  options.read_deadline = 10s;  // of a busy machine; a test of deadlines sets its own
  options.runner_deadline = 10s;
  return options;
}

void RedisServer::start() {
  std::vector<std::string> words{
      "redis-server", "--port",      "0", "--unixsocket", socket(), "--dir", directory_.string(), "--save", "", "--appendonly",
      "no",           "--daemonize", "no"};
  words.insert(words.end(), words_.begin(), words_.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t parent = ::getpid();
  process_ = ::fork();
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int output = ::open((directory_ / "redis.log").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
    ::dup2(output, 1);
    ::dup2(output, 2);
    if (::getppid() == parent) ::execvp("redis-server", arguments.data());
    ::_exit(127);
  }
  for (const auto until = std::chrono::steady_clock::now() + 20s; std::chrono::steady_clock::now() < until;) {
    int status = 0;
    if (::waitpid(process_, &status, WNOHANG) == process_) {
      process_ = -1;
      break;
    }
    Commands ping;
    ping.add({"PING"});
    if (async::run_to_end(ask_once(options(), std::move(ping)))) return;
    std::this_thread::sleep_for(5ms);
  }
  throw std::runtime_error("redis-server does not start (is it installed?); its words are in " + (directory_ / "redis.log").string());
}

void RedisServer::kill() {
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  int status = 0;
  ::waitpid(process_, &status, 0);
  process_ = -1;
}

void RedisServer::freeze() { ::kill(process_, SIGSTOP); }
void RedisServer::thaw() { ::kill(process_, SIGCONT); }

Reply RedisServer::ask_as(RedisOptions options, const std::vector<std::string_view>& words) {
  Commands commands;
  commands.add(words);
  auto replies = async::run_to_end(ask_once(std::move(options), std::move(commands)));
  if (!replies) throw std::runtime_error(replies.error().detail);
  return std::move(replies->front());
}

Reply RedisServer::ask(const std::vector<std::string_view>& words) const { return ask_as(options(), words); }

}  // namespace quicklime::views::contract
