#include "pki/der_time.hpp"

#include <array>
#include <chrono>

namespace quicklime::pki {
namespace {
constexpr auto kFirstUtcTime = Instant::from_seconds(-631'152'000);           // 1950-01-01
constexpr auto kFirstGeneralizedTime = Instant::from_seconds(2'524'608'000);  // 2050-01-01
constexpr auto kNoEnd = Instant::from_seconds(253'402'300'799);               // 9999-12-31T23:59:59Z
constexpr auto kYearZero = Instant::from_seconds(-62'167'219'200);

// YYYYMMDDHHMMSSZ
std::array<char, 15> digits_of(Instant instant) {
  if (instant > kNoEnd) instant = kNoEnd;
  if (instant < kYearZero) instant = kYearZero;
  const std::chrono::sys_seconds point{Seconds(instant.seconds())};
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(point - day);
  std::array<char, 15> text{};
  const auto put = [&text](std::size_t at, unsigned value) {
    text[at] = static_cast<char>('0' + value / 10);
    text[at + 1] = static_cast<char>('0' + value % 10);
  };
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  put(0, year / 100);
  put(2, year % 100);
  put(4, static_cast<unsigned>(date.month()));
  put(6, static_cast<unsigned>(date.day()));
  put(8, static_cast<unsigned>(time.hours().count()));
  put(10, static_cast<unsigned>(time.minutes().count()));
  put(12, static_cast<unsigned>(time.seconds().count()));
  text[14] = 'Z';
  return text;
}

std::optional<Instant> instant_of(std::string_view digits, unsigned century_digits) {
  if (digits.size() != century_digits + 13 || digits.back() != 'Z') return std::nullopt;
  digits.remove_suffix(1);
  if (digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  const auto two = [&digits](std::size_t at) { return static_cast<unsigned>((digits[at] - '0') * 10 + (digits[at + 1] - '0')); };
  unsigned year = two(century_digits);
  year += century_digits == 2 ? two(0) * 100 : year >= 50 ? 1900 : 2000;
  const std::size_t month = century_digits + 2;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(year)), std::chrono::month(two(month)),
                                         std::chrono::day(two(month + 2)));
  const unsigned hour = two(month + 4), minute = two(month + 6), second = two(month + 8);
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return Instant::from_seconds(days * 86'400 + hour * 3600 + minute * 60 + second);
}
}  // namespace

void append_time(std::string& out, Instant instant) {
  if (instant < kFirstUtcTime || instant >= kFirstGeneralizedTime) return append_generalized_time(out, instant);
  const auto text = digits_of(instant);
  append_der(out, Tag::utc_time, {text.data() + 2, text.size() - 2});
}

void append_generalized_time(std::string& out, Instant instant) {
  const auto text = digits_of(instant);
  append_der(out, Tag::generalized_time, {text.data(), text.size()});
}

std::optional<Instant> read_time(DerReader& reader) {
  if (reader.next_is(Tag::generalized_time)) return read_generalized_time(reader);
  const auto digits = reader.value(Tag::utc_time);
  if (!digits) return std::nullopt;
  return instant_of(*digits, 0);
}

std::optional<Instant> read_generalized_time(DerReader& reader) {
  const auto digits = reader.value(Tag::generalized_time);
  if (!digits) return std::nullopt;
  return instant_of(*digits, 2);
}

}  // namespace quicklime::pki
