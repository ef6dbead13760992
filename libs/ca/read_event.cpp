#include "ca/read_event.hpp"

#include "events/codec.hpp"

namespace quicklime::ca {

async::Task<Result<std::pair<Position, events::Event>>> read_event(eventlog::EventLog& log, async::OffloadPool& pool,
                                                                   std::uint64_t offset) {
  auto record = co_await pool.run([&log, offset] { return log.read_one(offset); });
  if (!record) co_return forward(record);
  auto event = events::decode(record->bytes);
  if (!event) co_return forward(event);
  co_return std::pair(record->position, *std::move(event));
}

}  // namespace quicklime::ca
