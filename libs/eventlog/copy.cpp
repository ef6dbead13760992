#include "eventlog/copy.hpp"

#include <algorithm>
#include <span>

#include "async/completion.hpp"

namespace quicklime::eventlog {
namespace {

constexpr std::size_t kBatchEvents = 500;
constexpr std::size_t kBatchBytes = 4 * 1024 * 1024;

using UnderWay = async::Completion<Result<Position>>;

Failure differs(std::uint64_t offset, const std::string& how) {
  return fail(ErrorCode::conflict, "log-differs",
              "offset " + std::to_string(offset) + ": " + how + "; copy to an empty log, one that nobody else writes");
}

async::Task<void> append(EventLog& to, std::string bytes, UnderWay done) {
  auto position = co_await to.append(std::move(bytes));
  done.complete(std::move(position));
}

async::Task<Result<Position>> outcome(UnderWay done) { co_return co_await done.wait(); }

// All under way at once, so that they share commits; begun in order, so that they stand in order.
Result<void> append_all(EventLog& to, std::span<const Record> records, async::Loop& loop) {
  std::vector<UnderWay> under_way;
  for (const Record& record : records) {
    UnderWay done;
    loop.spawn(append(to, record.bytes, done));
    under_way.push_back(std::move(done));
  }
  Result<void> all;
  for (std::size_t index = 0; index < records.size(); ++index) {
    const auto position = async::run_to_end(outcome(under_way[index]));
    if (!all) continue;  // nothing is under way when this returns
    if (!position) {
      all = forward(position);
    } else if (position->offset != records[index].position.offset) {
      all = differs(records[index].position.offset, "it was written at offset " + std::to_string(position->offset));
    }
  }
  return all;
}

}  // namespace

Result<Anchor> copy_log(EventLog& from, EventLog& to, const std::function<void(Position)>& progress) {
  const auto source_end = from.end();
  if (!source_end) return forward(source_end);
  const auto there = to.end();
  if (!there) return forward(there);
  if (there->offset > source_end->offset) return differs(source_end->offset, "the log to copy ends here, and the other one goes on");
  auto source = from.follow(std::nullopt);
  if (!source) return forward(source);
  auto present = to.follow(std::nullopt);
  if (!present) return forward(present);

  async::LoopThread loop("copy");
  std::optional<Anchor> last;
  for (std::uint64_t next = 0; next < source_end->offset;) {
    const std::size_t most = std::min<std::uint64_t>(kBatchEvents, next < there->offset ? there->offset - next : source_end->offset - next);
    auto records = (*source)->read(most, kBatchBytes, Milliseconds(1'000));
    if (!records) return forward(records);
    for (std::size_t compared = 0; next < there->offset && compared < records->size();) {
      const auto held = (*present)->read(records->size() - compared, kBatchBytes, Milliseconds(1'000));
      if (!held) return forward(held);
      for (const Record& record : *held) {
        const Record& original = (*records)[compared++];
        if (record.hash != original.hash) return differs(original.position.offset, "the other log holds another event here");
      }
    }
    if (next >= there->offset) {
      if (auto appended = append_all(to, *records, loop.loop()); !appended) return forward(appended);
    }
    if (records->empty()) continue;
    const Record& record = records->back();
    last = Anchor{from.id(), record.position, record.hash, record.chain};
    next = record.position.offset + 1;
    if (progress) progress(record.position);
  }
  if (!last) return fail(ErrorCode::not_found, "log-missing", "there is nothing to copy: the log is empty");
  return *last;
}

}  // namespace quicklime::eventlog
