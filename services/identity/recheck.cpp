#include <algorithm>

#include "base/logging.hpp"
#include "crypto/random.hpp"
#include "identity/sign_in.hpp"

// Whether people who are signed in are still who their directory said they were.
namespace quicklime::identity {
namespace {

// Whether its directory would make this session today.
bool is_the_same(const access::SessionRecord& session, const Granted& granted) {
  return session.role == access::name(granted.role) && session.profiles == granted.profiles && session.names == granted.names;
}

}  // namespace

async::Task<Result<void>> SignIn::recheck(access::SessionRecord session) {
  const std::string provider(access::provider_of(session.user.text()));
  const std::string subject = session.user.text().substr(provider.size() + 1);
  auto person = co_await directories_.look_up(provider, subject);
  // A directory that is away ends nobody's session: it ends by itself. One that has him, and in a way that would not let him in, does.
  if (!person && person.error().code != ErrorCode::denied) co_return forward(person);
  bool stays = false;
  if (person && *person) {
    const auto known = co_await read_rules(context_.view);
    if (!known) co_return forward(known);
    const auto granted = judge(rules_of(known->rules), **person);
    stays = granted && is_the_same(session, *granted);
  }
  if (stays) co_return Result<void>();
  eventlog::Cause cause{RequestId(crypto::uuid_v7(context_.clock.now()))};
  if (auto ended = co_await end(session.id, session.user, "recheck", std::move(cause)); !ended) co_return ended;
  log::info("a session ended: its directory says otherwise of its person now",
            {{"user", session.user.text()}, {"session", session.id.text()}});
  co_return Result<void>();
}

async::Task<void> SignIn::recheck() {
  constexpr std::size_t kAtATime = 1'000;
  std::string from;
  do {
    const auto listed = co_await newest(context_.view, kSessionList, kEverybodysSessions, kAtATime, from);
    if (!listed) co_return;
    from = listed->next;
    std::vector<SessionId> ids(listed->subjects.begin(), listed->subjects.end());
    auto sessions = co_await read_sessions(context_.view, std::move(ids));
    if (!sessions) co_return;
    for (auto& [session, live] : *sessions) {
      if (!live || session.method != "directory" || std::min(session.ends, session.not_after) <= context_.clock.now()) continue;
      const std::string provider(access::provider_of(session.user.text()));
      if (!directories_.has(provider) || !directories_.has_service_account(provider)) continue;
      const std::string user = session.user.text();
      if (const auto done = co_await recheck(std::move(session)); !done) {
        log::warning("nobody can say whether a session should go on", {{"user", user}, {"detail", done.error().detail}});
      }
    }
  } while (!from.empty());
}

}  // namespace quicklime::identity
