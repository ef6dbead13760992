#pragma once
// Internal: the path templates of router.hpp, parsed and ordered.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quicklime::http {

class RouteTemplate {
 public:
  explicit RouteTemplate(std::string_view text);  // throws std::invalid_argument: a programming error

  using Parameters = std::vector<std::pair<std::string_view, std::string_view>>;  // name, still escaped value
  // The parameters when the path fits. Values are never empty, except that of a rest.
  std::optional<Parameters> match(std::string_view path) const;

  // Which of two templates that fit the same path is asked first: segment by segment, fixed text
  // before parameters, the longer fixed text around a parameter before the shorter, rests last.
  bool before(const RouteTemplate& other) const;
  // Fits the same paths, whatever its parameters are called.
  bool same_paths(const RouteTemplate& other) const;
  bool is_rest(std::string_view parameter) const;
  const std::string& text() const { return text_; }

 private:
  struct Segment {
    enum class Kind : unsigned char { fixed, parameter, rest } kind;
    std::string prefix;  // all of a fixed segment
    std::string name;
    std::string suffix;
  };
  static Segment parse_segment(std::string_view text);
  static int compare(const Segment& one, const Segment& other);

  std::string text_;
  std::string fixed_beginning_;  // up to the first parameter: turns most templates down with one comparison
  std::vector<Segment> segments_;
};

}  // namespace quicklime::http
