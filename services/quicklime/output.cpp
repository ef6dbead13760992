#include "quicklime/output.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "base/printable.hpp"

namespace quicklime::app {
namespace {

constexpr std::int64_t kShowAfterMilliseconds = 300;
constexpr std::uint64_t kBarWidth = 40;

std::int64_t steady_milliseconds() {
  return std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Characters, not bytes: continuation octets of UTF-8 take no column.
std::size_t columns(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

std::string table(std::vector<std::vector<std::string>> rows) {
  for (auto& row : rows) {
    for (auto& cell : row) cell = printable(cell);
  }
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text.append(widths[i] - columns(row[i]) + 2, ' ');
    }
    text += '\n';
  }
  return text;
}

std::string joined(const std::vector<std::string>& texts, const std::string& separator) {
  std::string all;
  for (const auto& text : texts) all += (all.empty() ? "" : separator) + text;
  return all;
}

std::string date_text(Instant instant) {
  const std::time_t seconds = instant.seconds();
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[64];
  std::strftime(text, sizeof text, "%e %B %Y %H:%M UTC", &parts);
  return text[0] == ' ' ? text + 1 : text;
}

std::string data_option(const installation::DataDirectory& directory) {
  if (installation::find_data_directory("").root == directory.root) return "";
  return " --data " + directory.root.string();
}

runtime::ExitCode report(const Error& error) {
  const auto code = runtime::report(error);
  return error.reason == "usage" ? runtime::ExitCode::usage : code;
}

Failure wrong_use(std::string detail) { return fail(ErrorCode::invalid, "usage", std::move(detail)); }

Progress::Progress(std::string what) : what_(std::move(what)), terminal_(::isatty(STDERR_FILENO) == 1), begun_(steady_milliseconds()) {}

void Progress::show(std::uint64_t done, std::uint64_t all) {
  if (!terminal_ || all == 0 || steady_milliseconds() - begun_ < kShowAfterMilliseconds) return;
  shown_ = true;
  const std::uint64_t filled = std::min(kBarWidth, done * kBarWidth / all);
  std::fprintf(stderr, "\r%s [%s%s] %llu of %llu", what_.c_str(), std::string(filled, '#').c_str(),
               std::string(kBarWidth - filled, '.').c_str(), static_cast<unsigned long long>(done), static_cast<unsigned long long>(all));
  std::fflush(stderr);
}

void Progress::end() {
  if (shown_) std::fprintf(stderr, "\r\033[K");
  shown_ = false;
}

}  // namespace quicklime::app
