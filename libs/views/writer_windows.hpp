#pragma once
// Which events of each writer were seen: drops what a producer wrote twice, counts what never came.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "events/event.hpp"

namespace quicklime::views {

// As an anti-replay window (RFC 4303 section 3.4.3): per incarnation the highest sequence, and which of the
// 256 below it have not come. Events of one writer reach the log in nearly their order, so what is older than
// the window is a repetition. A function of the log alone: an incarnation is forgotten after a day of log time.
class WriterWindows {
 public:
  static Result<WriterWindows> parse(std::string_view text);
  std::string text() const;

  bool repeated(const events::Writer& writer) const;      // sequence 0: unnumbered, never a repetition
  void note(const events::Writer& writer, Instant time);  // once it counts

  std::uint64_t lost() const { return lost_; }  // numbers that left a window without having come, since parse

 private:
  struct Window {
    std::uint64_t highest = 0;
    std::int64_t heard_at = 0;
    std::set<std::uint64_t> missing;
  };
  void forget_before(std::int64_t time);
  std::map<std::string, Window, std::less<>> windows_;
  std::uint64_t lost_ = 0;
};

}  // namespace quicklime::views
