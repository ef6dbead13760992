#include "http/route_template.hpp"

#include <algorithm>
#include <stdexcept>

namespace quicklime::http {

RouteTemplate::Segment RouteTemplate::parse_segment(std::string_view text) {
  const std::size_t open = text.find('{');
  if (open == std::string_view::npos) return {Segment::Kind::fixed, std::string(text), "", ""};
  const std::size_t close = text.find('}', open);
  if (close == std::string_view::npos || text.find('{', close) != std::string_view::npos) {
    throw std::invalid_argument("a segment of a route has at most one parameter: " + std::string(text));
  }
  std::string_view name = text.substr(open + 1, close - open - 1);
  const bool rest = name.ends_with("...");
  if (rest) name.remove_suffix(3);
  if (name.empty() || (rest && close + 1 != text.size())) throw std::invalid_argument("not a parameter of a route: " + std::string(text));
  return {rest ? Segment::Kind::rest : Segment::Kind::parameter, std::string(text.substr(0, open)), std::string(name),
          std::string(text.substr(close + 1))};
}

RouteTemplate::RouteTemplate(std::string_view text) : text_(text), fixed_beginning_(text.substr(0, text.find('{'))) {
  if (!text.starts_with('/')) throw std::invalid_argument("a route begins with a slash: " + text_);
  for (std::size_t at = 1; at <= text.size();) {
    const std::size_t slash = std::min(text.find('/', at), text.size());
    segments_.push_back(parse_segment(text.substr(at, slash - at)));
    if (segments_.back().kind == Segment::Kind::rest && slash != text.size())
      throw std::invalid_argument("a rest ends its route: " + text_);
    at = slash + 1;
  }
}

std::optional<RouteTemplate::Parameters> RouteTemplate::match(std::string_view path) const {
  if (!path.starts_with(fixed_beginning_)) return std::nullopt;
  Parameters parameters;
  std::size_t at = 1;
  for (const Segment& segment : segments_) {
    if (at > path.size()) return std::nullopt;
    const std::size_t end = segment.kind == Segment::Kind::rest ? path.size() : std::min(path.find('/', at), path.size());
    std::string_view part = path.substr(at, end - at);
    if (segment.kind == Segment::Kind::fixed) {
      if (part != segment.prefix) return std::nullopt;
    } else {
      const std::size_t fixed = segment.prefix.size() + segment.suffix.size();
      const bool fits = part.size() >= fixed && part.starts_with(segment.prefix) && part.ends_with(segment.suffix);
      if (!fits || (segment.kind == Segment::Kind::parameter && part.size() == fixed)) return std::nullopt;
      parameters.emplace_back(segment.name, part.substr(segment.prefix.size(), part.size() - fixed));
    }
    at = end + 1;
  }
  if (at <= path.size()) return std::nullopt;
  return parameters;
}

int RouteTemplate::compare(const Segment& one, const Segment& other) {
  if (one.kind != other.kind) return one.kind < other.kind ? -1 : 1;
  const std::size_t length = one.prefix.size() + one.suffix.size();
  const std::size_t other_length = other.prefix.size() + other.suffix.size();
  if (one.kind != Segment::Kind::fixed && length != other_length) return length > other_length ? -1 : 1;
  return 0;
}

bool RouteTemplate::before(const RouteTemplate& other) const {
  for (std::size_t i = 0; i < std::min(segments_.size(), other.segments_.size()); ++i) {
    if (const int order = compare(segments_[i], other.segments_[i]); order != 0) return order < 0;
  }
  return segments_.size() > other.segments_.size();
}

bool RouteTemplate::same_paths(const RouteTemplate& other) const {
  return std::equal(segments_.begin(), segments_.end(), other.segments_.begin(), other.segments_.end(),
                    [](const Segment& a, const Segment& b) { return a.kind == b.kind && a.prefix == b.prefix && a.suffix == b.suffix; });
}

// Only the last segment can be one.
bool RouteTemplate::is_rest(std::string_view parameter) const {
  return segments_.back().kind == Segment::Kind::rest && segments_.back().name == parameter;
}

}  // namespace quicklime::http
