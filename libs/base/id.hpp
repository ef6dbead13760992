#pragma once
// Ids are types: a log id is not a request id, and neither is a string by accident.

#include <compare>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>

namespace quicklime {

template <class Tag>
class StringId {
 public:
  explicit StringId(std::string text) : text_(std::move(text)) {}
  const std::string& text() const { return text_; }
  auto operator<=>(const StringId&) const = default;

 private:
  std::string text_;
};

using LogId = StringId<struct LogIdTag>;              // uuid of one log, written at its offset 0
using EventId = StringId<struct EventIdTag>;          // uuid v7
using AuthorityId = StringId<struct AuthorityIdTag>;  // slug, immutable per key: "issuing-1"
using RequestId = StringId<struct RequestIdTag>;      // X-Request-Id, or made here
using TokenId = StringId<struct TokenIdTag>;          // public part of an API token
using SessionId = StringId<struct SessionIdTag>;      // public part of a session, 16 hex digits
using UserId = StringId<struct UserIdTag>;            // provider and name there: "local:alice", "acme:alice", "certificate:<serial>"
using RuleId = StringId<struct RuleIdTag>;            // slug: "admins"

}  // namespace quicklime

template <class Tag>
struct std::hash<quicklime::StringId<Tag>> {
  std::size_t operator()(const quicklime::StringId<Tag>& id) const noexcept { return std::hash<std::string>{}(id.text()); }
};
