#pragma once
// The changes of a batch while it is folded. Of this library only.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "views/projection.hpp"

namespace quicklime::views {

// The store failed during a get; caught by who folds the batch, which is then folded again.
struct StoreFailed {
  Error error;
};

class BatchFold final : public Fold {
 public:
  explicit BatchFold(ViewStore& store) : store_(store) {}

  // One read for many gets to come. Throws StoreFailed, as get does.
  void fetch(const std::vector<PointKey>& keys) override;

  // The changes of one event count as a whole or not at all.
  void keep();  // those since the last keep or drop join the batch
  void drop();
  const Changes& changes() const { return changes_; }

  std::optional<std::string> get(std::string_view space, std::string_view key) override;
  void put(std::string_view space, std::string_view key, std::string value) override;
  void erase(std::string_view space, std::string_view key) override;
  void insert(std::string_view index, std::string_view key) override;
  void remove(std::string_view index, std::string_view key) override;

 private:
  ViewStore& store_;
  std::map<PointKey, std::optional<std::string>> fetched_;  // as of the last apply
  Changes changes_;
  Changes of_event_;
};

}  // namespace quicklime::views
