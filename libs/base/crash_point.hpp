#pragma once
// Named places at which a test can kill the process: before and after every durable step.
//
// The names stand in a section of the binary, so that a test reads them from what it tests
// (readelf -p quicklime_crash_points build/release/bin/quicklime) and cannot forget one.
// QUICKLIME_CRASH_AT=<name> kills the process at the first passage, QUICKLIME_CRASH_AT=<name>:3
// at the third. QUICKLIME_CRASH_AT=trace kills nothing and writes "crash point <name>" to
// descriptor -1 at each passage: strace shows it beside the system calls. Without the variable
// a passage costs one load and one branch.

namespace quicklime::crash_points {
extern bool enabled;            // set once, before main, from the environment
void passed(const char* name);  // does not return if this is the chosen one
}  // namespace quicklime::crash_points

#define QUICKLIME_CRASH_POINT(name)                                                                            \
  do {                                                                                                         \
    __attribute__((section("quicklime_crash_points"), used)) static const char quicklime_crash_point[] = name; \
    if (::quicklime::crash_points::enabled) ::quicklime::crash_points::passed(quicklime_crash_point);          \
  } while (false)

// Around a durable call: a crash before it, a crash after it.
#define QUICKLIME_DURABLE(name, call)      \
  [&] {                                    \
    QUICKLIME_CRASH_POINT(name ".before"); \
    auto quicklime_durable_result = call;  \
    QUICKLIME_CRASH_POINT(name ".after");  \
    return quicklime_durable_result;       \
  }()
