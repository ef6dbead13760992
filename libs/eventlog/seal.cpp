#include "eventlog/seal.hpp"

#include "events/codec.hpp"

namespace quicklime::eventlog {

Result<bool> is_sealed(EventLog& log) {
  const auto end = log.end();
  if (!end) return forward(end);
  if (end->offset == 0) return false;
  const auto last = log.read_one(end->offset - 1);
  if (!last) return forward(last);
  const auto event = events::decode(last->bytes);
  return event && std::holds_alternative<events::LogSealed>(event->data);  // what cannot be decoded is no seal
}

Result<void> require_open(EventLog& log) {
  const auto sealed = is_sealed(log);
  if (!sealed) return forward(sealed);
  if (!*sealed) return {};
  return fail(
      ErrorCode::conflict, "log-sealed",
      "this log was sealed to be moved, and nothing more is written here: use the CA where `quicklime log import` has put it; if it "
      "was imported nowhere, `quicklime log seal --undo` opens it again");
}

Result<void> require_sealed(EventLog& log) {
  const auto sealed = is_sealed(log);
  if (!sealed) return forward(sealed);
  if (*sealed) return {};
  return fail(
      ErrorCode::conflict, "log-not-sealed",
      "the log's last event is not log.sealed, so it may go on after it was copied: stop what writes to it, then export it with --seal");
}

}  // namespace quicklime::eventlog
