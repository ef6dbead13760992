#pragma once
// Time has one type: UTC, milliseconds since 1970, no default value.

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace quicklime {

using Milliseconds = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;

class Instant {
 public:
  static constexpr Instant from_milliseconds(std::int64_t since_1970) { return Instant(since_1970); }
  static constexpr Instant from_seconds(std::int64_t since_1970) { return Instant(since_1970 * 1000); }
  // "2026-11-21T01:02:03Z", with or without a fraction (digits past milliseconds are dropped)
  static Result<Instant> parse(std::string_view rfc3339);

  constexpr std::int64_t milliseconds() const { return milliseconds_; }
  constexpr std::int64_t seconds() const {  // rounded towards the past
    return milliseconds_ >= 0 ? milliseconds_ / 1000 : (milliseconds_ - 999) / 1000;
  }
  std::string rfc3339() const;          // 2026-11-21T01:02:03.456Z, as events have it
  std::string rfc3339_seconds() const;  // 2026-11-21T01:02:03Z, as certificates have it
  constexpr Instant whole_seconds() const { return from_seconds(seconds()); }

  constexpr Instant operator+(Milliseconds d) const { return Instant(milliseconds_ + d.count()); }
  constexpr Instant operator-(Milliseconds d) const { return Instant(milliseconds_ - d.count()); }
  constexpr Milliseconds operator-(Instant other) const { return Milliseconds(milliseconds_ - other.milliseconds_); }
  constexpr auto operator<=>(const Instant&) const = default;

 private:
  constexpr explicit Instant(std::int64_t since_1970) : milliseconds_(since_1970) {}
  std::int64_t milliseconds_;
};

// "90d", "12h", "30m", "10s", "250ms"; a bare number is refused: its unit would be a guess.
Result<Milliseconds> parse_duration(std::string_view text);
std::string duration_text(Milliseconds duration);  // the largest unit that divides it

// A clock is an argument, so that a test can be in any year.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;  // any thread
};

class SystemClock final : public Clock {
 public:
  Instant now() const override;
};

}  // namespace quicklime
