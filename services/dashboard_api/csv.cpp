#include "dashboard_api/csv.hpp"

namespace quicklime::dashboard_api {
namespace {

std::string field_text(const std::string& value) {
  constexpr std::string_view begins_a_formula = "=+-@\t\r";
  std::string text = !value.empty() && begins_a_formula.find(value.front()) != std::string_view::npos ? "'" + value : value;
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

std::string csv_record(const std::vector<std::string>& fields) {
  std::string record;
  for (std::size_t i = 0; i < fields.size(); ++i) record += (i == 0 ? "" : ",") + field_text(fields[i]);
  return record + "\r\n";
}

}  // namespace quicklime::dashboard_api
