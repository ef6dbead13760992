#pragma once
// How many answers of a role may be streams at a time (http::BodyStream), and for whom they go on: an answer that lasts for days holds a
// connection and goes on only while whoever asked for it might still ask.

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "access/identity.hpp"
#include "base/metrics.hpp"
#include "http/message.hpp"

namespace quicklime::api {

// One per site. Any thread; in memory for kInAll streams at most.
class StreamLimit {
 public:
  static constexpr std::size_t kPerAddress = 32;  // of one address, an IPv6 network of 64 bits being one; none for the control socket
  static constexpr std::size_t kInAll = 1'024;
  static constexpr std::chrono::seconds kAskAgain{15};

  // ask_again: how often it is looked up again who asks; zero for tests: before each piece.
  StreamLimit(const std::string& role, metrics::Registry& metrics, std::chrono::milliseconds ask_again = kAskAgain);

  // Who asked: his stream is cut off when he is known no more, or not in one of these roles any more. access: null where nobody was asked.
  struct Asker {
    const access::Access* access = nullptr;  // outlives the stream
    access::Credentials credentials{};
    std::vector<access::Role> roles{};
  };
  // The stream, counted until it is destroyed. "streams-limited" (429): the address has its share; "streams-full" (503): all are taken.
  Result<std::shared_ptr<http::BodyStream>> admit(std::string_view address, Asker asker, std::shared_ptr<http::BodyStream> stream);

  struct State;

 private:
  std::shared_ptr<State> state_;  // outlives this in the metrics, and in the streams
};

}  // namespace quicklime::api
