#include "all_in_one/log_verification.hpp"

#include "base/encoding.hpp"
#include "crypto/hash.hpp"

namespace quicklime::all_in_one {
namespace {

constexpr std::size_t kBatchEvents = 1000;
constexpr std::size_t kBatchBytes = 4 * 1024 * 1024;

Failure altered(std::uint64_t offset, const std::string& what) {
  return fail(ErrorCode::verification_failed, "log-altered",
              "the event at offset " + std::to_string(offset) + " is not what was written: " + what + "; restore the log from a backup");
}

}  // namespace

LogVerification::~LogVerification() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

LogVerification::Status LogVerification::status() const {
  std::lock_guard lock(mutex_);
  return status_;
}

void LogVerification::start() {
  {
    std::lock_guard lock(mutex_);
    if (status_.running) return;
    status_ = Status{};
    status_.running = true;
  }
  if (thread_.joinable()) thread_.join();
  thread_ = std::thread([this] { run(); });
}

void LogVerification::run() {
  const auto verified = verify();
  std::lock_guard lock(mutex_);
  if (!verified) status_.failure = verified.error().detail;
  status_.running = false;
}

Result<void> LogVerification::verify() {
  // Anchors first: the log only grows, so each must be met on the way to an end that is asked for afterwards.
  std::multimap<std::uint64_t, ViewAnchor> expected;
  for (auto& anchor : anchors_()) expected.emplace(anchor.anchor.position.offset, anchor);
  const auto end = log_.end();
  if (!end) return forward(end);
  {
    std::lock_guard lock(mutex_);
    status_.end = end->offset;
  }
  auto reader = log_.follow(std::nullopt);
  if (!reader) return forward(reader);

  crypto::Sha256Digest chain{};
  std::uint64_t next = 0;
  while (next < end->offset && !stop_) {
    const auto records = (*reader)->read(kBatchEvents, kBatchBytes, Milliseconds(1'000));
    if (!records && records.error().code == ErrorCode::unavailable) continue;
    if (!records) return forward(records);
    for (const auto& record : *records) {
      // Not what the reader computed: hashes of its own.
      if (record.position.offset != next) return altered(next, "it is missing");
      const auto hash = crypto::sha256(record.bytes);
      chain = eventlog::next_chain(chain, hash);
      if (hash != record.hash || chain != record.chain) return altered(next, "its hash does not fit the chain");
      for (auto [it, last] = expected.equal_range(next); it != last; ++it) {
        const auto& [name, anchor] = it->second;
        if (anchor.log_id != log_.id() || anchor.hash != hash || anchor.chain != chain) {
          return fail(ErrorCode::verification_failed, "view-foreign",
                      "view " + name + " was folded from another log: its event at offset " + std::to_string(next) +
                          " is a different one; quicklime views rebuild folds it anew");
        }
        std::lock_guard lock(mutex_);
        status_.views.push_back(name);
      }
      ++next;
    }
    std::lock_guard lock(mutex_);
    status_.checked = next;
  }
  if (stop_) return {};
  for (const auto& [offset, view] : expected) {
    if (offset >= end->offset) {
      return fail(ErrorCode::verification_failed, "log-truncated",
                  "view " + view.view + " has applied offset " + std::to_string(offset) +
                      ", and the log ends before it: restore the log from a backup");
    }
  }
  std::lock_guard lock(mutex_);
  status_.chain = hex_encode(crypto::view(chain));
  return {};
}

}  // namespace quicklime::all_in_one
