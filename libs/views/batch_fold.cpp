#include "views/batch_fold.hpp"

namespace quicklime::views {

void BatchFold::fetch(const std::vector<PointKey>& keys) {
  std::vector<PointKey> wanted;
  for (const PointKey& key : keys) {
    if (!fetched_.contains(key)) wanted.push_back(key);
  }
  if (wanted.empty()) return;
  auto values = store_.load(wanted);
  if (!values) throw StoreFailed{values.error()};
  for (std::size_t i = 0; i < wanted.size(); ++i) fetched_.insert_or_assign(std::move(wanted[i]), std::move((*values)[i]));
}

void BatchFold::keep() {
  for (auto& [key, value] : of_event_.points) changes_.points.insert_or_assign(key, std::move(value));
  for (const auto& [key, there] : of_event_.index) changes_.index.insert_or_assign(key, there);
  drop();
}

void BatchFold::drop() { of_event_ = Changes{}; }

std::optional<std::string> BatchFold::get(std::string_view space, std::string_view key) {
  const PointKey wanted{std::string(space), std::string(key)};
  for (const auto* known : {&of_event_.points, &changes_.points, &fetched_}) {
    if (const auto found = known->find(wanted); found != known->end()) return found->second;
  }
  fetch({wanted});
  return fetched_.at(wanted);
}

void BatchFold::put(std::string_view space, std::string_view key, std::string value) {
  of_event_.points.insert_or_assign(PointKey{std::string(space), std::string(key)}, std::move(value));
}
void BatchFold::erase(std::string_view space, std::string_view key) {
  of_event_.points.insert_or_assign(PointKey{std::string(space), std::string(key)}, std::nullopt);
}
void BatchFold::insert(std::string_view index, std::string_view key) {
  of_event_.index.insert_or_assign(PointKey{std::string(index), std::string(key)}, true);
}
void BatchFold::remove(std::string_view index, std::string_view key) {
  of_event_.index.insert_or_assign(PointKey{std::string(index), std::string(key)}, false);
}

}  // namespace quicklime::views
