#pragma once
// In one process one append per `once` key is in flight; later callers join it (architecture section 5). This only saves
// signatures and losers: who is first is decided by the log, also between processes.

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "async/completion.hpp"
#include "base/result.hpp"

namespace quicklime::ca {

// Shared by every loop of the process. Cheap to copy (a handle).
class OnceKeys {
 public:
  // How the leader ended: nullopt, it was judged (look into the view); else why nobody can know yet.
  using Ended = std::optional<Error>;

  // Holds its keys until it is destroyed; then those who joined go on.
  class Lead {
   public:
    Lead(Lead&&) = default;
    Lead& operator=(Lead&&) = delete;
    ~Lead();
    void failed(const Error& error) { ended_ = error; }

   private:
    friend class OnceKeys;
    struct State;
    Lead(std::shared_ptr<State> state, std::vector<std::string> keys, async::Completion<Ended> done)
        : state_(std::move(state)), keys_(std::move(keys)), done_(std::move(done)) {}
    std::shared_ptr<State> state_;
    std::vector<std::string> keys_;
    async::Completion<Ended> done_;
    Ended ended_{};
  };

  OnceKeys();
  // All of the keys, or who holds one of them.
  std::variant<Lead, async::Completion<Ended>> take(std::vector<std::string> keys);

 private:
  std::shared_ptr<Lead::State> state_;
};

}  // namespace quicklime::ca
