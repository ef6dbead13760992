#pragma once
// JSON written straight into a string, where it is written often: a tree of values in between costs as much as half a
// signature, and every certificate is written twice, into its event and into its answer.

#include <string>
#include <string_view>
#include <vector>

namespace quicklime {

// One object at the end of `out`, its members in the order of the calls. Text that is not UTF-8 is shown with U+FFFD, never a
// failure.
class JsonObject {
 public:
  explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
  void end() { out_ += '}'; }

  // What is appended next to the string returned is the member's value: a number, or another object.
  std::string& name(std::string_view name);
  void string(std::string_view name, std::string_view value);
  void strings(std::string_view name, const std::vector<std::string>& values);

 private:
  std::string& out_;
};

}  // namespace quicklime
