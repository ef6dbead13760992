#include "ca/once_keys.hpp"

namespace quicklime::ca {

struct OnceKeys::Lead::State {
  std::mutex mutex;
  std::map<std::string, async::Completion<Ended>> held;
};

OnceKeys::OnceKeys() : state_(std::make_shared<Lead::State>()) {}

std::variant<OnceKeys::Lead, async::Completion<OnceKeys::Ended>> OnceKeys::take(std::vector<std::string> keys) {
  const std::lock_guard lock(state_->mutex);
  for (const std::string& key : keys) {
    if (const auto found = state_->held.find(key); found != state_->held.end()) return found->second;
  }
  const async::Completion<Ended> done;
  for (const std::string& key : keys) state_->held.emplace(key, done);
  return Lead(state_, std::move(keys), done);
}

OnceKeys::Lead::~Lead() {
  if (!state_) return;  // moved from
  {
    const std::lock_guard lock(state_->mutex);
    for (const std::string& key : keys_) state_->held.erase(key);
  }
  done_.complete(ended_);
}

}  // namespace quicklime::ca
