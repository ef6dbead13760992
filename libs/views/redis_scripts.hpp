#pragma once
// The scripts: each is one atomic step, reads and checks everything before its first write, and so either happens
// whole or is refused whole (Redis refuses a script's first write, and no later one, when it is out of memory or read-only).
// Of this library only.

#include <string>
#include <string_view>

namespace quicklime::views {

struct Script {
  explicit Script(std::string_view source);
  std::string source;
  std::string sha1;  // hex, as EVALSHA takes it
};

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
