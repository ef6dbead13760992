#include "eventlog/export_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "base/crash_point.hpp"
#include "base/encoding.hpp"
#include "base/file.hpp"
#include "eventlog/check.hpp"
#include "eventlog/seal.hpp"
#include "events/codec.hpp"

namespace quicklime::eventlog {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBeforeId = R"({"quicklime":"log","log_id":")";
constexpr std::string_view kBeforeEvents = R"(","events":)";
constexpr std::string_view kBeforeChain = R"(,"chain":")";
constexpr std::string_view kAfterChain = R"("})";

struct ExportHead {
  std::string log_id;
  std::uint64_t events;
  crypto::Sha256Digest chain;
};

std::string head_line(const Anchor& last) {
  return std::string(kBeforeId) + last.log_id.text() + std::string(kBeforeEvents) + std::to_string(last.position.offset + 1) +
         std::string(kBeforeChain) + hex_encode(crypto::view(last.chain)) + std::string(kAfterChain);
}

// Up to and without the next `until`, which is taken as well; nullopt: it does not come.
std::optional<std::string_view> take(std::string_view& text, std::string_view until) {
  const auto end = text.find(until);
  if (end == std::string_view::npos) return std::nullopt;
  const auto taken = text.substr(0, end);
  text.remove_prefix(end + until.size());
  return taken;
}

std::optional<ExportHead> parse_head(std::string_view line) {
  const auto nothing = take(line, kBeforeId);
  const auto id = take(line, kBeforeEvents);
  const auto events = take(line, kBeforeChain);
  const auto chain = take(line, kAfterChain);
  if (!nothing || !nothing->empty() || !id || !events || !chain || !line.empty()) return std::nullopt;
  ExportHead head{std::string(*id), 0, {}};
  const auto [end, error] = std::from_chars(events->data(), events->data() + events->size(), head.events);
  const auto octets = hex_decode(*chain);
  if (error != std::errc() || end != events->data() + events->size() || head.events == 0 || !octets) return std::nullopt;
  const auto digest = digest_from(*octets);
  if (!digest) return std::nullopt;
  head.chain = *digest;
  return head;
}

// An event may be of a later version: then it is JSON all the same.
Result<void> require_one_line(std::string_view bytes, std::uint64_t offset) {
  const auto event = events::decode(bytes);
  const bool is_json = event || event.error().reason == "event-unknown";
  if (is_json && bytes.find('\n') == std::string_view::npos) return {};
  return fail(ErrorCode::verification_failed, "event-undecodable",
              "the event at offset " + std::to_string(offset) +
                  " is not one line of JSON: " + (event ? "it has several lines" : event.error().detail));
}

Failure file_failure(const char* verb, const fs::path& file) {
  return fail(ErrorCode::internal, "file-error", std::string("cannot ") + verb + " " + file.string() + ": " + std::strerror(errno));
}

Failure damaged(const fs::path& file, std::uint64_t line, const std::string& how) {
  return fail(ErrorCode::verification_failed, "export-damaged",
              file.string() + ", line " + std::to_string(line) + ": " + how + "; nothing was imported: copy or export it again");
}

std::uint64_t line_of(std::uint64_t offset) { return offset + 2; }

// Lines of at most an event's length.
class ExportLines {
 public:
  explicit ExportLines(const fs::path& file) : stream_(file, std::ios::binary), buffer_(events::kMaximumEventBytes + 2, '\0') {}
  bool is_open() const { return stream_.is_open(); }
  void seek(std::uint64_t place) {
    stream_.clear();
    stream_.seekg(static_cast<std::streamoff>(place));
  }
  std::uint64_t place() { return static_cast<std::uint64_t>(stream_.tellg()); }
  bool at_end() { return stream_.peek() == std::char_traits<char>::eof(); }
  // nullopt: too long, or the file ends within it.
  std::optional<std::string> next() {
    stream_.getline(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    if (stream_.fail() || stream_.eof()) return std::nullopt;
    return std::string(buffer_.data(), static_cast<std::size_t>(stream_.gcount()) - 1);
  }

 private:
  std::ifstream stream_;
  std::string buffer_;
};

// Where one event stands, and what it is.
struct ExportedEvent {
  std::uint64_t place;
  std::uint64_t epoch;
  crypto::Sha256Digest chain;
};

class ExportedLog final : public EventLog {
 public:
  ExportedLog(fs::path file, LogId id, std::vector<ExportedEvent> events)
      : file_(std::move(file)), id_(std::move(id)), events_(std::move(events)) {}

