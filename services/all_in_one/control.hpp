#pragma once
// Routes for whoever holds the data directory: the log as it stands, its verification, the state of the views. Served on the
// control socket only, and to a command that opened the directory itself; no part of the public API.

#include <string>
#include <string_view>
#include <vector>

#include "all_in_one/embedded.hpp"
#include "http/router.hpp"

namespace quicklime::all_in_one {

// GET /control/log?from=N&limit=M   events by offset; without `from` the last M
// POST, GET /control/log/verification   begin it; how far it is
// GET /control/views                where each view stands
// GET /control/routes               what each role serves, and who may ask: held against docs/openapi.yaml by a test
std::vector<http::Route> control_routes(Embedded& embedded);

// ---- bodies, in control_json.cpp

struct LogEvent {
  std::uint64_t offset;
  std::string bytes;                         // of the event, as stored
  std::string time, schema, subject, actor;  // of it
};
struct LogPage {
  std::vector<LogEvent> events;
  std::uint64_t end = 0;
};
std::string encode_log_page(const std::vector<eventlog::Entry>& records, Position end);
Result<LogPage> decode_log_page(const std::string& body);

std::string encode_routes(const std::vector<std::unique_ptr<runtime::Site>>& sites);

std::string encode(const LogVerification::Status& status);
Result<LogVerification::Status> decode_verification(const std::string& body);

struct ViewStatus {
  std::string view;
  std::string position;      // empty: nothing applied yet
  std::uint64_t behind = 0;  // events
  std::string stopped;
};
std::string encode(const std::vector<ViewStatus>& views);
Result<std::vector<ViewStatus>> decode_views(const std::string& body);

}  // namespace quicklime::all_in_one
