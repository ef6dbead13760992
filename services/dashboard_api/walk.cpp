#include "dashboard_api/walk.hpp"

#include <algorithm>

namespace quicklime::dashboard_api {
namespace {

constexpr std::size_t kKeysTogether = 256;  // of one read, where several indexes are read
constexpr char kBehindAll = '\x7f';         // no sort key has it where two differ: digits of hex stand there

}  // namespace

Walk::Walk(views::View& view, std::vector<Source> sources, Bounds bounds, views::Direction direction, std::string after)
    : view_(view), bounds_(std::move(bounds)), direction_(direction), position_(std::move(after)), begun_(!position_.empty()) {
  for (auto& source : sources) streams_.push_back({std::move(source)});
}

bool Walk::is_past_end(const std::string& key) const {
  if (direction_ == views::Direction::descending) return key < bounds_.lower;
  return !bounds_.upper.empty() && key >= bounds_.upper;
}

async::Task<Result<std::optional<std::string>>> Walk::seek(Stream& stream, const std::string& bound, bool strictly, std::size_t limit) {
  for (;;) {
    // What was read may end before the bound: then it is not looked through.
    if (!bound.empty() && !stream.keys.empty() && before(stream.keys.back(), bound)) stream.at = stream.keys.size();
    const auto is_passed = [&](const std::string& key) { return before(key, bound) || (strictly && key == bound); };
    while (!bound.empty() && stream.at < stream.keys.size() && is_passed(stream.keys[stream.at])) ++stream.at;
    if (stream.at < stream.keys.size()) co_return stream.keys[stream.at];
    if (stream.ended) co_return std::nullopt;
    std::string from = bound.empty() ? std::string() : stream.source.base + bound;
    views::Scan scan{stream.source.space, stream.source.prefix, std::move(from), direction_, limit};
    auto read = co_await view_.scan(std::move(scan));
    if (!read) co_return forward(read);
    examined_ += read->keys.size();
    stream.ended = read->keys.size() < limit;
    stream.keys.clear();
    stream.at = 0;
    for (auto& key : read->keys) {
      key.erase(0, stream.source.base.size());
      if (is_past_end(key)) {
        stream.ended = true;
        break;
      }
      stream.keys.push_back(std::move(key));
    }
  }
}

async::Task<Result<std::optional<std::string>>> Walk::next(std::size_t wanted, std::size_t keys) {
  interrupted_ = false;
  const std::size_t most = examined_ + keys;
  bool strictly = begun_;
  std::string bound = begun_ ? position_ : direction_ == views::Direction::ascending ? bounds_.lower : bounds_.upper;
  const std::size_t limit = streams_.size() == 1 ? wanted + 1 : kKeysTogether;
  for (std::size_t agreed = 0, i = 0; agreed < streams_.size(); i = (i + 1) % streams_.size()) {
    if (examined_ >= most && begun_) {
      interrupted_ = true;
      // All before the bound has been looked at, and not the bound.
      if (!strictly) position_ = direction_ == views::Direction::descending ? bound + kBehindAll : bound;
      co_return std::nullopt;
    }
    auto head = co_await seek(streams_[i], bound, strictly, std::max<std::size_t>(limit, 2));
    if (!head) co_return forward(head);
    begun_ = true;
    if (!*head) co_return std::nullopt;
    agreed = !strictly && **head == bound ? agreed + 1 : 1;
    bound = **head;
    strictly = false;
  }
  position_ = bound;
  co_return bound;
}

}  // namespace quicklime::dashboard_api
