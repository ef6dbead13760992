#pragma once
// A projection folds events into one view: a name, a version, spaces, and a pure function.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/position.hpp"
#include "base/result.hpp"
#include "crypto/hash.hpp"
#include "events/event.hpp"
#include "views/view_store.hpp"

namespace quicklime::views {

// The view as one event finds it, and what the event changes. get sees earlier changes of the same batch.
class Fold {
 public:
  virtual ~Fold() = default;
  // nullopt: no such key. A failing store ends the batch, which is then folded again: never caught by a projection.
  virtual std::optional<std::string> get(std::string_view space, std::string_view key) = 0;
  // These will be got: a store that is far away is asked once for all of them.
  virtual void fetch(const std::vector<PointKey>&) {}
  virtual void put(std::string_view space, std::string_view key, std::string value) = 0;
  virtual void erase(std::string_view space, std::string_view key) = 0;
  virtual void insert(std::string_view index, std::string_view key) = 0;
  virtual void remove(std::string_view index, std::string_view key) = 0;
};

// One event as it stands in the log.
struct Record {
  const events::Event& event;
  Position position;
  crypto::Sha256Digest hash;  // of its bytes as they are stored
  bool repeats = false;       // its writer's number came before: written twice, counts once
};

// No clock, no randomness, no input but the event and its own view. May be run again for the same event.
struct Projection {
  std::string name;  // of the role: "ocsp"
  unsigned version;  // raised with every change of what is stored: the view is then folded anew
  std::vector<Space> spaces;
  // Fails when the event contradicts what is before it, as no writer of ours does ("log-contradiction"): the runner stops at it.
  std::function<Result<void>(const Record& record, Fold& fold)> apply;
  // Keys that apply will get, as far as the event alone tells: fetched for a whole batch in one read. May be empty.
  std::function<std::vector<PointKey>(const events::Event& event)> reads{};
  // Whether apply gets records that repeat, too: a tree over the log has a leaf for each. False: an event that is there twice counts once.
  bool sees_repeats = false;
};

}  // namespace quicklime::views
