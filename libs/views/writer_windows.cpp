#include "views/writer_windows.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

namespace quicklime::views {
namespace {

constexpr std::uint64_t kWindow = 256;
constexpr std::int64_t kDay = 24LL * 3600 * 1000;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) break;
    text.remove_prefix(at + 1);
  }
  return parts;
}

template <class Number>
bool number(std::string_view text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

// One line an incarnation: "<incarnation> <highest> <milliseconds>[ <missing>...]".
Result<WriterWindows> WriterWindows::parse(std::string_view text) {
  WriterWindows windows;
  for (const std::string_view line : split(text, '\n')) {
    const auto words = split(line, ' ');
    Window window;
    bool whole = words.size() >= 3 && number(words[1], window.highest) && number(words[2], window.heard_at);
    for (std::size_t i = 3; whole && i < words.size(); ++i) {
      std::uint64_t missing = 0;
      whole = number(words[i], missing);
      window.missing.insert(missing);
    }
    if (!whole) return fail(ErrorCode::verification_failed, "view-damaged", "the view's list of writers cannot be read; rebuild the view");
    windows.windows_.emplace(words[0], std::move(window));
  }
  return windows;
}

std::string WriterWindows::text() const {
  std::string text;
  for (const auto& [incarnation, window] : windows_) {
    text += incarnation + ' ' + std::to_string(window.highest) + ' ' + std::to_string(window.heard_at);
    for (const std::uint64_t missing : window.missing) text += ' ' + std::to_string(missing);
    text += '\n';
  }
  return text;
}

void WriterWindows::forget_before(std::int64_t time) {
  std::erase_if(windows_, [&](const auto& entry) { return entry.second.heard_at < time; });
}

bool WriterWindows::repeated(const events::Writer& writer) const {
  const auto found = windows_.find(writer.incarnation);
  if (writer.sequence == 0 || found == windows_.end()) return false;
  return writer.sequence <= found->second.highest && !found->second.missing.contains(writer.sequence);
}

void WriterWindows::note(const events::Writer& writer, Instant time) {
  if (writer.sequence == 0) return;
  const std::uint64_t below = writer.sequence > kWindow ? writer.sequence - kWindow : 0;  // the window is (below, sequence]
  auto found = windows_.find(writer.incarnation);
  if (found == windows_.end()) {
    forget_before(time.milliseconds() - kDay);
    found = windows_.emplace(writer.incarnation, Window{}).first;
    found->second.highest = below;  // what came before the window is not known, and is not called lost
  }
  Window& window = found->second;
  window.heard_at = std::max(window.heard_at, time.milliseconds());
  if (writer.sequence <= window.highest) {
    window.missing.erase(writer.sequence);
    return;
  }
  if (below > window.highest) lost_ += below - window.highest;
  for (std::uint64_t skipped = std::max(window.highest, below) + 1; skipped < writer.sequence; ++skipped) window.missing.insert(skipped);
  const auto inside = window.missing.upper_bound(below);
  lost_ += static_cast<std::uint64_t>(std::distance(window.missing.begin(), inside));
  window.missing.erase(window.missing.begin(), inside);
  window.highest = writer.sequence;
}

}  // namespace quicklime::views
