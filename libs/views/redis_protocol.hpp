#pragma once
// What is said to Redis and what it answers, as bytes (RESP2). hiredis is the codec. Of this library only.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace quicklime::views {

struct Reply {
  enum class Kind : std::uint8_t { text, integer, nothing, list, error } kind = Kind::nothing;
  std::string text{};  // of text and error
  std::int64_t integer = 0;
  std::vector<Reply> list{};

  bool is(Kind other) const { return kind == other; }
};

// Commands to be sent in one write; each has one reply.
class Commands {
 public:
  void add(const std::vector<std::string_view>& words);
  std::string& bytes() { return bytes_; }
  std::size_t count() const { return count_; }

 private:
  std::string bytes_;
  std::size_t count_ = 0;
};

// Replies as their bytes come in.
class ReplyReader {
 public:
  ReplyReader();
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  // Those that are whole by now are appended. "redis-refused" when the other side does not speak Redis.
  Result<void> feed(std::string_view bytes, std::vector<Reply>& replies);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

// `unavailable`, with the server's words: nothing was done.
Failure redis_refused(std::string_view words);

}  // namespace quicklime::views
