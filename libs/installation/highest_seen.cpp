#include "installation/highest_seen.hpp"

#include <sstream>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/logging.hpp"
#include "eventlog/check.hpp"

namespace quicklime::installation {
namespace {

// "log <id> <position> <hash> <chain>" and "crl <authority> <number>", one a line.
constexpr const char* kLog = "log";
constexpr const char* kCrl = "crl";

Result<crypto::Sha256Digest> digest(const std::string& hex) {
  const auto octets = hex_decode(hex);
  return eventlog::digest_from(octets.value_or(""));
}

Failure malformed(const std::filesystem::path& file, const std::string& line) {
  return fail(ErrorCode::invalid, "highest-seen-malformed",
              "the file " + file.string() + " is not as it was written, at \"" + line +
                  "\"; when the log is known to be whole, remove it, and it is written again");
}

}  // namespace

Result<std::unique_ptr<HighestSeen>> HighestSeen::open(const std::filesystem::path& file) {
  auto seen = std::make_unique<HighestSeen>();
  seen->file_ = file;
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return seen;
  const auto content = read_file(file);
  if (!content) return forward(content);
  std::istringstream lines(*content);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string kind, name, where, hash, chain;
    words >> kind >> name >> where >> hash >> chain;
    const auto position = Position::parse(where);
    if (!position) return malformed(file, line);
    if (kind == kLog) {
      const auto of_event = digest(hash), of_chain = digest(chain);
      if (!of_event || !of_chain) return malformed(file, line);
      seen->anchor_ = eventlog::Anchor{LogId(name), *position, *of_event, *of_chain};
    } else if (kind == kCrl) {
      seen->crls_[AuthorityId(name)] = *position;
    } else {
      return malformed(file, line);
    }
  }
  return seen;
}

void HighestSeen::note(const eventlog::Anchor& anchor) {
  const std::lock_guard lock(mutex_);
  if (anchor_ && anchor.position <= anchor_->position) return;
  anchor_ = anchor;
  moved_ = true;
}

void HighestSeen::note_crl(const AuthorityId& scope, Position number) {
  const std::lock_guard lock(mutex_);
  const auto [highest, is_new] = crls_.try_emplace(scope, number);
  if (!is_new && number <= highest->second) return;
  highest->second = number;
  moved_ = true;
}

std::optional<eventlog::Anchor> HighestSeen::anchor() const {
  const std::lock_guard lock(mutex_);
  return anchor_;
}

std::optional<Position> HighestSeen::crl(const AuthorityId& scope) const {
  const std::lock_guard lock(mutex_);
  const auto found = crls_.find(scope);
  return found == crls_.end() ? std::nullopt : std::optional(found->second);
}

Result<void> HighestSeen::check(eventlog::EventLog& log) {
  const auto seen = anchor();
  if (!seen) return {};
  const auto end = log.end();
  if (!end) return forward(end);
  if (log.id() == seen->log_id && end->epoch > seen->position.epoch) {
    log::warning("the log was restored since this process saw it; what it lost is given up",
                 {{"seen", seen->position.text()}, {"end", end->text()}});
    const std::lock_guard lock(mutex_);
    anchor_.reset();
    return {};
  }
  auto holds = eventlog::check_anchor(*seen, log.id(), log);
  if (holds || holds.error().code != ErrorCode::verification_failed) return holds;
  Error error = holds.error();
  error.detail += "; this process saw it up to " + seen->position.text() + ", as " + file_.string() +
                  " says: restore the log, or, when what is gone is given up, remove that file";
  return fail(std::move(error));
}

std::string HighestSeen::text() const {
  std::string text;
  if (anchor_) {
    text += std::string(kLog) + ' ' + anchor_->log_id.text() + ' ' + anchor_->position.text() + ' ' +
            hex_encode(crypto::view(anchor_->hash)) + ' ' + hex_encode(crypto::view(anchor_->chain)) + '\n';
  }
  for (const auto& [scope, number] : crls_) text += std::string(kCrl) + ' ' + scope.text() + ' ' + number.text() + '\n';
  return text;
}

void HighestSeen::write() {
  std::string content;
  {
    const std::lock_guard lock(mutex_);
    if (!moved_ || file_.empty()) return;
    moved_ = false;
    content = text();
  }
  const auto written = write_file(file_, content, FileMode::private_, Overwrite::yes);
  if (written || said_) return;
  said_ = true;
  log::warning("how far the log was seen is not kept: a log that loses its end is not noticed after a restart",
               {{"file", file_.string()}, {"detail", written.error().detail}});
}

}  // namespace quicklime::installation
