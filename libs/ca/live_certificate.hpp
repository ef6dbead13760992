#pragma once
// Whether a certificate that somebody shows is one of ours and good now, by the view of a role that issues (ca/decisions).

#include <cstdint>

#include "async/task.hpp"
#include "base/instant.hpp"
#include "base/result.hpp"
#include "pki/certificate.hpp"
#include "views/view.hpp"

namespace quicklime::ca {

enum class Standing : std::uint8_t {
  foreign,  // none that this CA issued: whoever shows it is a stranger
  dead,     // ours, and not live
  live      // is_live
};
async::Task<Result<Standing>> standing_of(views::View& view, pki::Certificate certificate, Instant now, Milliseconds stale_limit);

// Ours: its path holds now, and it was answered, not revoked, not on hold, its key is not blocked, and no authority above it is
// revoked. An error: nobody can say now
// ("view-stale").
async::Task<Result<bool>> is_live(views::View& view, pki::Certificate certificate, Instant now, Milliseconds stale_limit);

}  // namespace quicklime::ca
