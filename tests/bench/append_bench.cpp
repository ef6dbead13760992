// Appends a second with 1, 16 and 256 of them waiting, in a SQLite file and in a Kafka topic, in turn.
//   append_bench SECONDS [BOOTSTRAP_SERVERS [REPLICAS [flush]]]     scripts/kafka.sh start DIR prints the servers; REPLICAS 1 or 3; flush:
//   each
//                                                                   event is on the brokers' disks before it counts

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <vector>

#include "async/task.hpp"
#include "eventlog/kafka_log.hpp"
#include "eventlog/sqlite_log.hpp"

namespace {

using namespace quicklime;
using std::chrono::steady_clock;

constexpr const char* kCreated =
    R"({"schema":"log.created/1-0-0","id":"01890a5d-ac96-774b-bcce-b302099a8056","time":"2026-11-21T01:02:03.456Z",)"
    R"("writer":"01890a5d-ac96-774b-bcce-b302099a8055/1","actor":{"kind":"control","id":"0"},"request":"init",)"
    R"("data":{"log_id":"01890a5d-ac96-774b-bcce-b302099a8057"}})";
constexpr std::size_t kEventBytes = 1'500;  // about one certificate.issued

template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().detail.c_str());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

struct Load {
  std::atomic<bool> over{false};
  std::atomic<std::size_t> running{0};
};

async::Task<void> append_until_over(eventlog::EventLog& log, Load& load, std::vector<double>& milliseconds) {
  while (!load.over) {
    const auto started = steady_clock::now();
    const auto position = co_await log.append(std::string(kEventBytes, 'x'));
    if (!position) std::fprintf(stderr, "%s\n", position.error().detail.c_str());
    milliseconds.push_back(std::chrono::duration<double, std::milli>(steady_clock::now() - started).count());
  }
  --load.running;
}

void measure(const char* name, eventlog::EventLog& log, std::size_t waiting, Seconds duration) {
  must(async::run_to_end(log.append("warm")));
  std::vector<std::vector<double>> each(waiting);
  Load load;
  load.running = waiting;
  async::LoopThread loops[2] = {async::LoopThread("a"), async::LoopThread("b")};
  for (std::size_t i = 0; i < waiting; ++i) loops[i % 2].loop().spawn(append_until_over(log, load, each[i]));
  std::this_thread::sleep_for(duration);
  load.over = true;
  while (load.running != 0) std::this_thread::sleep_for(Milliseconds(1));
  std::vector<double> all;
  for (const auto& one : each) all.insert(all.end(), one.begin(), one.end());
  std::sort(all.begin(), all.end());
  std::printf("%-8s %4zu waiting  %8.0f/s  p50 %7.2f ms  p99 %7.2f ms\n", name, waiting,
              static_cast<double>(all.size()) / static_cast<double>(duration.count()), all[all.size() / 2], all[all.size() * 99 / 100]);
  std::fflush(stdout);
}

}  // namespace

int main(int count, char** words) {
  const Seconds duration(count > 1 ? std::atoi(words[1]) : 5);
  std::string directory = (std::filesystem::temp_directory_path() / "append-bench-XXXXXX").string();
  if (::mkdtemp(directory.data()) == nullptr) return 1;
  metrics::Registry of_sqlite;
  must(eventlog::create_sqlite_log(directory + "/log.db", LogId("01890a5d-ac96-774b-bcce-b302099a8057"), kCreated));
  const auto sqlite = must(eventlog::open_sqlite_log(directory + "/log.db", {}, of_sqlite));

  metrics::Registry of_kafka;
  std::unique_ptr<eventlog::EventLog> kafka;
  if (count > 2) {
    eventlog::KafkaLogOptions options;
    options.bootstrap_servers = words[2];
    options.topic = "append-bench-" + std::to_string(::getpid());
    options.allow_single_replica = count <= 3 || std::atoi(words[3]) == 1;
    options.flush_every_event = count > 4;
    must(eventlog::create_kafka_log(options, kCreated));
    kafka = must(eventlog::open_kafka_log(options, of_kafka));
  }
  for (const std::size_t waiting : {std::size_t{1}, std::size_t{16}, std::size_t{256}}) {
    measure("sqlite", *sqlite, waiting, duration);
    if (kafka) measure("kafka", *kafka, waiting, duration);
  }
  std::filesystem::remove_all(directory);
  return 0;
}
