#include "installation/moving.hpp"

#include <set>

#include "base/crash_point.hpp"
#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/metrics.hpp"
#include "eventlog/copy.hpp"
#include "eventlog/event_writer.hpp"
#include "eventlog/export_file.hpp"
#include "eventlog/seal.hpp"
#include "eventlog/sqlite_log.hpp"
#include "events/codec.hpp"

namespace quicklime::installation {
namespace {

namespace fs = std::filesystem;

using eventlog::Anchor;
using eventlog::EventLog;
using eventlog::KafkaLogOptions;
using Lock = std::unique_ptr<DirectoryLock>;

constexpr Milliseconds kPatience{5'000};  // for another command that holds the data directory

metrics::Registry& nobody_looks() {
  static metrics::Registry registry;
  return registry;
}

Result<std::unique_ptr<EventLog>> open_file(const fs::path& file) {
  return eventlog::open_sqlite_log(file, {.batch_events = 500}, nobody_looks());
}

Result<std::unique_ptr<EventLog>> open_topic(KafkaLogOptions options, bool appends, KafkaLogOptions::Import import) {
  options.appends = appends;
  options.import = import;
  return eventlog::open_kafka_log(options, nobody_looks());
}

Result<std::unique_ptr<EventLog>> open_place(const LogPlace& place, bool appends) {
  if (!place.in_kafka()) return open_file(place.directory.log());
  const auto options = place.topic();
  if (!options) return forward(options);
  return open_topic(*options, appends, KafkaLogOptions::Import::none);
}

Result<Position> append(EventLog& log, std::string subject, events::Data data) {
  const SystemClock clock;
  eventlog::EventWriter writer(log, clock);
  const auto appended = async::run_to_end(writer.append({.actor = {events::Actor::Kind::control, "move"},
                                                         .cause = {RequestId("move")},
                                                         .subject = std::move(subject),
                                                         .data = std::move(data)}));
  if (!appended) return forward(appended);
  return appended->position;
}

std::string origin(const Anchor& sealed) {
  return "log.sealed at " + sealed.position.text() + " of " + sealed.log_id.text() + ", chain " + hex_encode(crypto::view(sealed.chain));
}

enum class Kind : std::uint8_t { moved, restored };

// What ends the bringing, and opens the log here.
events::Data goes_on(const Anchor& last, Kind kind) {
  if (kind == Kind::moved) return events::LogOpened{origin(last)};
  return events::LogRestored{last.position.epoch + 1};
}

bool is_that(const events::Data& data, const Anchor& last, Kind kind) {
  if (kind == Kind::restored) {
    const auto* restored = std::get_if<events::LogRestored>(&data);
    return restored != nullptr && restored->epoch == last.position.epoch + 1;
  }
  const auto* opened = std::get_if<events::LogOpened>(&data);
  return opened != nullptr && opened->from == origin(last);
}

const char* command_of(Kind kind) { return kind == Kind::moved ? "quicklime log import" : "quicklime log restore"; }

Result<void> may_be_brought(EventLog& source, Kind kind) {
  return kind == Kind::moved ? eventlog::require_sealed(source) : eventlog::require_open(source);
}

// ---- what may be in the place already

Failure another_log(const LogPlace& place, const std::string& why) {
  const std::string where = place.in_kafka() ? "the topic" : place.directory.log().string();
  return fail(ErrorCode::conflict, "log-exists", where + " holds a log, and " + why + "; an imported log needs a place where none is");
}

// Of a whole log that is there: nothing, if it is the one that an earlier import has opened.
Result<void> had_been_imported(const LogPlace& place, EventLog& there, const Anchor& last, Kind kind) {
  const auto end = there.end();
  if (!end) return forward(end);
  const std::uint64_t at = last.position.offset;
  if (there.id() != last.log_id) return another_log(place, "it is another one: " + there.id().text());
  if (end->offset <= at) return another_log(place, "it is an older state of this one");
  const auto same = there.read_one(at);
  if (!same) return forward(same);
  if (same->hash != last.hash) return another_log(place, "it has gone on by itself");
  if (end->offset == at + 1) return another_log(place, "it is the one to bring here");
  const auto next = there.read_one(at + 1);
  if (!next) return forward(next);
  const auto event = events::decode(next->bytes);
  if (!event || !is_that(event->data, last, kind)) return another_log(place, "it has gone on without having been imported");
  return {};
}

// ---- from there to here

struct Source {
  Lock lock;  // of another directory
  std::unique_ptr<EventLog> log;
};

Result<Source> open_source(const fs::path& path, const LogPlace& place, Kind kind) {
  Source source;
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) {
    auto file = eventlog::open_export(path);
    if (!file) return forward(file);
    source.log = std::move(*file);
    return source;
  }
  const DataDirectory directory{fs::absolute(path)};
  if (!fs::equivalent(path, place.directory.root, ignored)) {
    auto lock = DirectoryLock::take(directory, command_of(kind), kPatience);
    if (!lock) return forward(lock);
    source.lock = std::move(*lock);
  }
  auto log = open_file(directory.log());
  if (!log) return forward(log);
  source.log = std::move(*log);
  return source;
}

Result<void> copy(EventLog& from, EventLog& to, const Anchor& last, const MoveProgress& progress) {
  const auto copied = eventlog::copy_log(from, to, [&](Position position) {
    QUICKLIME_CRASH_POINT("move.batch");
    if (progress) progress(position.offset + 1, last.position.offset + 1);
  });
  if (!copied) return forward(copied);
  QUICKLIME_CRASH_POINT("move.copied");
  return {};
}

Result<Position> open_here(EventLog& log, const Anchor& last, Kind kind) {
  const auto opened = append(log, "", goes_on(last, kind));
  QUICKLIME_CRASH_POINT("move.opened");
  return opened;
}

Position behind(const Anchor& last, Kind kind) {
  return {last.position.epoch + (kind == Kind::restored ? 1 : 0), last.position.offset + 1};
}

// Whatever was interrupted before the last step is begun anew: nobody has seen it.
Result<Imported> bring_to_file(EventLog& source, const Anchor& last, Kind kind, const LogPlace& place, const MoveProgress& progress) {
  std::error_code ignored;
  const fs::path target = place.directory.log();
  if (fs::exists(target, ignored)) {
    const auto log = open_file(target);
    if (!log) return forward(log);
    if (auto opened = had_been_imported(place, **log, last, kind); !opened) return forward(opened);
    return Imported{last, behind(last, kind), true};
  }
  const fs::path beside = target.string() + ".importing";
  for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(beside.string() + suffix, ignored);
  const auto first = source.read_one(0);
  if (!first) return forward(first);
  if (auto created = eventlog::create_sqlite_log(beside, source.id(), first->bytes); !created) return forward(created);
  QUICKLIME_CRASH_POINT("move.created");
  auto log = open_file(beside);
  if (!log) return forward(log);
  if (auto copied = copy(source, **log, last, progress); !copied) return forward(copied);
  const auto opened = open_here(**log, last, kind);
  if (!opened) return forward(opened);
  log->reset();  // moves what its WAL holds into the file
  // What a log that was here before has left: SQLite would take it for the new one's.
  for (const char* suffix : {"-wal", "-shm"}) fs::remove(target.string() + suffix, ignored);
  if (auto renamed = rename_durably(beside, target); !renamed) return forward(renamed);
  return Imported{last, *opened};
}

// Tokens that the log does not have yet.
Result<void> append_tokens(EventLog& log, const std::vector<events::TokenCreated>& tokens) {
  if (auto open = eventlog::require_open(log); !open) return open;
  const auto end = log.end();
  if (!end) return forward(end);
  auto reader = log.follow(std::nullopt);
  if (!reader) return forward(reader);
  std::set<std::string> known;
  for (std::uint64_t next = 0; next < end->offset;) {
    const auto records = (*reader)->read(5'000, 8 << 20, Milliseconds(1'000));
    if (!records) return forward(records);
    next += records->size();
    for (const auto& record : *records) {
      if (record.bytes.find("token.created/") == std::string::npos) continue;
      const auto event = events::decode(record.bytes);
      const auto* created = event ? std::get_if<events::TokenCreated>(&event->data) : nullptr;
      if (created != nullptr) known.insert(created->token.text());
    }
  }
  for (const auto& token : tokens) {
    if (known.contains(token.token.text())) continue;
    if (const auto appended = append(log, token.token.text(), token); !appended) return forward(appended);
    QUICKLIME_CRASH_POINT("move.token");
  }
  return {};
}

Result<Imported> bring_to_topic(EventLog& source, const Anchor& last, Kind kind, const LogPlace& place, const MoveProgress& progress) {
  using Import = KafkaLogOptions::Import;
  auto options = place.topic();
  if (!options) return forward(options);
  const auto first = source.read_one(0);
  if (!first) return forward(first);
  options->import = Import::under_way;
  auto created = eventlog::create_kafka_log(*options, first->bytes);
  if (!created && created.error().reason != "log-exists") return forward(created);
  QUICKLIME_CRASH_POINT("move.created");

  const auto whole = open_topic(*options, false, Import::none);
  if (!whole && whole.error().reason != "log-importing") return forward(whole);
  const bool done = whole.has_value();
  if (done) {
    if (auto opened = had_been_imported(place, **whole, last, kind); !opened) return forward(opened);
  } else {
    const auto log = open_topic(*options, true, Import::under_way);
    if (!log) return forward(log);
    if (auto copied = copy(source, **log, last, progress); !copied) return forward(copied);
  }

  // Tokens of an import that was done long ago may have been handed out and removed.
  std::error_code ignored;
  const fs::path bootstrap = bootstrap_directory(place.directory);
  std::vector<events::TokenCreated> tokens;
  if (!done || fs::is_directory(bootstrap, ignored)) {
    auto made = bootstrap_tokens(bootstrap, place.daemons, SystemClock().now());
    if (!made) return forward(made);
    tokens = std::move(*made);
  }
  QUICKLIME_CRASH_POINT("move.tokens");
  const auto log = open_topic(*options, true, done ? Import::none : Import::ending);
  if (!log) return forward(log);
  Imported imported{last, behind(last, kind), done};
  if (!done) {
    const auto opened = open_here(**log, last, kind);
    if (!opened) return forward(opened);
    imported.opened = *opened;
  }
  if (auto appended = append_tokens(**log, tokens); !appended) return forward(appended);
  return imported;
}

Result<Imported> bring(const fs::path& source, const LogPlace& place, Kind kind, const MoveProgress& progress) {
  const auto lock = DirectoryLock::take(place.directory, command_of(kind), kPatience);
  if (!lock) return forward(lock);
  const auto from = open_source(source, place, kind);
  if (!from) return forward(from);
  if (auto may = may_be_brought(*from->log, kind); !may) return forward(may);
  const auto last = eventlog::verify_chain(*from->log);
  if (!last) return forward(last);
  return place.in_kafka() ? bring_to_topic(*from->log, *last, kind, place, progress)
                          : bring_to_file(*from->log, *last, kind, place, progress);
}

Result<Anchor> write_export(const LogPlace& place, const fs::path& file, const char* command, eventlog::ExportOf what) {
  const auto lock = DirectoryLock::take(place.directory, command, kPatience);
  if (!lock) return forward(lock);
  const auto log = open_place(place, false);
  if (!log) return forward(log);
  return eventlog::export_log(**log, file, what);
}

}  // namespace

