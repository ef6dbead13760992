#include "async/here.hpp"

#include "async/loop.hpp"

namespace quicklime::async {

void spawn_here(Task<void> task) { Loop::Implementation::current().spawn(std::move(task)); }

std::shared_ptr<void> kept_here(const std::string& key, const std::function<std::shared_ptr<void>()>& make) {
  std::shared_ptr<void>& kept = Loop::Implementation::current().kept[key];
  if (!kept) kept = make();
  return kept;
}

}  // namespace quicklime::async
