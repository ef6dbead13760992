#pragma once
// W3C Trace Context (level 1): which trace a request belongs to. Quicklime makes no spans: what came is stored with the events of the
// request, stands in its log lines, and is passed on as it is.

#include <string>
#include <string_view>

namespace quicklime::http {

// The value of the header `traceparent`, 00-<32 hex: trace>-<16 hex: parent>-<2 hex: flags>; "" when it is not well-formed, which is to be
// as if it were not there (section 3.2.2). Of a later version what level 1 knows of it, as version 00 (section 3.2.4).
std::string read_traceparent(std::string_view value);
std::string new_traceparent();  // of a trace that begins here, sampled

}  // namespace quicklime::http
