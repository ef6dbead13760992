#include "dashboard_api/statistics.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "ca/subject.hpp"

namespace quicklime::dashboard_api {
namespace {

using Kind = ca::Status::Kind;
constexpr Unit kUnits[] = {Unit::hour, Unit::day};

constexpr std::int64_t length(Unit unit) { return unit == Unit::hour ? 3'600'000 : 86'400'000; }

// Numbers with a blank between them.
template <std::size_t N>
std::array<std::uint64_t, N> numbers_of(const std::optional<std::string>& value) {
  std::array<std::uint64_t, N> numbers{};
  if (!value) return numbers;
  const char* at = value->data();
  const char* const end = at + value->size();
  for (auto& number : numbers) {
    at = std::from_chars(at, end, number).ptr;
    if (at != end) ++at;
  }
  return numbers;
}

template <class... Numbers>
std::string text_of(Numbers... numbers) {
  std::string text;
  ((text += (text.empty() ? "" : " ") + std::to_string(numbers)), ...);
  return text;
}

void change_count(const std::string& group, int by, views::Fold& fold) {
  const auto key = count_key(group);
  const std::uint64_t before = read_count(fold.get(key.space, key.key));
  const std::uint64_t after = by < 0 && before == 0 ? 0 : before + static_cast<std::uint64_t>(by);
  if (after == 0) {
    fold.erase(key.space, key.key);
  } else {
    fold.put(key.space, key.key, std::to_string(after));
  }
  const auto blank = group.find(' ');
  if (blank == std::string::npos) return;
  const std::string field = group.substr(0, blank), value = group.substr(blank + 1);
  if (before > 0) fold.remove(kByCount, index_key(field, before, value));
  if (after > 0) fold.insert(kByCount, index_key(field, after, value));
}

std::uint64_t& of(Ending& ending, Kind kind) {
  switch (kind) {
    case Kind::held: return ending.held;
    case Kind::revoked: return ending.revoked;
    case Kind::good: break;
  }
  return ending.good;
}

void change_endings(const Certificate& certificate, std::optional<Kind> before, std::optional<Kind> after, views::Fold& fold) {
  for (const Unit unit : kUnits) {
    const auto key = ending_key(certificate.authority, unit, bin_of(certificate.not_after, unit));
    Ending ending = read_ending(fold.get(key.space, key.key));
    if (before && of(ending, *before) > 0) --of(ending, *before);
    if (after) ++of(ending, *after);
    if (ending.good + ending.held + ending.revoked == 0) {
      fold.erase(key.space, key.key);
    } else {
      fold.put(key.space, key.key, text_of(ending.good, ending.held, ending.revoked));
    }
  }
}

void put_issuing(const views::PointKey& key, const Issuing& issuing, views::Fold& fold) {
  fold.put(key.space, key.key, text_of(issuing.issued, issuing.renewed, issuing.revoked, issuing.first, issuing.last));
}

enum class Keep : std::uint8_t { smallest, largest };
void widen(const views::PointKey& key, std::int64_t number, Keep keep, views::Fold& fold) {
  const auto before = read_bound(fold.get(key.space, key.key));
  if (before && (keep == Keep::smallest ? *before <= number : *before >= number)) return;
  fold.put(key.space, key.key, std::to_string(number));
}

}  // namespace

std::vector<views::Space> statistics_spaces() {
  using Kinds = views::SpaceKind;
  return {{kCount, Kinds::points}, {kByCount, Kinds::index}, {kBin, Kinds::points}, {kBound, Kinds::points}};
}

views::PointKey count_key(std::string_view group) { return {kCount, std::string(group)}; }
std::uint64_t read_count(const std::optional<std::string>& value) { return numbers_of<1>(value)[0]; }

std::string_view name(Unit unit) { return unit == Unit::hour ? "hour" : "day"; }

std::int64_t bin_of(Instant moment, Unit unit) {
  const std::int64_t milliseconds = moment.milliseconds();
  return milliseconds >= 0 ? milliseconds / length(unit) : -((-milliseconds + length(unit) - 1) / length(unit));
}

Instant begin_of(std::int64_t bin, Unit unit) { return Instant::from_milliseconds(bin * length(unit)); }

views::PointKey ending_key(const AuthorityId& authority, Unit unit, std::int64_t bin) {
  return {kBin, std::string("ends ").append(name(unit)).append(1, ' ').append(authority.text()).append(1, ' ') + std::to_string(bin)};
}

Ending read_ending(const std::optional<std::string>& value) {
  const auto [good, held, revoked] = numbers_of<3>(value);
  return {good, held, revoked};
}

views::PointKey last_ending_key(const AuthorityId& authority) { return {kBound, "ends " + authority.text()}; }

views::PointKey issuing_key(Unit unit, std::int64_t bin) {
  return {kBin, std::string("issued ").append(name(unit)).append(1, ' ') + std::to_string(bin)};
}

Issuing read_issuing(const std::optional<std::string>& value) {
  const auto [issued, renewed, revoked, first, last] = numbers_of<5>(value);
  return {issued, renewed, revoked, first, last};
}

views::PointKey first_issuing_key() { return {kBound, "first issued"}; }
views::PointKey last_issuing_key() { return {kBound, "last issued"}; }
views::PointKey longest_life_key() { return {kBound, "longest life"}; }

std::optional<std::int64_t> read_bound(const std::optional<std::string>& value) {
  std::int64_t number = 0;
  if (!value || std::from_chars(value->data(), value->data() + value->size(), number).ec != std::errc()) return std::nullopt;
  return number;
}

void count_issued(const Certificate& certificate, views::Fold& fold) {
  change_count(kEverybody, 1, fold);
  for (const Field field : kFields) {
    if (const auto value = value_of(certificate, field)) change_count(value_group(field, *value), 1, fold);
  }
  change_endings(certificate, std::nullopt, certificate.status.kind, fold);
  widen(last_ending_key(certificate.authority), bin_of(certificate.not_after, Unit::day), Keep::largest, fold);
  widen(longest_life_key(), certificate.not_after.milliseconds() - certificate.not_before.milliseconds(), Keep::largest, fold);

  const std::int64_t day = bin_of(certificate.issued_at, Unit::day);
  widen(first_issuing_key(), day, Keep::smallest, fold);
  widen(last_issuing_key(), day, Keep::largest, fold);
  const std::uint64_t offset = certificate.issued.offset;
  for (const Unit unit : kUnits) {
    const auto key = issuing_key(unit, bin_of(certificate.issued_at, unit));
    Issuing issuing = read_issuing(fold.get(key.space, key.key));
    if (issuing.issued == 0) issuing.first = offset;
    issuing.first = std::min(issuing.first, offset);
    issuing.last = std::max(issuing.last, offset);
    ++issuing.issued;
    if (certificate.replaces) ++issuing.renewed;
    put_issuing(key, issuing, fold);
  }
}

void count_status(const Certificate& certificate, Kind before, Instant time, views::Fold& fold) {
  const Kind after = certificate.status.kind;
  if (before == after) return;
  change_count(value_group(Field::status, status_group(before)), -1, fold);
  change_count(value_group(Field::status, status_group(after)), 1, fold);
  change_endings(certificate, before, after, fold);
  if (after != Kind::revoked) return;
  for (const Unit unit : kUnits) {
    const auto key = issuing_key(unit, bin_of(time, unit));
    Issuing issuing = read_issuing(fold.get(key.space, key.key));
    ++issuing.revoked;
    put_issuing(key, issuing, fold);
  }
}

void count_forgotten(const Certificate& certificate, views::Fold& fold) {
  change_count(kEverybody, -1, fold);
  for (const Field field : kFields) {
    if (const auto value = value_of(certificate, field)) change_count(value_group(field, *value), -1, fold);
  }
  change_endings(certificate, certificate.status.kind, std::nullopt, fold);
}

std::vector<views::PointKey> statistics_reads(const events::Event& event) {
  std::vector<views::PointKey> keys;
  const auto count = [&keys](Field field, std::string_view value) { keys.push_back(count_key(value_group(field, value))); };
  if (const auto* issued = std::get_if<events::CertificateIssued>(&event.data)) {
    keys = {count_key(kEverybody), last_ending_key(issued->authority), longest_life_key(), first_issuing_key(), last_issuing_key()};
    count(Field::status, status_group(Kind::good));
    count(Field::profile, issued->profile);
    count(Field::authority, issued->authority.text());
    if (issued->service) count(Field::service, *issued->service);
    if (issued->node) count(Field::node, *issued->node);
    if (!issued->replaces) count(Field::requester, ca::requester_text(event.actor));
    for (const Unit unit : kUnits) {
      keys.push_back(ending_key(issued->authority, unit, bin_of(issued->not_after, unit)));
      keys.push_back(issuing_key(unit, bin_of(event.time, unit)));
    }
  } else if (std::holds_alternative<events::CertificateRevoked>(event.data)) {
    for (const auto kind : {Kind::good, Kind::held, Kind::revoked}) count(Field::status, status_group(kind));
    for (const Unit unit : kUnits) keys.push_back(issuing_key(unit, bin_of(event.time, unit)));
  }
  return keys;
}

}  // namespace quicklime::dashboard_api
