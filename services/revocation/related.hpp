#pragma once
// What falls with a compromised key: other certificates with it, and what was renewed from any of them.

#include <vector>

#include "revocation/view.hpp"

namespace quicklime::revocation {

struct Scope {
  bool same_key = false;
  bool with_successors = false;
  bool empty() const { return !same_key && !with_successors; }
};

// Live ones: neither revoked nor expired; on hold is live.
struct Related {
  std::vector<SerialNumber> same_key;    // with the key of one of those asked about, these left out
  std::vector<SerialNumber> successors;  // the rest of the scope: renewed from those asked about or from their twins, over any number of
                                         // steps, also where one between has been revoked or has expired
  bool more = false;                     // there may be others
};
// At most `limit` in all, and a few thousand looked at. A successor's key is its own: its twins are not followed.
async::Task<Result<Related>> find_related(views::View& view, const std::vector<SerialNumber>& of, Scope scope, Instant now,
                                          std::size_t limit);

}  // namespace quicklime::revocation
