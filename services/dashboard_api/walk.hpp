#pragma once
// One or several indexes read in one order, for what stands in all of them.

#include <optional>
#include <string>
#include <vector>

#include "views/view.hpp"

namespace quicklime::dashboard_api {

// Part of an index: its keys are base and a sort key; those with this prefix are read.
struct Source {
  std::string space;
  std::string base;
  std::string prefix;
  std::uint64_t count = 0;  // how many keys it has, as far as known
};

class Walk {
 public:
  struct Bounds {
    std::string lower{};  // of sort keys: inclusive
    std::string upper{};  // exclusive; "": none
  };
  // Several sources only where all have the same sort keys. after: behind this sort key; "": from the beginning.
  Walk(views::View& view, std::vector<Source> sources, Bounds bounds, views::Direction direction, std::string after);

  // The next sort key that stands in every source; nullopt: there are no more. wanted: how many will be asked for, a hint.
  // Reads no more than so many keys in this call: then nullopt, and interrupted().
  async::Task<Result<std::optional<std::string>>> next(std::size_t wanted, std::size_t keys);
  bool interrupted() const { return interrupted_; }
  // Everything up to here, itself included, has been looked at: for `after`.
  const std::string& position() const { return position_; }
  std::size_t examined() const { return examined_; }  // keys

 private:
  struct Stream {
    Source source;
    std::vector<std::string> keys{};  // sort keys that were read and stand at or behind `at`
    std::size_t at = 0;
    bool ended = false;
  };
  bool before(const std::string& left, const std::string& right) const {
    return direction_ == views::Direction::ascending ? left < right : left > right;
  }
  bool is_past_end(const std::string& key) const;
  // The first of the stream that is not before the bound (and not equal to it, if strictly).
  async::Task<Result<std::optional<std::string>>> seek(Stream& stream, const std::string& bound, bool strictly, std::size_t limit);

  views::View& view_;
  std::vector<Stream> streams_;
  const Bounds bounds_;
  const views::Direction direction_;
  std::string position_;
  bool begun_ = false;
  bool interrupted_ = false;
  std::size_t examined_ = 0;
};

}  // namespace quicklime::dashboard_api
