// A view in Redis against plain SET and GET of the same keys and values, pipelined the same way, on the same server: apply,
// get, and bytes per certificate of the ocsp view. Starts its own redis-server.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <latch>
#include <string>
#include <vector>

#include "async/here.hpp"
#include "async/task.hpp"
#include "ca/status.hpp"
#include "contract/views/redis_server.hpp"
#include "crypto/random.hpp"
#include "rounds.hpp"
#include "views/redis_connection.hpp"
#include "views/redis_store.hpp"

namespace {
using namespace quicklime;
using views::Changes;
using views::PointKey;
using views::contract::RedisServer;

const std::vector<views::Space> kSpaces{{"status", views::SpaceKind::points}};
const std::string kGood = ca::encode(ca::Status{});

std::string status_key() { return "issuing-1/" + crypto::random_bytes(16); }

eventlog::Anchor anchor(std::uint64_t offset) { return {LogId("log"), Position{0, offset}, {}, {}}; }

double now() { return bench::seconds(CLOCK_MONOTONIC); }

// A connection of its own for the yardstick, as the store has one; kept by the loop that it runs on.
class Plain {
 public:
  explicit Plain(const RedisServer& server) : server_(server) {}
  async::Task<void> run(views::Commands commands) {
    const auto connection = std::static_pointer_cast<views::RedisConnection>(async::kept_here("plain", [this]() -> std::shared_ptr<void> {
      return std::make_shared<views::RedisConnection>(std::make_shared<const views::RedisOptions>(server_.options()));
    }));
    auto replies = co_await connection->exchange(std::move(commands), std::chrono::seconds(10), views::RedisConnection::Send::once);
    if (!replies) std::abort();
  }

 private:
  const RedisServer& server_;
};

std::size_t used_memory(const RedisServer& server) {
  const std::string memory = server.ask({"INFO", "memory"}).text;
  return std::stoull(memory.substr(memory.find("used_memory:") + 12));
}

views::Commands sets(const std::vector<std::string>& keys) {
  views::Commands commands;
  for (const std::string& key : keys) commands.add({"SET", key, kGood});
  return commands;
}

Changes changes_of(const std::vector<std::string>& keys) {
  Changes changes;
  for (const std::string& key : keys) changes.points[PointKey{"status", key}] = kGood;
  return changes;
}

std::vector<std::string> some_keys(std::size_t count) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < count; ++i) keys.push_back(status_key());
  return keys;
}

template <class Work>
async::Task<void> then_tell(Work work, std::latch& done) {
  co_await work();
  done.count_down();
}

// The yardstick runs on a loop of another thread, as the store's writer does.
template <class Work>
void blocking(async::LoopThread& thread, Work work) {
  std::latch done(1);
  thread.loop().spawn(then_tell(std::move(work), done));
  done.wait();
}

