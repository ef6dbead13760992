#include "toy/view.hpp"

#include <charconv>

namespace quicklime::toy {

views::Space count_space() { return {"count", views::SpaceKind::points}; }
views::PointKey count_key() { return {count_space().name, "played"}; }

Result<std::uint64_t> decode_count(const std::optional<std::string>& value) {
  std::uint64_t count = 0;
  if (!value) return count;
  const char* end = value->data() + value->size();
  const auto read = std::from_chars(value->data(), end, count);
  if (read.ec == std::errc() && read.ptr == end) return count;
  return fail(ErrorCode::verification_failed, "view-damaged", "the view toy holds no count");
}

}  // namespace quicklime::toy
