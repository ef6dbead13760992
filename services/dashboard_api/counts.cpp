// How many certificates there are, and when they were issued or end: as the view counts them.
#include "dashboard_api/counts.hpp"

#include <charconv>

#include "api/request_input.hpp"
#include "api/requests.hpp"
#include "base/encoding.hpp"
#include "ca/authority.hpp"
#include "dashboard_api/question.hpp"
#include "dashboard_api/routes.hpp"

namespace quicklime::dashboard_api {
namespace {

constexpr std::uint64_t kMaximumBins = 400;
constexpr std::int64_t kMaximumDays = 11'000;  // of life that are summed up: thirty years
constexpr std::int64_t kHoursOfDay = 24;

const std::string* parameter_of(const http::Request& request, const char* name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? nullptr : &found->second;
}

Result<std::uint64_t> number_of(const http::Request& request, const char* name, std::uint64_t usual, std::uint64_t most) {
  const auto* text = parameter_of(request, name);
  if (text == nullptr) return usual;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{} || end != text->data() + text->size() || number < 1 || number > most) {
    return fail(ErrorCode::invalid, "limit-malformed", std::string(name) + " is a number from 1 to " + std::to_string(most), name);
  }
  return number;
}

struct Range {
  Unit unit;
  std::int64_t first;
  std::int64_t bins;
};

// The bin of now is the first, or with backwards the last, unless `from` says otherwise.
Result<Range> range_of(const http::Request& request, Instant now, std::uint64_t usual, bool backwards) {
  if (auto known = api::only_parameters(request, {"bin", "from", "bins"}); !known) return forward(known);
  const auto* bin = parameter_of(request, "bin");
  if (bin != nullptr && *bin != "hour" && *bin != "day") return fail(ErrorCode::invalid, "bin-unknown", "bin is hour or day", "bin");
  const Unit unit = bin != nullptr && *bin == "hour" ? Unit::hour : Unit::day;
  const auto bins = number_of(request, "bins", usual, kMaximumBins);
  if (!bins) return forward(bins);
  const auto count = static_cast<std::int64_t>(*bins);
  std::int64_t first = bin_of(now, unit) - (backwards ? count - 1 : 0);
  if (const auto* from = parameter_of(request, "from")) {
    auto instant = Instant::parse(*from);
    if (!instant) {
      instant.error().field = "from";
      return forward(instant);
    }
    first = bin_of(*instant, unit);
  }
  return Range{unit, first, count};
}

struct ListOfAuthorities {
  std::vector<AuthorityId> ids;
  views::Meta meta;
};

async::Task<Result<ListOfAuthorities>> authorities_of(views::View& view) {
  std::vector<views::PointKey> keys{ca::authorities_key()};
  const auto points = co_await view.get(std::move(keys));
  if (!points) co_return forward(points);
  const auto authorities = ca::decode_authorities(points->values.front());
  if (!authorities) co_return forward(authorities);
  ListOfAuthorities list{{}, points->meta};
  for (const auto& authority : *authorities) list.ids.push_back(authority.id);
  co_return list;
}

struct CountsQuestion {
  Field by;
  std::size_t limit;
  std::string after{};  // the last key that was shown
};

Result<CountsQuestion> read_counts_question(const http::Request& request) {
  if (auto known = api::only_parameters(request, {"by", "limit", "cursor"}); !known) return forward(known);
  const auto* by = parameter_of(request, "by");
  const auto field = by == nullptr ? std::nullopt : parse_field(*by);
  if (!field) {
    return fail(ErrorCode::invalid, "field-unknown", "by is one of status, profile, authority, service, node, requester, key", "by");
  }
  const auto limit = number_of(request, "limit", 100, kMaximumPage);
  if (!limit) return forward(limit);
  CountsQuestion question{*field, *limit};
  if (const auto* cursor = parameter_of(request, "cursor")) {
    const auto key = base64_decode(*cursor);
    if (!key || !key->starts_with(group_prefix(name(*field)))) {
      return fail(ErrorCode::invalid, "cursor-malformed",
                  "the cursor is not one of this list: pass on `next` as it came, with the same `by`", "cursor");
    }
    question.after = *key;
  }
  return question;
}

async::Task<Result<std::uint64_t>> total_of(views::View& view) {
  std::vector<views::PointKey> keys{count_key(kEverybody)};
  const auto points = co_await view.get(std::move(keys));
  if (!points) co_return forward(points);
  co_return read_count(points->values.front());
}

class Counting {
 public:
  explicit Counting(const api::ServiceContext& context) : view_(context.view), clock_(context.clock) {}

  async::Task<Answer> by_value(Call& call) {
    const auto question = read_counts_question(call.request);
    if (!question) co_return forward(question);
    if (question->by == Field::status) co_return co_await by_status();
    const std::string group = group_prefix(name(question->by));
    const std::size_t more = question->after.empty() ? 1 : 2;
    views::Scan scan{kByCount, group, question->after, views::Direction::descending, question->limit + more};
    auto keys = co_await view_.scan(std::move(scan));
    if (!keys) co_return forward(keys);
    const auto total = co_await total_of(view_);
    if (!total) co_return forward(total);
    if (!question->after.empty() && !keys->keys.empty() && keys->keys.front() == question->after) keys->keys.erase(keys->keys.begin());
    Counts counts{.by = question->by, .total = *total, .meta = keys->meta};
    if (keys->keys.size() > question->limit) {
      keys->keys.resize(question->limit);
      counts.next = base64url_encode(keys->keys.back());
    }
    for (const auto& key : keys->keys) counts.values.emplace_back(subject_of(key), number_of_key(key));
    co_return answer(counts_json(counts), counts.meta);
  }

