#include "ocsp/answer_cache.hpp"

#include <algorithm>

#include "ocsp/view.hpp"

namespace quicklime::ocsp {
namespace {

constexpr std::size_t kForms = 4;

}  // namespace

AnswerCache::AnswerCache(std::size_t certificates) : keys_per_generation_(certificates / (2 * kShards)) {}

void AnswerCache::make_room(Shard& shard) const {
  if (shard.young.size() < keys_per_generation_) return;
  shard.old = std::move(shard.young);
  shard.young.clear();
}

std::shared_ptr<const Answer> AnswerCache::find(std::string_view key, std::string_view cert_id) {
  auto& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  auto found = shard.young.find(key);
  if (found == shard.young.end()) {
    const auto in_old = shard.old.find(key);
    if (in_old == shard.old.end()) return nullptr;
    auto node = shard.old.extract(in_old);
    make_room(shard);
    found = shard.young.insert(std::move(node)).position;
  }
  for (const auto& answer : found->second) {
    if (answer->cert_id == cert_id) return answer;
  }
  return nullptr;
}

void AnswerCache::store(const std::string& key, Position read_at, std::shared_ptr<const Answer> answer) {
  if (keys_per_generation_ == 0) return;
  auto& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  if (read_at < shard.dropped_at) return;
  if (!shard.young.contains(key)) {
    auto node = shard.old.extract(key);
    make_room(shard);
    if (node) shard.young.insert(std::move(node));
  }
  auto& forms = shard.young[key];
  std::erase_if(forms, [&](const auto& kept) { return kept->cert_id == answer->cert_id; });
  if (forms.size() >= kForms) forms.erase(forms.begin());
  forms.push_back(std::move(answer));
}

void AnswerCache::drop(const views::Changes& changes, Position position) {
  for (auto change = changes.points.lower_bound({kStatusSpace, ""}); change != changes.points.end() && change->first.space == kStatusSpace;
       ++change) {
    const auto& key = change->first.key;
    auto& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    shard.dropped_at = std::max(shard.dropped_at, position);
    shard.young.erase(key);
    shard.old.erase(key);
  }
}

}  // namespace quicklime::ocsp
