#include "command_line/output.hpp"

#include <algorithm>
#include <ctime>

#include "base/printable.hpp"

namespace quicklime::command_line {
namespace {

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

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

std::string date_text(Instant instant) {
  const std::time_t seconds = instant.seconds();
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[64];
  std::strftime(text, sizeof text, "%e %B %Y %H:%M UTC", &parts);
  return text[0] == ' ' ? text + 1 : text;
}

runtime::ExitCode report(const Error& error) {
  const auto code = runtime::report(error);
  return error.reason == "usage" ? runtime::ExitCode::usage : code;
}

Failure wrong_use(std::string detail) { return fail(ErrorCode::invalid, "usage", std::move(detail)); }

bool as_json(const runtime::Arguments& arguments) { return arguments.text("--output") == "json"; }

}  // namespace quicklime::command_line