Result<Position> seal_log(const LogPlace& place) {
  const auto lock = DirectoryLock::take(place.directory, "quicklime log seal", kPatience);
  if (!lock) return forward(lock);
  const auto log = open_place(place, true);
  if (!log) return forward(log);
  const auto sealed = eventlog::is_sealed(**log);
  if (!sealed) return forward(sealed);
  if (*sealed) {
    const auto end = (*log)->end();
    if (!end) return forward(end);
    return Position{end->epoch, end->offset - 1};
  }
  const auto position = append(**log, "", events::LogSealed{});
  QUICKLIME_CRASH_POINT("move.sealed");
  return position;
}

Result<Position> unseal_log(const LogPlace& place) {
  const auto lock = DirectoryLock::take(place.directory, "quicklime log seal", kPatience);
  if (!lock) return forward(lock);
  const auto log = open_place(place, true);
  if (!log) return forward(log);
  if (auto sealed = eventlog::require_sealed(**log); !sealed) return forward(sealed);
  return append(**log, "", events::LogOpened{"the seal before, taken back"});
}

Result<Anchor> export_log(const LogPlace& place, const fs::path& file) {
  return write_export(place, file, "quicklime log export", eventlog::ExportOf::sealed_log);
}

Result<Anchor> back_up_log(const LogPlace& place, const fs::path& file) {
  return write_export(place, file, "quicklime log backup", eventlog::ExportOf::log_until_now);
}

Result<Imported> import_log(const fs::path& source, const LogPlace& place, const MoveProgress& progress) {
  return bring(source, place, Kind::moved, progress);
}

Result<Imported> restore_log(const fs::path& source, const LogPlace& place, const MoveProgress& progress) {
  return bring(source, place, Kind::restored, progress);
}

}  // namespace quicklime::installation
