#include "eventlog/check.hpp"

#include <algorithm>

#include "events/codec.hpp"

namespace quicklime::eventlog {

crypto::Sha256Digest next_chain(const crypto::Sha256Digest& chain, const crypto::Sha256Digest& hash) {
  return crypto::Sha256().update(crypto::view(chain)).update(crypto::view(hash)).finish();
}

Failure log_altered(std::uint64_t offset, const std::string& how) {
  return fail(ErrorCode::verification_failed, "log-altered",
              "the log was altered: at offset " + std::to_string(offset) + " " + how + "; restore it from a backup");
}

Failure log_truncated(std::uint64_t expected, std::uint64_t end) {
  return fail(ErrorCode::verification_failed, "log-truncated",
              "the log was cut: the event at offset " + std::to_string(expected) + " was read before, and now the log ends at offset " +
                  std::to_string(end) + "; restore it from a backup");
}

Failure log_foreign(const LogId& expected, const LogId& found) {
  return fail(ErrorCode::verification_failed, "log-foreign",
              "this is another log: " + expected.text() + " was expected and " + found.text() + " found, from offset 0 on");
}

Result<crypto::Sha256Digest> digest_from(std::string_view bytes) {
  crypto::Sha256Digest digest;
  if (bytes.size() != digest.size()) {
    return fail(ErrorCode::verification_failed, "digest-malformed",
                "a digest of " + std::to_string(bytes.size()) + " octets is no SHA-256");
  }
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

Result<Record> check_link(std::uint64_t offset, const crypto::Sha256Digest& before, Stored stored) {
  if (stored.position.offset != offset) return log_altered(offset, "an event is missing");
  const auto chain = digest_from(stored.chain);
  if (!chain) return log_altered(offset, "the chain is no hash");
  const crypto::Sha256Digest hash = crypto::sha256(stored.bytes);
  if (next_chain(before, hash) != *chain) return log_altered(offset, "the chain does not follow from the event and the chain before it");
  return Record{stored.position, std::move(stored.bytes), hash, *chain};
}

Result<std::vector<Record>> check_links(std::uint64_t offset, crypto::Sha256Digest before, std::vector<Stored> stored) {
  std::vector<Record> records;
  records.reserve(stored.size());
  for (Stored& event : stored) {
    auto record = check_link(offset + records.size(), before, std::move(event));
    if (!record) {
      // What stands before it is whole: it is handed out, and the next read says what is wrong.
      if (!records.empty()) break;
      return forward(record);
    }
    before = record->chain;
    records.push_back(std::move(*record));
  }
  return records;
}

Result<Entry> with_its_chain(Result<Record> record) {
  if (!record) return forward(std::move(record));
  return Entry{record->position, std::move(record->bytes), record->hash, record->chain};
}

Result<std::vector<Entry>> EventLog::read_range(std::uint64_t from, std::size_t maximum_events) {
  std::vector<Entry> entries;
  for (std::size_t bytes = 0; entries.size() < maximum_events && bytes < kRangeBytes;) {
    auto entry = read_one(from + entries.size());
    if (!entry && entries.empty() && entry.error().reason != "log-offset-missing") return forward(entry);
    if (!entry) break;
    bytes += entry->bytes.size();
    entries.push_back(*std::move(entry));
  }
  return entries;
}

Result<void> check_anchor(const Anchor& anchor, const LogId& stored_id, EventLog& log) {
  if (anchor.log_id != stored_id) return log_foreign(anchor.log_id, stored_id);
  const auto end = log.end();
  if (!end) return forward(end);
  if (end->offset <= anchor.position.offset) return log_truncated(anchor.position.offset, end->offset);
  const auto record = log.read_one(anchor.position.offset);
  if (!record) return forward(record);
  if (record->position != anchor.position || record->hash != anchor.hash || record->chain.value_or(anchor.chain) != anchor.chain) {
    return log_altered(anchor.position.offset, "stands another event than the one that was read before");
  }
  return {};
}

Result<void> check_size(std::string_view bytes) {
  if (bytes.size() <= events::kMaximumEventBytes) return {};
  return fail(
      ErrorCode::too_large, "event-too-large",
      "an event of " + std::to_string(bytes.size()) + " octets; at most " + std::to_string(events::kMaximumEventBytes) + " are allowed");
}

Result<void> check_in_time(PersistBy persist_by) {
  if (std::chrono::steady_clock::now() <= persist_by) return {};
  return fail(Error{ErrorCode::unavailable, "view-stale",
                    "what this was decided by has become too old before it could be written; nothing was written, ask again", "", 1});
}

std::optional<std::uint64_t> epoch_begun_by(std::string_view bytes) {
  // Decoding every event would double the work of an append; nearly none contains this.
  if (bytes.find("log.restored/") == std::string_view::npos) return std::nullopt;
  const auto event = events::decode(bytes);
  if (!event) return std::nullopt;
  const auto* restored = std::get_if<events::LogRestored>(&event->data);
  return restored != nullptr ? std::optional(restored->epoch) : std::nullopt;
}

Result<Anchor> verify_chain(EventLog& log, const std::function<void(Position)>& progress) {
  const auto end = log.end();
  if (!end) return forward(end);
  auto reader = log.follow(std::nullopt);
  if (!reader) return forward(reader);
  std::optional<Anchor> last;
  while (!last || last->position.offset + 1 < end->offset) {
    auto records = (*reader)->read(5'000, 8 << 20, Milliseconds(1'000));
    if (!records) return forward(records);
    for (const Record& record : *records) last = Anchor{log.id(), record.position, record.hash, record.chain};
    if (progress && last) progress(last->position);
  }
  return *last;
}

}  // namespace quicklime::eventlog