  const LogId& id() const override { return id_; }
  async::Task<Result<Position>> append(std::string, PersistBy) override {
    co_return fail(ErrorCode::internal, "log-read-only", "an exported log is not appended to");
  }
  Result<Position> end() override { return Position{events_.back().epoch, events_.size()}; }
  Result<Entry> read_one(std::uint64_t offset) override {
    ExportLines lines(file_);
    return with_its_chain(read(lines, offset));
  }
  Result<std::unique_ptr<LogReader>> follow(const std::optional<Anchor>& anchor) override;

  // The event at this offset, if it is still the one that was there when the file was opened.
  Result<Record> read(ExportLines& lines, std::uint64_t offset) const {
    if (offset >= events_.size()) {
      return fail(ErrorCode::not_found, "log-offset-missing", "the log has no event at offset " + std::to_string(offset));
    }
    lines.seek(events_[offset].place);
    auto bytes = lines.next();
    if (!bytes) return damaged(file_, line_of(offset), "the line is gone");
    return check_link(offset, offset == 0 ? kChainStart : events_[offset - 1].chain,
                      {Position{events_[offset].epoch, offset}, std::move(*bytes), std::string(crypto::view(events_[offset].chain))});
  }
  const fs::path& file() const { return file_; }
  std::uint64_t size() const { return events_.size(); }

 private:
  const fs::path file_;
  const LogId id_;
  const std::vector<ExportedEvent> events_;
};

class ExportReader final : public LogReader {
 public:
  ExportReader(const ExportedLog& log, std::uint64_t next) : log_(log), lines_(log.file()), next_(next) {}

  Result<std::vector<Record>> read(std::size_t maximum_events, std::size_t maximum_bytes, Milliseconds) override {
    std::vector<Record> records;
    for (std::size_t bytes = 0; next_ < log_.size() && records.size() < maximum_events && (records.empty() || bytes < maximum_bytes);
         ++next_) {
      auto record = log_.read(lines_, next_);
      if (!record) return forward(record);
      bytes += record->bytes.size();
      records.push_back(std::move(*record));
    }
    return records;  // nothing more will come, and nobody needs to wait for it
  }
  void wake() override {}

 private:
  const ExportedLog& log_;
  ExportLines lines_;
  std::uint64_t next_;
};

Result<std::unique_ptr<LogReader>> ExportedLog::follow(const std::optional<Anchor>& anchor) {
  if (anchor) {
    if (auto holds = check_anchor(*anchor, id_, *this); !holds) return forward(holds);
  }
  return std::make_unique<ExportReader>(*this, anchor ? anchor->position.offset + 1 : 0);
}

// A new file beside its target, which it replaces when it is whole.
class FileInTheMaking {
 public:
  explicit FileInTheMaking(const fs::path& target) : beside_(target.string() + ".part") {
    ::unlink(beside_.c_str());  // what is there is left of an export that was interrupted, or is another name of somebody's file
    const int descriptor = ::open(beside_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor >= 0) file_ = ::fdopen(descriptor, "w");
  }
  ~FileInTheMaking() {
    if (file_ != nullptr) std::fclose(file_);
  }
  FileInTheMaking(const FileInTheMaking&) = delete;
  FileInTheMaking& operator=(const FileInTheMaking&) = delete;

  bool write_line(std::string_view line) {
    return file_ != nullptr && std::fwrite(line.data(), 1, line.size(), file_) == line.size() && std::fputc('\n', file_) != EOF;
  }
  bool sync() { return std::fflush(file_) == 0 && QUICKLIME_DURABLE("move.export", ::fsync(::fileno(file_))) == 0; }
  const fs::path& path() const { return beside_; }

