#include "identity/writing.hpp"

#include "access/principal.hpp"
#include "api/context.hpp"
#include "ca/verdict.hpp"

namespace quicklime::identity {
namespace {

constexpr Milliseconds kJudgedWithin{2'000};

}  // namespace

async::Task<Result<eventlog::Appended>> write_judged(const api::ServiceContext& context, const api::Call& call, std::string subject,
                                                     events::Data data, Accepted accepted, Error lost) {
  const access::Identity& who = call.who();
  eventlog::Draft draft{
      .actor = who.actor, .cause = call.cause(), .subject = std::move(subject), .data = std::move(data), .persist_by = who.persist_by};
  const auto appended = co_await context.writer.append(std::move(draft));
  if (!appended) co_return forward(appended);
  if (auto seen = co_await context.view.reached(appended->position, kJudgedWithin); !seen) {
    co_return fail(ErrorCode::outcome_unknown, "view-behind", "it is written, and not judged yet: look at what is there, and ask again");
  }
  std::vector<views::PointKey> keys = accepted.reads;
  const auto giver = access::giver(who.actor);
  if (giver) keys.insert(keys.end(), giver->records.begin(), giver->records.end());
  const auto points = co_await context.view.get(std::move(keys));
  if (!points) co_return forward(points);
  const auto own = static_cast<std::ptrdiff_t>(accepted.reads.size());
  const std::vector<std::optional<std::string>> values(points->values.begin(), points->values.begin() + own);
  if (accepted.by(values, *appended)) co_return *appended;
  if (giver && !giver->is_live(std::span(points->values).subspan(accepted.reads.size()))) co_return fail(ca::refusal(giver->refusal));
  co_return fail(std::move(lost));
}

}  // namespace quicklime::identity
