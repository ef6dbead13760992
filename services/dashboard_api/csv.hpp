#pragma once
// Comma-separated values (RFC 4180) for spreadsheets.

#include <string>
#include <string_view>
#include <vector>

namespace quicklime::dashboard_api {

// One record with its CRLF. A field that a spreadsheet would take for a formula (it begins with = + - @, a tab or a carriage return) gets
// an apostrophe before it: names and labels come from whoever asked for a certificate.
std::string csv_record(const std::vector<std::string>& fields);

}  // namespace quicklime::dashboard_api
