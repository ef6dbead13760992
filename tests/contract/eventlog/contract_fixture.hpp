#pragma once
// The language in which the contract of the event log is written.

#include <gtest/gtest.h>

#include <chrono>
#include <latch>
#include <optional>
#include <thread>

#include "async/completion.hpp"
#include "async/task.hpp"
#include "backend.hpp"
#include "eventlog/check.hpp"

namespace quicklime::eventlog::contract {

using namespace std::chrono_literals;

inline std::string numbered(std::size_t i) { return "event " + std::to_string(i); }

class EventLogContract : public testing::TestWithParam<Factory> {
 protected:
  void SetUp() override {
    backend_ = GetParam().make();
    log_ = backend_->open();
  }
  void TearDown() override {
    if (!IsSkipped()) count_case(GetParam().name);
  }

  Result<Position> append(std::string bytes) { return async::run_to_end(log_->append(std::move(bytes))); }
  Position appended(std::string bytes) {
    const auto position = append(std::move(bytes));
    EXPECT_TRUE(position) << position.error().detail;
    return position ? *position : Position{};
  }
  void append_numbered(std::size_t first, std::size_t last) {
    for (std::size_t i = first; i <= last; ++i) appended(numbered(i));
  }

  std::unique_ptr<LogReader> follow(const std::optional<Anchor>& anchor = std::nullopt) {
    auto reader = log_->follow(anchor);
    EXPECT_TRUE(reader) << reader.error().detail;
    return reader ? std::move(*reader) : nullptr;
  }
  std::string follow_fails(const Anchor& anchor) {
    const auto reader = log_->follow(anchor);
    return reader ? "no failure" : reader.error().reason;
  }

  // Everything up to the present end.
  std::vector<Record> read_all(LogReader& reader) {
    std::vector<Record> all;
    for (;;) {
      auto records = reader.read(100, 1 << 20, 0ms);
      EXPECT_TRUE(records) << records.error().detail;
      if (!records || records->empty()) return all;
      for (Record& record : *records) all.push_back(std::move(record));
    }
  }
  // Reads until the reader fails; nullopt when it does not.
  std::optional<Error> read_to_failure(LogReader& reader) {
    for (;;) {
      auto records = reader.read(100, 1 << 20, 0ms);
      if (!records) return records.error();
      if (records->empty()) return std::nullopt;
    }
  }
  crypto::Sha256Digest chain_at(std::uint64_t offset) { return read_all(*follow()).at(offset).chain; }
  Anchor anchor_at(std::uint64_t offset) {
    const auto record = log_->read_one(offset);
    EXPECT_TRUE(record) << record.error().detail;
    return Anchor{kLogId, record->position, record->hash, chain_at(offset)};
  }
  static std::vector<std::string> bytes_of(const std::vector<Record>& records) {
    std::vector<std::string> bytes;
    for (const Record& record : records) bytes.push_back(record.bytes);
    return bytes;
  }

  // `each` appends at once on each of `loops` loops, all of them waited for.
  struct Concurrent {
    std::string bytes;
    Result<Position> position;
  };
  std::vector<Concurrent> append_concurrently(std::size_t loops, std::size_t each) {
    std::vector<std::vector<Concurrent>> of_loop(loops);
    std::latch done(static_cast<std::ptrdiff_t>(loops * each));
    {
      std::vector<std::unique_ptr<async::LoopThread>> threads;
      for (std::size_t l = 0; l < loops; ++l) threads.push_back(std::make_unique<async::LoopThread>("loop"));
      for (std::size_t l = 0; l < loops; ++l) {
        for (std::size_t i = 0; i < each; ++i) {
          threads[l]->loop().spawn(append_into(of_loop[l], "loop " + std::to_string(l) + " event " + std::to_string(i), done));
        }
      }
      done.wait();
    }
    std::vector<Concurrent> all;
    for (auto& list : of_loop) all.insert(all.end(), list.begin(), list.end());
    return all;
  }

  std::unique_ptr<Backend> backend_;
  std::unique_ptr<EventLog> log_;

 private:
  async::Task<void> append_into(std::vector<Concurrent>& results, std::string bytes, std::latch& done) {
    auto position = co_await log_->append(bytes);
    results.push_back({std::move(bytes), std::move(position)});
    done.count_down();
  }
};

}  // namespace quicklime::eventlog::contract
