#include "access/identity.hpp"
#include "access/session.hpp"
#include "crypto/constant_time.hpp"

namespace quicklime::access {
namespace {

class SessionAuthenticator final : public Authenticator {
 public:
  SessionAuthenticator(views::View& view, const Clock& clock, Milliseconds stale_limit, StaleTokens stale_tokens)
      : view_(view), clock_(clock), stale_limit_(stale_limit), stale_tokens_(stale_tokens) {}

  async::Task<std::optional<Recognised>> recognise(const Credentials& credentials) override {
    if (!credentials.bearer || !credentials.bearer->reveal().starts_with(kSessionPrefix)) co_return std::nullopt;
    const auto text = parse_session(credentials.bearer->reveal());
    if (!text) co_return Recognised{unknown()};
    std::vector<views::PointKey> key(1, session_key(text->id));
    const auto found = co_await view_.get(std::move(key));
    if (!found) co_return Recognised{forward(found)};
    const auto& value = found->values.front();
    auto session = value ? decode_session(*value) : fail(ErrorCode::unauthenticated, "session-unknown", "");
    if (value && !session) co_return Recognised{forward(session)};
    // Whom it belongs to is asked for in any case: a session that is not there costs the same reads and the same comparison.
    const UserId user = session ? session->user : UserId("nobody");
    const auto points = co_await view_.get(session_standing(text->id, user));
    if (!points) co_return Recognised{forward(points)};
    const auto fresh = views::require_fresh(points->meta, stale_limit_);
    if (!fresh && (!session || stale_tokens_ == StaleTokens::refused)) co_return Recognised{forward(fresh)};
    const std::string expected = session ? session->secret_sha256 : std::string(text->secret_sha256.size(), '-');
    const bool equal = crypto::equal_in_constant_time(expected, text->secret_sha256);
    if (!session || !equal) co_return Recognised{unknown()};
    Recognised recognised{standing(*session, points->values),
                          events::Actor{events::Actor::Kind::user, session->user.text(), session->id.text()}};
    if (recognised.identity) recognised.identity->persist_by = fresh.value_or(points->meta.asked_at);
    co_return recognised;
  }

 private:
  static Failure unknown() {
    return fail(ErrorCode::unauthenticated, "session-unknown", "this session is not one of ours; sign in again (`quicklime login`)");
  }

  Result<Identity> standing(const SessionRecord& session, const std::vector<std::optional<std::string>>& values) const {
    if (!session_is_live(values)) {
      return fail(ErrorCode::unauthenticated, "session-ended",
                  "the session of " + session.user.text() +
                      " has ended, by signing out or because its person, a rule or a password changed; "
                      "sign in again (`quicklime login`)");
    }
    if (const Instant end = std::min(session.not_after, session.ends); end <= clock_.now()) {
      return fail(ErrorCode::unauthenticated, "session-expired",
                  "the session of " + session.user.text() + " ended at " + end.rfc3339_seconds() + "; sign in again (`quicklime login`)");
    }
    const auto role = parse_role(session.role);
    if (!role) return forward(role);
    Identity identity{{events::Actor::Kind::user, session.user.text(), session.id.text()},
                      session.name.empty() ? session.user.text() : session.name,
                      *role,
                      session.profiles,
                      ca::NamePolicy::everything()};
    if (*role == Role::administrator) {
      identity.profiles = {"*"};
      return identity;
    }
    auto names = ca::NamePolicy::make(session.names, {});
    if (!names) return forward(names);
    identity.names = *std::move(names);
    return identity;
  }

  views::View& view_;
  const Clock& clock_;
  Milliseconds stale_limit_;
  StaleTokens stale_tokens_;
};

}  // namespace

std::unique_ptr<Authenticator> session_authenticator(views::View& view, const Clock& clock, Milliseconds stale_limit,
                                                     StaleTokens stale_tokens) {
  return std::make_unique<SessionAuthenticator>(view, clock, stale_limit, stale_tokens);
}

}  // namespace quicklime::access
