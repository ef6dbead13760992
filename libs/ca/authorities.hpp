#pragma once
// The authorities as this process knows them now: a living set, which follows a role's view.

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "base/position.hpp"
#include "ca/authority.hpp"
#include "views/view.hpp"

namespace quicklime::ca {

// Any thread.
class Authorities {
 public:
  using All = std::shared_ptr<const std::vector<Authority>>;
  Authorities();
  explicit Authorities(std::vector<Authority> all);

  // Never null. What somebody holds stays as it is; the next call may give a newer one.
  All now() const;
  // value: of authorities_key() as a view had it at `position`. None, or one older than is known, changes nothing.
  Result<All> take(const std::optional<std::string>& value, Position position);
  // Reads the view, and takes what it says.
  async::Task<Result<All>> read(views::View& view, views::Complete complete = views::Complete::since_start);

 private:
  mutable std::mutex mutex_;
  All all_;
  std::optional<std::string> value_;
  Position position_{};
};

}  // namespace quicklime::ca
