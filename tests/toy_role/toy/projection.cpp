#include "access/deciding.hpp"
#include "toy/service.hpp"
#include "toy/view.hpp"

namespace quicklime::toy {
namespace {

bool is_played(const events::Event& event) {
  const auto* ignored = std::get_if<events::Ignored>(&event.data);
  return ignored && ignored->schema == kPlayed;
}

Result<void> count(views::Fold& fold) {
  const auto key = count_key();
  const auto before = decode_count(fold.get(key.space, key.key));
  if (!before) return forward(before);
  fold.put(key.space, key.key, std::to_string(*before + 1));
  return {};
}

}  // namespace

// What every role needs (authorities, tokens, which certificates and keys were taken back), and the count.
views::Projection projection() {
  views::Projection all = access::deciding_projection("toy", 1);
  all.spaces.push_back(count_space());
  all.apply = [needed = all.apply](const views::Record& record, views::Fold& fold) {
    return is_played(record.event) ? count(fold) : needed(record, fold);
  };
  return all;
}

}  // namespace quicklime::toy
