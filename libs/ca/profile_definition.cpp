// That what a profile says stands in the log, before anything is issued by it.
#include "ca/claims.hpp"
#include "ca/issue_implementation.hpp"

namespace quicklime::ca {

async::Task<Result<void>> Issuer::define(std::shared_ptr<Implementation> self, std::shared_ptr<const PreparedProfile> prepared,
                                         eventlog::Cause cause, eventlog::PersistBy persist_by) {
  const std::string once = "profile:" + prepared->sha256;
  for (;;) {
    if (prepared->defined->load(std::memory_order_acquire)) co_return Result<void>();
    std::vector<std::string> keys(1, once);
    auto turn = self->once_keys.take(std::move(keys));
    auto* leading = std::get_if<OnceKeys::Lead>(&turn);
    if (leading == nullptr) {
      if (const auto ended = co_await std::get<async::Completion<OnceKeys::Ended>>(turn).wait()) co_return fail(*ended);
      continue;
    }
    const OnceKeys::Lead lead(std::move(*leading));
    std::vector<views::PointKey> claim(1, claim_key(once));
    const auto known = co_await self->view.get(std::move(claim));
    if (!known) co_return forward(known);
    if (!known->values.front()) {  // or not yet in this view: of two events of one content the first counts
      eventlog::Draft draft{.actor = {events::Actor::Kind::process, "profiles"},
                            .cause = std::move(cause),
                            .body = prepared->sha256,
                            .subject = prepared->profile.name,
                            .data = events::ProfileDefined{prepared->profile.name, prepared->sha256, prepared->profile.definition()},
                            .persist_by = persist_by};
      draft.once.push_back(once);
      const auto appended = co_await self->writer.append(std::move(draft));
      if (!appended) co_return forward(appended);
    }
    prepared->defined->store(true, std::memory_order_release);
  }
}

}  // namespace quicklime::ca
