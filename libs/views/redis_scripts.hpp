#pragma once
// The scripts: each is one atomic step, reads and checks everything before its first write, and so either happens
// whole or is refused whole (Redis refuses a script's first write, and no later one, when it is out of memory or read-only).
// Of this library only.

#include <string>
#include <string_view>
#include <vector>

#include "views/redis_protocol.hpp"

namespace quicklime::views {

struct Script {
  explicit Script(std::string_view source);
  std::string source;
  std::string sha1;  // hex, as EVALSHA takes it

  // command: EVALSHA, EVALSHA_RO by name, or EVAL, EVAL_RO by source, when the server does not know the name.
  enum class Call : std::uint8_t { by_name, by_source };
  void add_to(Commands& commands, std::string_view command, Call call, const std::vector<std::string>& keys,
              const std::vector<std::string>& words) const;
};

// KEYS: meta, then one per call. ARGV: generation, then per call: HGET, field; or another command, number of words, words.
// Read-only: a script and no MULTI, because a server that is out of memory refuses to queue.
// The meta of readers, the time, and if it is that generation the reply to each call.
const Script& read_script();

// KEYS: meta, then one per change. ARGV: expected position ("": an empty view), generation, number of words of meta,
// those words (field, value, ...), then per change: command, number of words, words.
// 1, or the generation and position that were found.
const Script& apply_script();

// KEYS: meta. ARGV: generation, position, noted time. 1: said; 0: the view is elsewhere.
const Script& caught_up_script();

// KEYS: building, meta, old. ARGV: generation, position, noted time, when the old one goes. The same, and what was built
// becomes what is read; never from before what was read.
const Script& switch_script();

// KEYS: the meta to go, old. ARGV: when its data goes. 1, or 0 when there is none.
const Script& retire_script();

}  // namespace quicklime::views
