#pragma once
// How far a process has seen the log and each CRL, kept in its directory: whoever starts there again believes nothing older,
// also when brokers and Redis have lost it.

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "base/id.hpp"
#include "eventlog/event_log.hpp"

namespace quicklime::installation {

// Any thread; write by one at a time. The file is small and replaced atomically by write, which its process calls every second and at
// its end.
class HighestSeen {
 public:
  // In memory alone, until the process ends.
  HighestSeen() = default;
  // What is in the file; nothing when there is none. "highest-seen-malformed" (invalid): it is not one of ours, as it names.
  static Result<std::unique_ptr<HighestSeen>> open(const std::filesystem::path& file);

  void note(const eventlog::Anchor& anchor);  // the last event that a view has applied
  void note_crl(const AuthorityId& scope, Position number);
  std::optional<eventlog::Anchor> anchor() const;
  std::optional<Position> crl(const AuthorityId& scope) const;

  // Whether the log still holds what was seen: log-foreign, log-truncated (with both positions) or log-altered, each naming the
  // file. A log that was restored on purpose, to a later epoch, may hold less, and what was seen before is forgotten. Blocks.
  Result<void> check(eventlog::EventLog& log);

  // When something has moved since the last time. Blocks until it is durable. A directory that cannot be written to is said once.
  void write();

 private:
  std::string text() const;

  std::filesystem::path file_;
  mutable std::mutex mutex_;
  std::optional<eventlog::Anchor> anchor_;
  std::map<AuthorityId, Position> crls_;
  bool moved_ = false;
  bool said_ = false;  // of write alone
};

}  // namespace quicklime::installation
