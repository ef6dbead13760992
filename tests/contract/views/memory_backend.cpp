#include "backend.hpp"
#include "views/memory_store.hpp"

namespace quicklime::views::contract {
namespace {

class MemoryBackend final : public Backend {
 public:
  std::shared_ptr<ViewStore> open(const Clock& clock) override {
    if (!store_) store_ = make_memory_store(kSpaces, clock);
    return store_;
  }
  bool keeps_our_time() const override { return true; }
  void lose_next_outcome() override { store_->fail_next_apply(losing_keeps_ = !losing_keeps_); }

 private:
  std::shared_ptr<MemoryStore> store_;
  bool losing_keeps_ = false;  // in turn with its effect and without
};

}  // namespace

Factory memory_backend() {
  return {"memory", [] { return std::make_unique<MemoryBackend>(); }};
}

}  // namespace quicklime::views::contract
