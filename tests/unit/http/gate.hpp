#pragma once
// A handler that says that it is at work, and answers when the test lets it: no test has to guess how long that takes.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "async/completion.hpp"
#include "http/server.hpp"

namespace quicklime::http {

inline const std::string kGetGate = "GET /gate HTTP/1.1\r\nHost: h\r\n\r\n";

// Outlives the server whose handler it is.
class Gate {
 public:
  async::Task<Result<Response>> handle() {
    ++at_work_;
    co_await open_.wait();
    co_return Response::of(200, "text/plain", "done");
  }
  void add_to(Router& router) {
    router.add({Method::get, "/gate", [this](const Request&) { return handle(); }});
  }
  void until_at_work(int requests) const {
    for (int i = 0; i < 20'000 && at_work_ < requests; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_EQ(at_work_, requests);
  }
  void open() const { open_.complete(true); }

 private:
  std::atomic<int> at_work_{0};
  const async::Completion<bool> open_{};
};

}  // namespace quicklime::http
