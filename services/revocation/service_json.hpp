#pragma once
// Bodies of the revocation role.

#include <optional>
#include <string>
#include <vector>

#include "base/position.hpp"
#include "ca/status.hpp"
#include "http/message.hpp"
#include "revocation/related.hpp"

namespace quicklime::revocation {

// What one certificate has become; `since` of the status only once the view knows it.
struct StatusAnswer {
  SerialNumber serial;
  ca::Status status;
  Position position;
};

struct Carried {
  std::vector<StatusAnswer> answers;  // in the order of the serials, then what the scope added
  Position position;                  // of the last event written; of the view when nothing had to be written
  // Of a revocation for keyCompromise: what is still live and may be in the same hands. Of one with a scope for another reason: what of
  // the scope is still live, one request being limited.
  std::optional<Related> remaining{};
};
// Of the one certificate that was named; "also" has the scope's.
std::string status_json(const Carried& carried);
std::string revocations_json(const Carried& carried);

}  // namespace quicklime::revocation
