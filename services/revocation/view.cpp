#include "revocation/view.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace quicklime::revocation {
namespace {
constexpr const char* kSpace = "certificate";

// All of a number and nothing else.
template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}
std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    words.emplace_back(word);
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  return words;
}
}  // namespace

// Eight lines: authority, key, notAfter in milliseconds, offset, predecessor, successors, commands, status. The rest is the requester.
std::string encode(const Record& record) {
  return record.authority.text() + "\n" + record.key_sha256 + "\n" + std::to_string(record.not_after.milliseconds()) + "\n" +
         std::to_string(record.offset) + "\n" + record.replaces + "\n" + joined(record.successors) + "\n" + joined(record.commands) + "\n" +
         ca::encode(record.status) + "\n" + record.requester;
}

Result<Record> decode_record(std::string_view text) {
  const auto malformed = [] {
    return fail(ErrorCode::internal, "record-undecodable", "a record in the view revocation is not one of ours");
  };
  std::string_view lines[8];
  for (auto& line : lines) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return malformed();
    line = text.substr(0, end);
    text.remove_prefix(end + 1);
  }
  std::int64_t not_after = 0;
  std::uint64_t offset = 0;
  if (!read_number(lines[2], not_after) || !read_number(lines[3], offset)) return malformed();
  auto status = ca::decode_status(lines[7]);
  if (!status) return forward(status);
  Record record{AuthorityId(std::string(lines[0])),
                std::string(lines[1]),
                Instant::from_milliseconds(not_after),
                *status,
                offset,
                std::string(lines[4])};
  record.successors = words_of(lines[5]);
  record.commands = words_of(lines[6]);
  record.requester = std::string(text);
  return record;
}

views::Space certificate_space() { return {kSpace, views::SpaceKind::points}; }
views::PointKey certificate_key(const SerialNumber& serial) { return {kSpace, serial.hex()}; }

views::Space key_space() { return {"key", views::SpaceKind::index}; }
views::Scan with_key(std::string_view key_sha256) { return {.space = key_space().name, .prefix = std::string(key_sha256) + "/"}; }

views::Space command_space() { return {"command", views::SpaceKind::index}; }
std::string command_entry(std::string_view command, std::uint64_t offset, std::string_view serial) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(offset));
  return std::string(command) + "/" + digits + "/" + std::string(serial);
}
views::Scan of_command(std::string_view command) { return {.space = command_space().name, .prefix = std::string(command) + "/"}; }
std::string_view command_of(std::string_view once) { return once.substr(0, once.find('/')); }

async::Task<Result<Records>> find(views::View& view, const std::vector<SerialNumber>& serials) {
  std::vector<views::PointKey> keys;
  keys.reserve(serials.size());
  for (const auto& serial : serials) keys.push_back(certificate_key(serial));
  auto points = co_await view.get(std::move(keys));
  if (!points) co_return forward(points);
  Records found{points->meta, {}};
  for (const auto& value : points->values) {
    if (!value) {
      found.records.emplace_back();
      continue;
    }
    auto record = decode_record(*value);
    if (!record) co_return forward(record);
    found.records.emplace_back(*std::move(record));
  }
  co_return found;
}

}  // namespace quicklime::revocation
