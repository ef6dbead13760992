#include "base/instant.hpp"

#include <array>
#include <charconv>
#include <cstdio>

namespace quicklime {
namespace {
using std::chrono::sys_days;

Failure malformed_time(std::string_view text) {
  return fail(ErrorCode::invalid, "time-malformed",
              "not a time of RFC 3339 in UTC: '" + std::string(text) + "'; write 2026-11-21T01:02:03Z");
}

bool digits(std::string_view text, std::size_t from, std::size_t count, unsigned& value) {
  if (text.size() < from + count) return false;
  const char* first = text.data() + from;
  auto parsed = std::from_chars(first, first + count, value);
  return parsed.ec == std::errc{} && parsed.ptr == first + count;
}

std::string text_of(std::int64_t seconds, const char* suffix) {
  const auto point = std::chrono::sys_seconds(Seconds(seconds));
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date(day);
  const auto time = (point - day).count();
  std::array<char, 64> buffer{};
  const int size = std::snprintf(buffer.data(), buffer.size(), "%04d-%02u-%02uT%02d:%02d:%02d%s", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(time / 3600),
                                 static_cast<int>(time / 60 % 60), static_cast<int>(time % 60), suffix);
  return {buffer.data(), static_cast<std::size_t>(size)};
}

struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};
constexpr std::array kUnits{Unit{"d", 86'400'000}, Unit{"h", 3'600'000}, Unit{"m", 60'000}, Unit{"s", 1000}, Unit{"ms", 1}};
}  // namespace

Result<Instant> Instant::parse(std::string_view text) {
  unsigned year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, fraction = 0;
  const bool shape = text.size() >= 20 && text[4] == '-' && text[7] == '-' && (text[10] == 'T' || text[10] == 't') && text[13] == ':' &&
                     text[16] == ':' && (text.back() == 'Z' || text.back() == 'z');
  if (!shape || !digits(text, 0, 4, year) || !digits(text, 5, 2, month) || !digits(text, 8, 2, day) || !digits(text, 11, 2, hour) ||
      !digits(text, 14, 2, minute) || !digits(text, 17, 2, second)) {
    return malformed_time(text);
  }
  if (text.size() > 20) {
    const std::string_view after = text.substr(19, text.size() - 20);
    if (after.size() < 2 || after.front() != '.') return malformed_time(text);
    std::string three(after.substr(1, 3));
    three.resize(3, '0');
    if (!digits(three, 0, 3, fraction) || after.find_first_not_of("0123456789", 1) != std::string_view::npos) return malformed_time(text);
  }
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(year)), std::chrono::month(month), std::chrono::day(day));
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return malformed_time(text);
  const std::int64_t days = sys_days(date).time_since_epoch().count();
  return from_milliseconds((days * 86'400 + hour * 3600 + minute * 60 + second) * 1000 + fraction);
}

std::string Instant::rfc3339() const {
  std::array<char, 8> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%03dZ", static_cast<int>(milliseconds_ - seconds() * 1000));
  return text_of(seconds(), fraction.data());
}

std::string Instant::rfc3339_seconds() const { return text_of(seconds(), "Z"); }

Result<Milliseconds> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const char* end = text.data() + text.size();
  auto parsed = std::from_chars(text.data(), end, count);
  if (parsed.ec == std::errc{} && count >= 0) {
    const std::string_view unit(parsed.ptr, static_cast<std::size_t>(end - parsed.ptr));
    for (const Unit& known : kUnits) {
      if (unit == known.name && count <= INT64_MAX / known.milliseconds) return Milliseconds(count * known.milliseconds);
    }
  }
  return fail(ErrorCode::invalid, "duration-malformed",
              "not a duration: '" + std::string(text) + "'; write a number and a unit: 90d, 12h, 30m, 10s, 250ms");
}

std::string duration_text(Milliseconds duration) {
  for (const Unit& unit : kUnits) {
    if (duration.count() >= unit.milliseconds && duration.count() % unit.milliseconds == 0) {
      return std::to_string(duration.count() / unit.milliseconds) + std::string(unit.name);
    }
  }
  return std::to_string(duration.count()) + "ms";
}

Instant SystemClock::now() const {
  return Instant::from_milliseconds(std::chrono::duration_cast<Milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count());
}

}  // namespace quicklime
