#include "api/stream_limit.hpp"

#include <utility>

#include "api/failure_limit.hpp"

namespace quicklime::api {

struct StreamLimit::State {
  std::chrono::milliseconds ask_again;
  metrics::Counter& bytes;
  metrics::Counter& whole;
  metrics::Counter& cut;
  metrics::Counter& left;
  metrics::Counter& refused_address;
  metrics::Counter& refused_all;

  std::mutex mutex{};
  std::size_t open = 0;
  std::map<std::string, std::size_t> of_address{};

  Result<void> take(std::string_view address) {
    const std::string key = address.empty() ? std::string() : subscriber(address);
    const std::lock_guard lock(mutex);
    if (open >= kInAll) {
      refused_all.add();
      return fail(Error{ErrorCode::unavailable, "streams-full",
                        std::to_string(kInAll) + " answers are being streamed here already; ask again later, or another replica", "", 5});
    }
    std::size_t& count = of_address[key];
    if (!key.empty() && count >= kPerAddress) {
      refused_address.add();
      return fail(Error{ErrorCode::too_many, "streams-limited",
                        std::to_string(count) + " answers are being streamed to your address already; end one of them first", "", 5});
    }
    ++count;
    ++open;
    return {};
  }
  void give_back(std::string_view address) {
    const std::lock_guard lock(mutex);
    const auto found = of_address.find(address.empty() ? std::string() : subscriber(address));
    if (--found->second == 0) of_address.erase(found);
    --open;
  }
};

namespace {

using Piece = Result<std::optional<std::string>>;

class CountedStream final : public http::BodyStream {
 public:
  CountedStream(std::shared_ptr<StreamLimit::State> state, std::string address, StreamLimit::Asker asker,
                std::shared_ptr<http::BodyStream> stream)
      : state_(std::move(state)), address_(std::move(address)), asker_(std::move(asker)), stream_(std::move(stream)) {}
  ~CountedStream() override {
    stream_.reset();
    (outcome_ == nullptr ? state_->left : *outcome_).add();
    state_->give_back(address_);
  }

  async::Task<Piece> next() override {
    if (auto known = co_await still_known(); !known) {
      outcome_ = &state_->cut;
      co_return forward(known);
    }
    auto piece = co_await stream_->next();
    if (!piece) {
      outcome_ = &state_->cut;
    } else if (!*piece) {
      outcome_ = &state_->whole;
    } else {
      state_->bytes.add((*piece)->size());
    }
    co_return piece;
  }
  void stop() override { stream_->stop(); }
  void sent() override { stream_->sent(); }

 private:
  // What cannot be looked at for the moment changes nothing.
  async::Task<Result<void>> still_known() {
    const auto now = std::chrono::steady_clock::now();
    if (asker_.access == nullptr || now - asked_at_ < state_->ask_again) co_return Result<void>();
    asked_at_ = now;
    const auto identity = co_await asker_.access->identify(asker_.credentials);
    if (identity) co_return access::require(*identity, asker_.roles);
    if (identity.error().code == ErrorCode::unavailable) co_return Result<void>();
    co_return forward(identity);
  }

  const std::shared_ptr<StreamLimit::State> state_;
  const std::string address_;
  const StreamLimit::Asker asker_;
  std::shared_ptr<http::BodyStream> stream_;
  std::chrono::steady_clock::time_point asked_at_ = std::chrono::steady_clock::now();
  metrics::Counter* outcome_ = nullptr;  // null: whoever read went away
};

}  // namespace

StreamLimit::StreamLimit(const std::string& role, metrics::Registry& metrics, std::chrono::milliseconds ask_again) {
  const auto ended = [&](const char* how) -> metrics::Counter& {
    return metrics.counter("quicklime_streams_ended_total", "Streamed answers that are over: sent whole, cut off, or nobody read on",
                           {{"role", role}, {"how", how}});
  };
  const auto refused = [&](const char* by) -> metrics::Counter& {
    return metrics.counter("quicklime_streams_refused_total", "Streamed answers refused for the number of those under way",
                           {{"role", role}, {"by", by}});
  };
  state_.reset(new State{.ask_again = ask_again,
                         .bytes = metrics.counter("quicklime_stream_bytes_total", "Octets of streamed answers", {{"role", role}}),
                         .whole = ended("whole"),
                         .cut = ended("cut"),
                         .left = ended("left"),
                         .refused_address = refused("address"),
                         .refused_all = refused("all")});
  metrics.gauge("quicklime_streams", "Streamed answers under way",
                [state = state_] {
                  const std::lock_guard lock(state->mutex);
                  return static_cast<double>(state->open);
                },
                {{"role", role}});
}

Result<std::shared_ptr<http::BodyStream>> StreamLimit::admit(std::string_view address, Asker asker,
                                                             std::shared_ptr<http::BodyStream> stream) {
  if (auto taken = state_->take(address); !taken) return forward(taken);
  return std::make_shared<CountedStream>(state_, std::string(address), std::move(asker), std::move(stream));
}

}  // namespace quicklime::api