 private:
  fs::path beside_;
  std::FILE* file_ = nullptr;
};

}  // namespace

Result<Anchor> export_log(EventLog& log, const fs::path& file, ExportOf what) {
  const auto may_be_written = [&]() -> Result<void> { return what == ExportOf::sealed_log ? require_sealed(log) : Result<void>(); };
  if (auto sealed = may_be_written(); !sealed) return forward(sealed);
  const auto last = verify_chain(log);
  if (!last) return forward(last);
  const std::string head = head_line(*last);
  std::error_code ignored;
  if (fs::exists(file, ignored)) {
    ExportLines lines(file);
    if (const auto line = lines.next(); !line || *line != head) {
      return fail(ErrorCode::conflict, "file-exists", file.string() + " is there and is no export of this log; choose another name");
    }
  }
  FileInTheMaking made(file);
  if (!made.write_line(head)) return file_failure("write", made.path());
  auto reader = log.follow(std::nullopt);
  if (!reader) return forward(reader);
  crypto::Sha256Digest chain{};
  for (std::uint64_t next = 0; next <= last->position.offset;) {
    const auto records = (*reader)->read(5'000, 8 << 20, Milliseconds(1'000));
    if (!records) return forward(records);
    for (const Record& record : *records) {
      if (record.position.offset > last->position.offset) break;
      if (auto line = require_one_line(record.bytes, record.position.offset); !line) return forward(line);
      if (!made.write_line(record.bytes)) return file_failure("write", made.path());
      chain = record.chain;
      next = record.position.offset + 1;
    }
  }
  if (chain != last->chain) return log_altered(last->position.offset, "the log changed while it was read");
  // Something that was not stopped may have appended behind the seal.
  if (auto sealed = may_be_written(); !sealed) return forward(sealed);
  if (!made.sync()) return file_failure("write", made.path());
  if (auto renamed = rename_durably(made.path(), file); !renamed) return forward(renamed);
  return *last;
}

Result<std::unique_ptr<EventLog>> open_export(const fs::path& file) {
  ExportLines lines(file);
  if (!lines.is_open()) return fail(ErrorCode::not_found, "file-error", "cannot read " + file.string());
  const auto first = lines.next();
  const auto head = first ? parse_head(*first) : std::nullopt;
  if (!head)
    return fail(ErrorCode::invalid, "export-format",
                file.string() + " is not what `quicklime log export` and `log backup` write: see its first line");

  std::vector<ExportedEvent> all;
  Position position{0, 0};
  crypto::Sha256Digest chain = kChainStart;
  for (std::uint64_t offset = 0; offset < head->events; ++offset) {
    const std::uint64_t line = line_of(offset), place = lines.place();
    if (lines.at_end()) return damaged(file, line, "the file ends here and should have " + std::to_string(head->events) + " events");
    auto bytes = lines.next();
    if (!bytes) return damaged(file, line, "the line has no end, or is longer than an event may be");
    if (auto whole = require_one_line(*bytes, offset); !whole) return damaged(file, line, whole.error().detail);
    if (offset == 0) {
      const auto event = events::decode(*bytes);
      const auto* created = event ? std::get_if<events::LogCreated>(&event->data) : nullptr;
      if (created == nullptr || created->log_id.text() != head->log_id)
        return damaged(file, line, "this is not the beginning of the log of line 1");
    }
    position = Position{epoch_begun_by(*bytes).value_or(position.epoch), offset};
    chain = next_chain(chain, crypto::sha256(*bytes));
    all.push_back({place, position.epoch, chain});
  }
  const std::uint64_t last_line = line_of(head->events - 1);
  if (!lines.at_end())
    return damaged(file, last_line + 1, "the file goes on behind the last of its " + std::to_string(head->events) + " events");
  if (chain != head->chain) {
    return damaged(file, last_line, "the chain up to here is not that of line 1, so some line between them was changed");
  }
  return std::make_unique<ExportedLog>(file, LogId(head->log_id), std::move(all));
}

}  // namespace quicklime::eventlog
