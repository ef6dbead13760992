#include "backend.hpp"
#include "redis_proxy.hpp"
#include "redis_server.hpp"

namespace quicklime::views::contract {
namespace {

class RedisBackend final : public Backend {
 public:
  std::shared_ptr<ViewStore> open(const Clock&) override {
    RedisOptions options = server_.options();
    options.unix_socket = proxy_.socket();
    return make_redis_store(std::move(options), "contract", 1, kSpaces);
  }
  bool keeps_our_time() const override { return false; }
  void lose_next_outcome() override { proxy_.lose_next("EVALSHA", losing_keeps_ = !losing_keeps_); }

 private:
  RedisServer server_;
  RedisProxy proxy_{server_.socket(), (server_.directory() / "proxy.sock").string()};
  bool losing_keeps_ = false;  // in turn with its effect and without
};

}  // namespace

Factory redis_backend() {
  return {"redis", [] { return std::make_unique<RedisBackend>(); }};
}

}  // namespace quicklime::views::contract
