#include "ca/expiry.hpp"

#include <algorithm>
#include <charconv>

namespace quicklime::ca {
namespace {

// "<authority>"               -> the first day that may still have some, counted from 1970
// "<authority>/<day>"         -> how many end on this day
// "<authority>/<day>/<chunk>" -> their serials, each behind its length; every chunk but the last is full
constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kChunk = 128;
constexpr std::size_t kMostAtOnce = 16'384;
constexpr int kMostDaysAtOnce = 3'660;

std::int64_t day_of(Instant time) { return time.seconds() / kSecondsPerDay; }
std::string day_key(const AuthorityId& authority, std::int64_t day) { return authority.text() + '/' + std::to_string(day); }
std::string chunk_key(const std::string& day, std::int64_t chunk) { return day + '/' + std::to_string(chunk); }

std::optional<std::int64_t> stored_number(views::Fold& fold, const std::string& key) {
  const auto text = fold.get(kExpirySpace, key);
  if (!text) return std::nullopt;
  std::int64_t value = 0;
  std::from_chars(text->data(), text->data() + text->size(), value);
  return value;
}

void store_number(views::Fold& fold, const std::string& key, std::int64_t value) { fold.put(kExpirySpace, key, std::to_string(value)); }

void append_serials(std::vector<SerialNumber>& to, std::string_view chunk) {
  while (!chunk.empty()) {
    const auto size = static_cast<unsigned char>(chunk.front());
    if (const auto serial = SerialNumber::from_octets(chunk.substr(1, size))) to.push_back(*serial);
    chunk.remove_prefix(std::min<std::size_t>(chunk.size(), 1U + size));
  }
}

}  // namespace

views::Space expiry_space() { return {kExpirySpace, views::SpaceKind::points}; }

std::vector<views::PointKey> expiry_reads(const AuthorityId& authority, Instant not_after) {
  return {{kExpirySpace, authority.text()}, {kExpirySpace, day_key(authority, day_of(not_after))}};
}

void note_expiry(const AuthorityId& authority, const SerialNumber& serial, Instant not_after, views::Fold& fold) {
  const std::int64_t day = day_of(not_after);
  const auto first = stored_number(fold, authority.text());
  if (!first || day < *first) store_number(fold, authority.text(), day);
  const std::string list = day_key(authority, day);
  const std::int64_t count = stored_number(fold, list).value_or(0);
  const std::string chunk = chunk_key(list, count / kChunk);
  std::string serials = count % kChunk == 0 ? std::string() : fold.get(kExpirySpace, chunk).value_or("");
  serials += static_cast<char>(serial.octets().size());
  serials += serial.octets();
  fold.put(kExpirySpace, chunk, std::move(serials));
  store_number(fold, list, count + 1);
}

std::vector<SerialNumber> take_expired(const AuthorityId& authority, Instant before, views::Fold& fold) {
  std::vector<SerialNumber> taken;
  const auto first = stored_number(fold, authority.text());
  if (!first) return taken;
  const std::int64_t end = std::min(day_of(before) - 1, *first + kMostDaysAtOnce);  // the day before is not whole yet
  std::int64_t day = *first;
  for (; day < end; ++day) {
    const std::string list = day_key(authority, day);
    const auto listed = stored_number(fold, list);
    if (!listed) continue;
    std::int64_t left = *listed;
    while (left > 0 && taken.size() < kMostAtOnce) {
      const std::int64_t last = (left - 1) / kChunk;
      append_serials(taken, fold.get(kExpirySpace, chunk_key(list, last)).value_or(""));
      fold.erase(kExpirySpace, chunk_key(list, last));
      left = last * kChunk;
    }
    if (left > 0) {
      store_number(fold, list, left);
      break;
    }
    fold.erase(kExpirySpace, list);
  }
  if (day != *first) store_number(fold, authority.text(), day);
  return taken;
}

}  // namespace quicklime::ca
