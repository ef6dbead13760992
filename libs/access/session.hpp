#pragma once
// Sessions: qls_<id>_<secret>, the sibling of an API token, for which whatever shows somebody is exchanged (a password, an assertion, a
// client certificate, a one-time URL). Roles that decide know tokens and sessions, and nothing of how people sign in.
//
// A session stands when the versions of its user and of its provider's rules were current at its offset, and it is live while they stay so:
// whatever changes a person or a rule ends the sessions that were made from it, in every view alike and without looking for them. What a
// view knows of that stands in two small points, each the offset of the last event that named him or it.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "access/token.hpp"
#include "base/id.hpp"
#include "base/instant.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "views/projection.hpp"

namespace quicklime::access {

inline constexpr std::string_view kLocalProvider = "local";
inline constexpr std::string_view kCertificateProvider = "certificate";
// "acme" of "acme:alice".
std::string_view provider_of(std::string_view user);

struct NewSession {
  SessionId id;
  Secret text;                // shown once
  std::string secret_sha256;  // hex
};
NewSession make_session();
// The same for the same seed (32 octets): who repeats an assertion gets the session that it made.
NewSession make_session_from(const Secret& seed);

struct SessionText {
  SessionId id;
  std::string secret_sha256;
};
std::optional<SessionText> parse_session(std::string_view text);
inline constexpr std::string_view kSessionPrefix = "qls_";

struct SessionRecord {
  SessionId id;
  UserId user;
  std::string name;
  std::string method;
  std::string role;
  std::vector<std::string> profiles;
  std::vector<std::string> names;
  std::string secret_sha256;
  std::uint64_t offset;  // of its session.created
  std::uint64_t user_version;
  std::uint64_t provider_version;
  Instant created;
  Instant not_after;
  Instant ends;
  std::uint64_t failures = 0;
  std::optional<Instant> ended{};
};
std::string encode(const SessionRecord& session);
Result<SessionRecord> decode_session(std::string_view value);

struct UserStanding {
  std::uint64_t version = 0;  // 0: no event has named him
  bool enabled = true;
};
std::string encode(const UserStanding& user);
Result<UserStanding> decode_user_standing(const std::optional<std::string>& value);
std::uint64_t decode_provider_version(const std::optional<std::string>& value);

views::PointKey session_key(const SessionId& id);
views::PointKey user_key(const UserId& user);
views::PointKey provider_key(std::string_view provider);
// What session_is_live asks for, in its order: the session, its user, its provider, and what the last restore of the log ended.
std::vector<views::PointKey> session_standing(const SessionId& id, const UserId& user);
bool session_is_live(std::span<const std::optional<std::string>> standing);

// The sessions as part of a role's view: points "session", "user", "provider", "session_end".
std::vector<views::Space> session_spaces();
// kept: as of tokens.
void fold_session(const events::Event& event, std::uint64_t offset, views::Fold& fold,
                  KeptOfPrincipals kept = KeptOfPrincipals::everything);
// What it gets, for Projection::reads, besides grant_reads.
std::vector<views::PointKey> session_reads(const events::Event& event);

}  // namespace quicklime::access
