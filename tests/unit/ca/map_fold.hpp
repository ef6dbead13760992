#pragma once
// A view of one test, in maps.

#include <map>
#include <set>
#include <string>

#include "views/projection.hpp"

namespace quicklime::ca::test {

class MapFold final : public views::Fold {
 public:
  std::optional<std::string> get(std::string_view space, std::string_view key) override {
    const auto found = points.find(at(space, key));
    return found == points.end() ? std::nullopt : std::optional(found->second);
  }
  void put(std::string_view space, std::string_view key, std::string value) override { points[at(space, key)] = std::move(value); }
  void erase(std::string_view space, std::string_view key) override { points.erase(at(space, key)); }
  void insert(std::string_view index, std::string_view key) override { keys.insert(at(index, key)); }
  void remove(std::string_view index, std::string_view key) override { keys.erase(at(index, key)); }

  using Key = std::pair<std::string, std::string>;
  static Key at(std::string_view space, std::string_view key) { return {std::string(space), std::string(key)}; }
  std::map<Key, std::string> points;
  std::set<Key> keys;
};

}  // namespace quicklime::ca::test