  async::Task<Answer> expiry(Call& call) {
    const auto range = range_of(call.request, clock_.now(), 90, false);
    if (!range) co_return forward(range);
    const auto authorities = co_await authorities_of(view_);
    if (!authorities) co_return forward(authorities);
    std::vector<views::PointKey> keys;
    for (const auto& id : authorities->ids) {
      for (std::int64_t bin = 0; bin < range->bins; ++bin) keys.push_back(ending_key(id, range->unit, range->first + bin));
    }
    const auto points = co_await view_.get(std::move(keys));
    if (!points) co_return forward(points);
    std::vector<Ending> bins(static_cast<std::size_t>(range->bins));
    for (std::size_t i = 0; i < points->values.size(); ++i) add(bins[i % bins.size()], read_ending(points->values[i]));
    co_return answer(expiry_json(range->unit, range->first, bins, points->meta), points->meta);
  }

  async::Task<Answer> issuance(Call& call) {
    const auto range = range_of(call.request, clock_.now(), 30, true);
    if (!range) co_return forward(range);
    std::vector<views::PointKey> keys;
    for (std::int64_t bin = 0; bin < range->bins; ++bin) keys.push_back(issuing_key(range->unit, range->first + bin));
    const auto points = co_await view_.get(std::move(keys));
    if (!points) co_return forward(points);
    std::vector<Issuing> bins;
    for (const auto& value : points->values) bins.push_back(read_issuing(value));
    co_return answer(issuance_json(range->unit, range->first, bins, points->meta), points->meta);
  }

 private:
  static http::Response answer(std::string body, const views::Meta& meta) {
    auto response = http::Response::json(200, std::move(body));
    api::set_position(response, meta.anchor.position);
    return response;
  }

  static std::uint64_t number_of_key(const std::string& key) {
    std::uint64_t number = 0;
    const char* digits = key.data() + key.rfind('\0') + 1;
    std::from_chars(digits, digits + 16, number, 16);
    return number;
  }

  async::Task<Answer> by_status() {
    const auto authorities = co_await authorities_of(view_);
    if (!authorities) co_return forward(authorities);
    const Instant hour = begin_of(bin_of(clock_.now(), Unit::hour), Unit::hour);
    const auto live = co_await live_of(view_, authorities->ids, hour);
    if (!live) co_return forward(live);
    std::vector<views::PointKey> keys{count_key(kEverybody), count_key(value_group(Field::status, "revoked"))};
    const auto points = co_await view_.get(std::move(keys));
    if (!points) co_return forward(points);
    Ending all;
    for (const auto& ending : *live) add(all, ending);
    Counts counts{.by = Field::status, .total = read_count(points->values[0]), .counted_at = hour, .meta = points->meta};
    const std::uint64_t unexpired = all.good + all.held + all.revoked;
    counts.values = {{"good", all.good},
                     {"held", all.held},
                     {"revoked", read_count(points->values[1])},
                     {"expired", counts.total - std::min(counts.total, unexpired)}};
    co_return answer(counts_json(counts), counts.meta);
  }

  views::View& view_;
  const Clock& clock_;
};

}  // namespace

void add(Ending& to, const Ending& more) {
  to.good += more.good;
  to.held += more.held;
  to.revoked += more.revoked;
}

async::Task<Result<std::vector<Ending>>> live_of(views::View& view, const std::vector<AuthorityId>& authorities, Instant hour) {
  std::vector<views::PointKey> bounds;
  for (const auto& id : authorities) bounds.push_back(last_ending_key(id));
  const auto last = co_await view.get(std::move(bounds));
  if (!last) co_return forward(last);
  // The hours that are left of this day, and the days behind it.
  const std::int64_t today = bin_of(hour, Unit::day), first_hour = bin_of(hour, Unit::hour);
  std::vector<views::PointKey> keys;
  std::vector<std::size_t> whose;
  for (std::size_t i = 0; i < authorities.size(); ++i) {
    const std::int64_t end = std::min(read_bound(last->values[i]).value_or(today - 1), today + kMaximumDays);
    for (std::int64_t bin = first_hour; end >= today && bin < (today + 1) * kHoursOfDay; ++bin) {
      keys.push_back(ending_key(authorities[i], Unit::hour, bin));
    }
    for (std::int64_t bin = today + 1; bin <= end; ++bin) keys.push_back(ending_key(authorities[i], Unit::day, bin));
    whose.resize(keys.size(), i);
  }
  const auto points = co_await view.get(std::move(keys));
  if (!points) co_return forward(points);
  std::vector<Ending> live(authorities.size());
  for (std::size_t i = 0; i < whose.size(); ++i) add(live[whose[i]], read_ending(points->values[i]));
  co_return live;
}

std::vector<api::Route> count_routes(const api::ServiceContext& context) {
  auto made = std::make_shared<Counting>(context);
  return {{http::Method::get, "/v1/certificates/counts", readers(), [made](Call& call) { return made->by_value(call); }},
          {http::Method::get, "/v1/certificates/expiry", readers(), [made](Call& call) { return made->expiry(call); }},
          {http::Method::get, "/v1/certificates/issuance", readers(), [made](Call& call) { return made->issuance(call); }}};
}

}  // namespace quicklime::dashboard_api
