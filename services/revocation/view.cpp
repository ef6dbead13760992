#include "revocation/view.hpp"

#include <algorithm>
#include <charconv>

namespace quicklime::revocation {
namespace {
constexpr const char* kSpace = "certificate";

// All of a number and nothing else.
template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}
}  // namespace

// Seven lines: authority, key, notAfter in milliseconds, offset, predecessor, successors, status.
std::string encode(const Record& record) {
  std::string successors;
  for (const auto& serial : record.successors) successors += (successors.empty() ? "" : " ") + serial;
  return record.authority.text() + "\n" + record.key_sha256 + "\n" + std::to_string(record.not_after.milliseconds()) + "\n" +
         std::to_string(record.offset) + "\n" + record.replaces + "\n" + successors + "\n" + ca::encode(record.status);
}

Result<Record> decode_record(std::string_view text) {
  const auto malformed = [] {
    return fail(ErrorCode::internal, "record-undecodable", "a record in the view revocation is not one of ours");
  };
  std::string_view lines[6];
  for (auto& line : lines) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return malformed();
    line = text.substr(0, end);
    text.remove_prefix(end + 1);
  }
  std::int64_t not_after = 0;
  std::uint64_t offset = 0;
  if (!read_number(lines[2], not_after) || !read_number(lines[3], offset)) return malformed();
  auto status = ca::decode_status(text);
  if (!status) return forward(status);
  Record record{AuthorityId(std::string(lines[0])),
                std::string(lines[1]),
                Instant::from_milliseconds(not_after),
                *status,
                offset,
                std::string(lines[4])};
  for (std::string_view rest = lines[5]; !rest.empty();) {
    const std::string_view serial = rest.substr(0, rest.find(' '));
    record.successors.emplace_back(serial);
    rest.remove_prefix(std::min(rest.size(), serial.size() + 1));
  }
  return record;
}

views::Space certificate_space() { return {kSpace, views::SpaceKind::points}; }
views::PointKey certificate_key(const SerialNumber& serial) { return {kSpace, serial.hex()}; }

views::Space key_space() { return {"key", views::SpaceKind::index}; }
views::Scan with_key(std::string_view key_sha256) { return {.space = key_space().name, .prefix = std::string(key_sha256) + "/"}; }

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
