#pragma once
// What is counted with every event, so that nothing is when somebody asks: certificates by value of a field, by when they end, and by
// when they were issued.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dashboard_api/view.hpp"
#include "views/projection.hpp"

namespace quicklime::dashboard_api {

// ---- spaces
inline constexpr const char* kCount = "count";       // everything, or a value group -> how many certificates stand there
inline constexpr const char* kByCount = "by_count";  // field, count, value
inline constexpr const char* kBin = "bin";           // of time -> how many
inline constexpr const char* kBound = "bound";       // the first or last of something -> a number
std::vector<views::Space> statistics_spaces();

views::PointKey count_key(std::string_view group);
std::uint64_t read_count(const std::optional<std::string>& value);  // 0 when absent

// Bins begin at full hours or days of UTC and are numbered from 1970.
enum class Unit : std::uint8_t { hour, day };
std::string_view name(Unit unit);
std::int64_t bin_of(Instant moment, Unit unit);
Instant begin_of(std::int64_t bin, Unit unit);

// By when they end and how they stand, of one authority.
struct Ending {
  std::uint64_t good = 0, held = 0, revoked = 0;
};
views::PointKey ending_key(const AuthorityId& authority, Unit unit, std::int64_t bin);
Ending read_ending(const std::optional<std::string>& value);
// The last day in which a certificate of the authority ends.
views::PointKey last_ending_key(const AuthorityId& authority);

// By the time of the event. first, last: the offsets between which those of the bin were issued.
struct Issuing {
  std::uint64_t issued = 0, renewed = 0, revoked = 0, first = 0, last = 0;
};
views::PointKey issuing_key(Unit unit, std::int64_t bin);
Issuing read_issuing(const std::optional<std::string>& value);
// The first and the last day in which something was issued.
views::PointKey first_issuing_key();
views::PointKey last_issuing_key();
// The longest life of a certificate, in milliseconds.
views::PointKey longest_life_key();

std::optional<std::int64_t> read_bound(const std::optional<std::string>& value);

// ---- folds
void count_issued(const Certificate& certificate, views::Fold& fold);
// Its status was another one before; time: of the event.
void count_status(const Certificate& certificate, ca::Status::Kind before, Instant time, views::Fold& fold);
void count_forgotten(const Certificate& certificate, views::Fold& fold);
// What these read, as far as the event tells.
std::vector<views::PointKey> statistics_reads(const events::Event& event);

}  // namespace quicklime::dashboard_api