void bytes_per_certificate(std::size_t certificates) {
  const RedisServer server;
  views::RedisOptions options = server.options();
  options.buckets = std::max<std::size_t>(16, certificates / 100);
  const auto store = views::make_redis_store(std::move(options), "ocsp", 1, kSpaces);
  const std::size_t empty = used_memory(server);
  std::optional<Position> at;
  const double start = now();
  for (std::size_t done = 0; done < certificates; done += 1'000) {
    const Position next{0, done / 1'000};
    if (!store->apply(at, changes_of(some_keys(1'000)), views::State{anchor(next.offset), 1, ""})) std::abort();
    at = next;
  }
  const double seconds = now() - start;
  const std::size_t filled = used_memory(server);
  server.ask({"FLUSHALL"});
  const std::size_t flushed = used_memory(server);
  async::LoopThread thread("plain");
  Plain plain(server);
  for (std::size_t done = 0; done < certificates; done += 1'000) {
    blocking(thread, [&]() -> async::Task<void> { return plain.run(sets(some_keys(1'000))); });
  }
  const double view = static_cast<double>(filled - empty) / static_cast<double>(certificates);
  const double strings = static_cast<double>(used_memory(server) - flushed) / static_cast<double>(certificates);
  std::printf("%zu certificates: view %.1f bytes each, plain SET %.1f, ratio %.2f; filled in %.1f s\n", certificates, view, strings,
              view / strings, seconds);
}

void apply_throughput(const RedisServer& server, std::size_t batch) {
  const auto store = views::make_redis_store(server.options(), "ocsp" + std::to_string(batch), 1, kSpaces);
  async::LoopThread thread("plain");
  Plain plain(server);
  std::optional<Position> at;
  std::uint64_t next = 0;
  const std::size_t rounds = std::max<std::size_t>(20, 20'000 / batch / 5);
  std::vector<double> ratios, rates;
  for (int block = 0; block < 5; ++block) {
    std::vector<std::vector<std::string>> keys;
    std::vector<Changes> changes;
    for (std::size_t i = 0; i < rounds; ++i) {
      keys.push_back(some_keys(batch));
      changes.push_back(changes_of(keys.back()));
    }
    const double begun = now();
    for (const Changes& one : changes) {
      if (!store->apply(at, one, views::State{anchor(next), 1, ""})) std::abort();
      at = Position{0, next++};
    }
    const double between = now();
    for (const auto& one : keys) blocking(thread, [&]() -> async::Task<void> { return plain.run(sets(one)); });
    const double view = between - begun;
    ratios.push_back(view / (now() - between));
    rates.push_back(static_cast<double>(rounds * batch) / view);
  }
  std::sort(ratios.begin(), ratios.end());
  std::sort(rates.begin(), rates.end());
  std::printf("apply of %4zu changes: %8.0f changes/s, %6.0f applies/s, time against pipelined SET %.2f\n", batch, rates[2],
              rates[2] / static_cast<double>(batch), ratios[2]);
}

async::Task<void> get_one(views::ViewStore& store, std::string key, std::latch& done) {
  std::vector<PointKey> keys;
  keys.push_back(PointKey{"status", std::move(key)});
  const auto points = co_await store.get(std::move(keys));
  if (!points || !points->values.at(0)) std::abort();
  done.count_down();
}

async::Task<void> gets_in_turn(views::ViewStore& store, const std::vector<std::string>& keys, std::vector<double>& times) {
  for (const std::string& key : keys) {
    std::latch one(1);
    const double begun = now();
    co_await get_one(store, key, one);
    times.push_back(now() - begun);
  }
}

async::Task<void> plain_in_turn(Plain& plain, const std::vector<std::string>& keys, std::vector<double>& times) {
  for (const std::string& key : keys) {
    views::Commands commands;
    commands.add({"GET", key});
    const double begun = now();
    co_await plain.run(std::move(commands));
    times.push_back(now() - begun);
  }
}

double median(std::vector<double>& times) {
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

void get_latency(const RedisServer& server) {
  const auto keys = some_keys(5'000);
  const auto store = views::make_redis_store(server.options(), "get", 1, kSpaces);
  if (!store->apply(std::nullopt, changes_of(keys), views::State{anchor(0), 1, ""})) std::abort();
  Plain plain(server);
  async::LoopThread thread("reader");
  blocking(thread, [&]() -> async::Task<void> { return plain.run(sets(keys)); });
  std::vector<double> view, yardstick;
  for (int round = 0; round < 3; ++round) {
    blocking(thread, [&]() -> async::Task<void> { return gets_in_turn(*store, keys, view); });
    blocking(thread, [&]() -> async::Task<void> { return plain_in_turn(plain, keys, yardstick); });
  }
  const double one = median(view), other = median(yardstick);
  std::printf("get, one at a time: p50 %.0f us, p99 %.0f us; plain GET p50 %.0f us; ratio %.2f\n", one * 1e6,
              view[view.size() * 99 / 100] * 1e6, other * 1e6, one / other);
  for (const std::size_t together : {8U, 64U}) {
    std::vector<double> ratios, rates;
    for (int round = 0; round < 5; ++round) {
      double in_view = 0, in_plain = 0;
      for (std::size_t from = 0; from + together <= keys.size(); from += together) {
        std::latch done(static_cast<std::ptrdiff_t>(together));
        double begun = now();
        thread.loop().post([&] {
          for (std::size_t i = 0; i < together; ++i) thread.loop().spawn(get_one(*store, keys[from + i], done));
        });
        done.wait();
        in_view += now() - begun;
        begun = now();
        blocking(thread, [&]() -> async::Task<void> {
          views::Commands commands;
          for (std::size_t i = 0; i < together; ++i) commands.add({"GET", keys[from + i]});
          return plain.run(std::move(commands));
        });
        in_plain += now() - begun;
      }
      ratios.push_back(in_view / in_plain);
      rates.push_back(static_cast<double>(keys.size()) / in_view);
    }
    const double rate = median(rates);
    std::printf("get, %2zu together: %.0f/s, time against pipelined GET %.2f\n", together, rate, median(ratios));
  }
}

}  // namespace

int main(int count, char** words) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const std::size_t certificates = count > 1 ? std::stoull(words[1]) : 200'000;
  {
    const RedisServer server;
    for (const std::size_t batch : {1U, 10U, 100U, 1'000U, 5'000U}) apply_throughput(server, batch);
    get_latency(server);
  }
  bytes_per_certificate(certificates);
  return 0;
}
