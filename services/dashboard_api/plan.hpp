#pragma once
// Which indexes answer a question: by how many certificates its filters have, which the view counts.

#include <optional>
#include <string>
#include <vector>

#include "dashboard_api/question.hpp"
#include "dashboard_api/walk.hpp"

namespace quicklime::dashboard_api {

enum class Order : std::uint8_t { issued, expiry, ended, due, name };

// A source that has no more keys than this may be read as a whole and then sorted.
inline constexpr std::size_t kWhole = 1'000;

struct Plan {
  Order order = Order::issued;
  views::Direction direction = views::Direction::descending;
  bool is_whole = false;          // sources has one, which is read as a whole: it has another order
  std::vector<Source> sources{};  // none: nothing matches
  Walk::Bounds bounds{};
  std::optional<Instant> forgotten_before{};
  views::Meta meta;
};
// Whoever sees his own alone is answered from indexes that have nothing of anybody else's.
async::Task<Result<Plan>> choose(views::View& view, const Question& question, Instant now);

// By what lists of this order are sorted, and what their cursors have.
std::string sort_key(const Certificate& certificate, const Question& question, Order order);
std::string serial_of_sort_key(const std::string& key);

}  // namespace quicklime::dashboard_api
