#pragma once
// A request under an Idempotency-Key, told by the claims in this role's view (ca/claims.hpp): the first in the log wins, a retry is
// answered as the first was, and what the first did not get to is done.

#include <map>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "revocation/service_json.hpp"
#include "views/view.hpp"

namespace quicklime::revocation {

struct Command {
  std::string once;  // "command:<hash>", of its first event; "command:<hash>/<serial>" of each further one
  std::string body;  // hex: the hash of what is ordered. How it is proved and spelled is no matter (docs/adr/0007)
};

// What was written under it, and what each event made of its certificate.
struct Commanded {
  std::vector<SerialNumber> order;  // of the log
  std::map<SerialNumber, StatusAnswer> answers;
  Position position;  // of the last
  bool begun() const { return !order.empty(); }
};
// As of this view, however old: what it has is true. "idempotency-conflict" (422): under this key stands a request with another body.
async::Task<Result<Commanded>> find_commanded(views::View& view, const Command& command);

}  // namespace quicklime::revocation
