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

// Live ones: not revoked; on hold is live. What has ended is as live as any other until certificates.expired lets it go: a clock that is
// ahead must not hide the one that is sought.
struct Related {
  std::vector<SerialNumber> same_key;    // with the key of one of those asked about, these left out
  std::vector<SerialNumber> successors;  // the rest of the scope: renewed from those asked about or from their twins, over any number of
                                         // steps, also where one between has been revoked or has expired
  bool more = false;                     // there may be others
  bool incomplete = false;               // `look_at` was not enough: what lies beyond is unknown, and asking again finds no more
};
// A chain of daily renewals over years is one of thousands. For an administrator more is looked at, for a thief may have made it long:
// that takes seconds and some ten megabytes, in reads of 500.
inline constexpr std::size_t kLookedAt = 5'000, kLookedAtForAdministrators = 100'000;
// At most `limit` in all, and `look_at` looked at, those asked about included. A successor's key is its own: its twins are not followed.
// `held`: whether one on hold is as little live as one that is revoked, for who puts the others on hold, too.
enum class OnHold : std::uint8_t { is_live, is_done };
async::Task<Result<Related>> find_related(views::View& view, const std::vector<SerialNumber>& of, Scope scope, std::size_t limit,
                                          std::size_t look_at, OnHold held = OnHold::is_live);

}  // namespace quicklime::revocation
