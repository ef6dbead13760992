#include "ca/expiry.hpp"

#include <algorithm>
#include <charconv>

namespace quicklime::ca {
namespace {

// "first"         -> the first day that may still have some, counted from 1970
// "<day>"         -> how many full chunks the day has, a blank, and its last chunk, which is not full
// "<day>/<chunk>" -> a full chunk
// A chunk is kChunk subjects, each behind its length as one octet.
constexpr const char* kFirst = "first";
constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::size_t kChunk = 32;
constexpr std::size_t kMostAtOnce = 16'384;
constexpr int kMostDaysAtOnce = 3'660;

std::int64_t day_of(Instant time) { return time.seconds() / kSecondsPerDay; }
std::string chunk_key(const std::string& day, std::size_t chunk) { return day + '/' + std::to_string(chunk); }

template <class Number>
std::optional<Number> parse(std::string_view text) {
  Number value{};
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> first_day(std::string_view space, views::Fold& fold) {
  const auto stored = fold.get(space, kFirst);
  return stored ? parse<std::int64_t>(*stored) : std::nullopt;
}
void store_first_day(std::string_view space, std::int64_t day, views::Fold& fold) { fold.put(space, kFirst, std::to_string(day)); }

struct Day {
  std::size_t full = 0;  // chunks
  std::string open{};    // the last one
};
std::optional<Day> load(std::string_view space, const std::string& key, views::Fold& fold) {
  const auto stored = fold.get(space, key);
  if (!stored) return std::nullopt;
  const auto blank = stored->find(' ');
  return Day{parse<std::size_t>(*stored).value_or(0), blank == std::string::npos ? std::string() : stored->substr(blank + 1)};
}
void store(std::string_view space, const std::string& key, const Day& day, views::Fold& fold) {
  fold.put(space, key, std::to_string(day.full) + ' ' + day.open);
}

std::vector<std::string> subjects_of(std::string_view chunk) {
  std::vector<std::string> subjects;
  while (!chunk.empty()) {
    const auto size = static_cast<unsigned char>(chunk.front());
    subjects.emplace_back(chunk.substr(1, size));
    chunk.remove_prefix(std::min<std::size_t>(chunk.size(), 1U + size));
  }
  return subjects;
}

void append(std::vector<std::string>& to, std::vector<std::string> from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

views::Space expiry_space() { return {kExpirySpace, views::SpaceKind::points}; }

std::vector<views::PointKey> expiry_reads(Instant not_after) {
  return {{kExpirySpace, kFirst}, {kExpirySpace, std::to_string(day_of(not_after))}};
}

void note_expiry(std::string_view subject, Instant not_after, views::Fold& fold, std::string_view space) {
  const std::int64_t number = day_of(not_after);
  const auto first = first_day(space, fold);
  if (!first || number < *first) store_first_day(space, number, fold);
  const std::string key = std::to_string(number);
  Day day = load(space, key, fold).value_or(Day{});
  day.open += static_cast<char>(subject.size());
  day.open += subject;
  if (subjects_of(day.open).size() == kChunk) fold.put(space, chunk_key(key, day.full++), std::exchange(day.open, {}));
  store(space, key, day, fold);
}

views::PointKey first_expiry() { return {kExpirySpace, kFirst}; }

bool has_expired(const std::optional<std::string>& first, Instant before) {
  const auto day = first ? parse<std::int64_t>(*first) : std::nullopt;
  return day && *day < day_of(before);
}

std::vector<std::string> take_expired(Instant before, views::Fold& fold, std::string_view space) {
  std::vector<std::string> taken;
  const auto first = first_day(space, fold);
  if (!first) return taken;
  const std::int64_t end = std::min(day_of(before), *first + kMostDaysAtOnce);
  std::int64_t number = *first;
  for (; number < end; ++number) {
    const std::string key = std::to_string(number);
    auto day = load(space, key, fold);
    if (!day) continue;
    append(taken, subjects_of(std::exchange(day->open, {})));
    while (day->full > 0 && taken.size() < kMostAtOnce) {
      const std::string chunk = chunk_key(key, --day->full);
      append(taken, subjects_of(fold.get(space, chunk).value_or("")));
      fold.erase(space, chunk);
    }
    if (day->full > 0) {
      store(space, key, *day, fold);
      break;
    }
    fold.erase(space, key);
    if (taken.size() >= kMostAtOnce) {
      ++number;
      break;
    }
  }
  if (number > *first) store_first_day(space, number, fold);
  return taken;
}

}  // namespace quicklime::ca
