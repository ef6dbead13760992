#pragma once
// What the view counts, as it is answered.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "async/task.hpp"
#include "dashboard_api/statistics.hpp"
#include "views/view.hpp"

namespace quicklime::dashboard_api {

void add(Ending& to, const Ending& more);

// What ends at this full hour or later, by authority.
async::Task<Result<std::vector<Ending>>> live_of(views::View& view, const std::vector<AuthorityId>& authorities, Instant hour);

struct Counts {
  Field by;
  std::vector<std::pair<std::string, std::uint64_t>> values{};  // most frequent first
  std::uint64_t total = 0;
  std::optional<std::string> next{};
  std::optional<Instant> counted_at{};
  views::Meta meta;
};

// ---- bodies, in counts_json.cpp
std::string counts_json(const Counts& counts);
std::string expiry_json(Unit unit, std::int64_t first, const std::vector<Ending>& bins, const views::Meta& meta);
std::string issuance_json(Unit unit, std::int64_t first, const std::vector<Issuing>& bins, const views::Meta& meta);

}  // namespace quicklime::dashboard_api
