#include "views/absence.hpp"

namespace quicklime::views {
namespace {
constexpr Milliseconds kPoll{100};
}  // namespace

async::Task<Result<Points>> get_or_absent(View& view, PointKey key, Milliseconds within) {
  const auto asked = std::chrono::steady_clock::now();
  for (;;) {
    const auto waited = std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - asked);
    std::vector<PointKey> keys(1, key);
    auto points = co_await view.get(std::move(keys));
    if (!points || points->values.front()) co_return points;
    const auto caught_up_since = require_fresh(points->meta, waited);
    if (caught_up_since) co_return points;
    if (waited >= within) co_return forward(caught_up_since);
    co_await async::sleep_for(kPoll);
  }
}

}  // namespace quicklime::views
