#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/strict_json.hpp"
#include "base/work.hpp"

namespace quicklime {
namespace {

// Reads without building anything but the names of the objects that are open.
class UniqueMembers : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return inside(); }
  bool boolean(bool) override { return inside(); }
  bool number_integer(std::int64_t) override { return inside(); }
  bool number_unsigned(std::uint64_t) override { return inside(); }
  bool number_float(double, const std::string&) override { return inside(); }
  bool binary(nlohmann::json::binary_t&) override { return false; }
  bool string(std::string&) override { return inside(); }
  bool start_object(std::size_t) override { return (open_.empty() || inside()) && open(); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return inside() && open(); }
  bool end_array() override { return close(); }
  bool key(std::string& name) override { return open_.back().insert(std::move(name)).second; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 private:
  static constexpr std::size_t kDeepest = 16;
  static constexpr std::size_t kMostValues = 2'000;

  bool inside() {
    work::count(work::Kind::json_value);
    return !open_.empty() && ++values_ <= kMostValues;
  }
  bool open() {
    open_.emplace_back();
    return open_.size() <= kDeepest;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> open_;  // an array has no names
  std::size_t values_ = 0;
};

}  // namespace

bool is_strict_json_object(std::string_view text) {
  UniqueMembers members;
  return nlohmann::json::sax_parse(text, &members);
}

}  // namespace quicklime
