#include "revocation/view.hpp"

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

// Six lines: authority, key, notAfter in milliseconds, offset, what it replaces or nothing, status.
std::string encode(const Record& record) {
  return record.authority.text() + "\n" + record.key_sha256 + "\n" + std::to_string(record.not_after.milliseconds()) + "\n" +
         std::to_string(record.offset) + "\n" + (record.replaces ? record.replaces->hex() : "") + "\n" + ca::encode(record.status);
}

Result<Record> decode_record(std::string_view text) {
  const auto malformed = [] {
    return fail(ErrorCode::internal, "record-undecodable", "a record in the view revocation is not one of ours");
  };
  std::string_view lines[5];
  for (auto& line : lines) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return malformed();
    line = text.substr(0, end);
    text.remove_prefix(end + 1);
  }
  std::int64_t not_after = 0;
  std::uint64_t offset = 0;
  if (!read_number(lines[2], not_after) || !read_number(lines[3], offset)) return malformed();
  std::optional<SerialNumber> replaces;
  if (!lines[4].empty()) {
    const auto serial = SerialNumber::from_hex(lines[4]);
    if (!serial) return malformed();
    replaces = *serial;
  }
  auto status = ca::decode_status(text);
  if (!status) return forward(status);
  return Record{
      AuthorityId(std::string(lines[0])), std::string(lines[1]), Instant::from_milliseconds(not_after), *status, offset, replaces};
}

views::Space certificate_space() { return {kSpace, views::SpaceKind::points}; }
views::PointKey certificate_key(const SerialNumber& serial) { return {kSpace, serial.hex()}; }

views::Space key_space() { return {"key", views::SpaceKind::index}; }
views::Space successor_space() { return {"successor", views::SpaceKind::index}; }
views::Scan with_key(std::string_view key_sha256) { return {.space = key_space().name, .prefix = std::string(key_sha256) + "/"}; }
views::Scan renewed_from(const SerialNumber& predecessor) { return {.space = successor_space().name, .prefix = predecessor.hex() + "/"}; }

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
