#include "dashboard_api/plan.hpp"

#include <algorithm>

#include "dashboard_api/statistics.hpp"

namespace quicklime::dashboard_api {
namespace {

using Status = Question::Status;
constexpr std::size_t kNumber = 16;        // digits of number_text
constexpr std::uint64_t kFew = 200;        // so few are looked at by themselves
constexpr std::int64_t kMostDays = 4'000;  // of issuing that are read for a window: ten years

bool has_name(const Question& question) { return !question.name.empty() || !question.prefix.empty(); }
bool is_range_of_names(const Question& question) { return !question.prefix.empty() || question.is_suffix; }

Order order_of(const Question& question) {
  if (question.expires_after || question.expires_before) return Order::expiry;
  if (question.overdue && !question.as_of) return Order::due;
  if (!question.whose && is_range_of_names(question)) return Order::name;
  return question.status == Status::expired ? Order::ended : Order::issued;
}

// Where the values of the question that are counted stand, newest first.
std::vector<Source> counted_sources(const Question& question) {
  std::vector<Source> sources;
  const auto add = [&sources](const std::string& group) { sources.push_back({kByValue, group_prefix(group), group_prefix(group)}); };
  if (question.whose) {
    add(value_group(Field::requester, *question.whose));
    return sources;
  }
  for (const auto& [field, value] : question.values) add(value_group(field, value));
  // What is good now was held then, perhaps.
  const bool stands_there = question.status == Status::revoked || question.status == Status::held;
  if (stands_there && !question.as_of) {
    add(value_group(Field::status, status_group(question.status == Status::held ? ca::Status::Kind::held : ca::Status::Kind::revoked)));
  }
  return sources;
}

std::string group_of_source(const Source& source) { return source.base.substr(0, source.base.size() - 1); }

Source source_of_names(const Question& question) {
  if (!question.prefix.empty()) return {kByText, "", question.prefix};
  if (question.is_suffix) return {kByName, "", question.name};
  return {kByName, group_prefix(question.name), group_prefix(question.name)};
}

std::string ordered_group(const Question& question) {
  return group_prefix(question.whose ? value_group(Field::requester, *question.whose) : kEverybody);
}

Source ordered_source(const Question& question, Order order) {
  const std::string group = ordered_group(question);
  switch (order) {
    case Order::expiry:
    case Order::ended: return {kByExpiry, group, group};
    case Order::due: return {kByDue, group, group};
    case Order::name: return source_of_names(question);
    case Order::issued: break;
  }
  return {kByValue, group, group};
}

// From a moment on in whole milliseconds.
std::string from(Instant moment) { return number_text(moment_number(moment)); }
std::string behind(Instant moment) { return number_text(moment_number(moment) + 1); }

Walk::Bounds bounds_of(const Question& question, Order order, Instant now, std::int64_t longest_life) {
  Walk::Bounds bounds;
  if (order == Order::expiry) {
    const bool unexpired = question.status == Status::good || question.status == Status::held || question.overdue;
    if (unexpired) bounds.lower = from(now);
    if (question.expires_after) bounds.lower = std::max(bounds.lower, from(*question.expires_after));
    if (question.expires_before) bounds.upper = from(*question.expires_before);
  } else if (order == Order::ended) {
    bounds.upper = from(now);
  } else if (order == Order::due) {
    // What became due earlier has ended.
    bounds.lower = from(Instant::from_milliseconds(now.milliseconds() - longest_life / 3 - 1'000));
    bounds.upper = behind(now);
  }
  return bounds;
}

struct Window {
  Walk::Bounds bounds{};    // of offsets
  std::uint64_t count = 0;  // issued in its days
};

// Between which offsets lies what was issued in the window: whatever the clocks of those who issued it said.
async::Task<Result<std::optional<Window>>> window_of(views::View& view, const Question& question, const std::optional<std::int64_t>& first,
                                                     const std::optional<std::int64_t>& last) {
  std::optional<Instant> until = question.issued_before;
  if (question.as_of && !question.as_of->position && (!until || question.as_of->time < *until)) until = question.as_of->time;
  if ((!question.issued_after && !until && !(question.as_of && question.as_of->position)) || !first || !last) co_return std::nullopt;
  Window window;
  if (question.as_of && question.as_of->position) window.bounds.upper = number_text(question.as_of->position->offset + 1);
  if (!question.issued_after && !until) co_return window;
  const std::int64_t begin = question.issued_after ? std::max(*first, bin_of(*question.issued_after, Unit::day)) : *first;
  const std::int64_t end = until ? std::min(*last, bin_of(*until, Unit::day)) : *last;
  if (end - begin > kMostDays) co_return std::nullopt;
  std::vector<views::PointKey> keys;
  for (std::int64_t day = begin; day <= end; ++day) keys.push_back(issuing_key(Unit::day, day));
  const auto days = co_await view.get(std::move(keys));
  if (!days) co_return forward(days);
  std::uint64_t lowest = UINT64_MAX, highest = 0;
  for (const auto& value : days->values) {
    const Issuing issuing = read_issuing(value);
    if (issuing.issued == 0) continue;
    window.count += issuing.issued;
    lowest = std::min(lowest, issuing.first);
    highest = std::max(highest, issuing.last);
  }
  if (window.count == 0) {
    window.bounds.upper = number_text(0);
    co_return window;
  }
  window.bounds.lower = number_text(lowest);
  const std::string upper = number_text(highest + 1);
  window.bounds.upper = window.bounds.upper.empty() ? upper : std::min(window.bounds.upper, upper);
  co_return window;
}

// How many keys, as far as kWhole.
async::Task<Result<std::uint64_t>> probe(views::View& view, const Source& source) {
  views::Scan scan{source.space, source.prefix, "", views::Direction::ascending, kWhole + 1};
  const auto keys = co_await view.scan(std::move(scan));
  if (!keys) co_return forward(keys);
  co_return keys->keys.size();
}

// Which of those that have the order of the list are read together: the smallest, and what makes it smaller.
std::vector<Source> together(std::vector<Source> sources, std::uint64_t all) {
  std::sort(sources.begin(), sources.end(), [](const Source& left, const Source& right) { return left.count < right.count; });
  if (sources.front().count <= kFew) return {sources.front()};
  std::vector<Source> chosen{sources.front()};
  for (std::size_t i = 1; i < sources.size(); ++i) {
    if (sources[i].count < all - all / 10) chosen.push_back(sources[i]);
  }
  return chosen;
}

}  // namespace

std::string sort_key(const Certificate& certificate, const Question& question, Order order) {
  const std::string serial = certificate.serial.hex();
  switch (order) {
    case Order::expiry:
    case Order::ended: return number_text(moment_number(certificate.not_after)) + serial;
    case Order::due: return number_text(moment_number(renewal_due(certificate))) + serial;
    case Order::name: return index_key(matching_name(certificate, question).value_or(""), certificate.issued.offset, serial);
    case Order::issued: break;
  }
  return number_text(certificate.issued.offset) + serial;
}

std::string serial_of_sort_key(const std::string& key) {
  const auto number = key.rfind('\0') == std::string::npos ? 0 : key.rfind('\0') + 1;
  return key.substr(std::min(key.size(), number + kNumber));
}

async::Task<Result<Plan>> choose(views::View& view, const Question& question, Instant now) {
  auto sources = counted_sources(question);
  std::vector<views::PointKey> keys{forgotten_key(), count_key(kEverybody), first_issuing_key(), last_issuing_key(), longest_life_key()};
  const std::size_t counts = keys.size();
  for (const auto& source : sources) keys.push_back(count_key(group_of_source(source)));
  const auto points = co_await view.get(std::move(keys));
  if (!points) co_return forward(points);
  Plan plan{.order = order_of(question), .forgotten_before = forgotten_before(points->values[0]), .meta = points->meta};
  if (plan.order == Order::expiry || plan.order == Order::name) plan.direction = views::Direction::ascending;
  const std::uint64_t all = read_count(points->values[1]);
  for (std::size_t i = 0; i < sources.size(); ++i) {
    sources[i].count = read_count(points->values[counts + i]);
    if (sources[i].count == 0) co_return plan;
  }
  plan.bounds = bounds_of(question, plan.order, now, read_bound(points->values[4]).value_or(0));
  const auto window = co_await window_of(view, question, read_bound(points->values[2]), read_bound(points->values[3]));
  if (!window) co_return forward(window);
  if (plan.order == Order::issued && *window) plan.bounds = (*window)->bounds;
  if (question.whose) {
    plan.sources.push_back(ordered_source(question, plan.order));
    co_return plan;
  }

  // What is left that has another order than the list, or is not counted.
  if (has_name(question) && plan.order != Order::name) {
    Source names = source_of_names(question);
    const auto count = co_await probe(view, names);
    if (!count) co_return forward(count);
    if (*count == 0) co_return plan;
    names.count = *count;
    // Several names of a certificate stand in a range: not in the order of the list.
    if (plan.order != Order::issued || !is_range_of_names(question)) sources.push_back(std::move(names));
  }
  if (plan.order == Order::issued) {
    plan.sources = sources.empty() ? std::vector{ordered_source(question, plan.order)} : together(std::move(sources), all);
    co_return plan;
  }
  const auto smallest =
      std::min_element(sources.begin(), sources.end(), [](const Source& left, const Source& right) { return left.count < right.count; });
  // A page of the order's own index is found among all / count times as many, about.
  plan.is_whole = smallest != sources.end() && smallest->count <= kWhole && smallest->count * smallest->count < question.limit * all;
  plan.sources.push_back(plan.is_whole ? *smallest : ordered_source(question, plan.order));
  co_return plan;
}

}  // namespace quicklime::dashboard_api
