#include "revocation/view.hpp"

#include <charconv>

namespace quicklime::revocation {
namespace {
constexpr const char* kSpace = "certificate";
}

// Four lines: authority, key, notAfter in milliseconds, status.
std::string encode(const Record& record) {
  return record.authority.text() + "\n" + record.key_sha256 + "\n" + std::to_string(record.not_after.milliseconds()) + "\n" +
         ca::encode(record.status);
}

Result<Record> decode_record(std::string_view text) {
  const auto malformed = [] {
    return fail(ErrorCode::internal, "record-undecodable", "a record in the view revocation is not one of ours");
  };
  std::string_view lines[4];
  for (std::size_t line = 0; line < 3; ++line) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return malformed();
    lines[line] = text.substr(0, end);
    text.remove_prefix(end + 1);
  }
  lines[3] = text;
  std::int64_t not_after = 0;
  const auto [end, error] = std::from_chars(lines[2].data(), lines[2].data() + lines[2].size(), not_after);
  if (error != std::errc{} || end != lines[2].data() + lines[2].size()) return malformed();
  auto status = ca::decode_status(lines[3]);
  if (!status) return forward(status);
  return Record{AuthorityId(std::string(lines[0])), std::string(lines[1]), Instant::from_milliseconds(not_after), *status};
}

views::Space certificate_space() { return {kSpace, views::SpaceKind::points}; }
views::PointKey certificate_key(const SerialNumber& serial) { return {kSpace, serial.hex()}; }

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
