#include "http/trace_context.hpp"

#include <gtest/gtest.h>

namespace quicklime::http {
namespace {

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736", kParent = "00f067aa0ba902b7";

TEST(TraceContext, WhatIsWellFormedIsTakenAsItCame) {
  for (const std::string& value :
       {"00-" + kTrace + "-" + kParent + "-00", "00-" + kTrace + "-" + kParent + "-01", "00-" + kTrace + "-" + kParent + "-ff"}) {
    EXPECT_EQ(read_traceparent(value), value);
  }
}

TEST(TraceContext, WhatIsNotIsAsIfItWereNotThere) {
  const std::string zero_trace(32, '0'), zero_parent(16, '0');
  for (const std::string& value :
       {std::string(), std::string("00"), kTrace, "00-" + kTrace + "-" + kParent, "00-" + kTrace + "-" + kParent + "-1",
        "00-" + kTrace + "-" + kParent + "-01-", "00-" + kTrace + "-" + kParent + "-01-more", "ff-" + kTrace + "-" + kParent + "-01",
        "00-" + zero_trace + "-" + kParent + "-01", "00-" + kTrace + "-" + zero_parent + "-01", "00_" + kTrace + "-" + kParent + "-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + kParent + "-01", "0g-" + kTrace + "-" + kParent + "-01",
        "00-" + kTrace + "-" + kParent + "-0G", "01-" + kTrace + "-" + kParent + "-01more"}) {
    EXPECT_EQ(read_traceparent(value), "") << value;
  }
}

TEST(TraceContext, OfALaterVersionWhatThisOneKnows) {
  const std::string known = "00-" + kTrace + "-" + kParent;
  EXPECT_EQ(read_traceparent("01-" + kTrace + "-" + kParent + "-03"), known + "-01");
  EXPECT_EQ(read_traceparent("cc-" + kTrace + "-" + kParent + "-02-what-comes"), known + "-00");
}

TEST(TraceContext, ANewOneIsWellFormedAndNobodyElses) {
  const std::string made = new_traceparent();
  EXPECT_EQ(read_traceparent(made), made);
  EXPECT_NE(new_traceparent(), made);
}

}  // namespace
}  // namespace quicklime::http
