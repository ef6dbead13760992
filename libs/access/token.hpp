#pragma once
// API tokens: qlk_<id>_<secret>, 256 random bits of which only the SHA-256 is kept.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.hpp"
#include "base/instant.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "events/event.hpp"
#include "views/projection.hpp"

namespace quicklime::access {

struct NewToken {
  TokenId id;
  Secret text;                // shown once
  std::string secret_sha256;  // hex
};
NewToken make_token();

struct TokenText {
  TokenId id;
  std::string secret_sha256;
};
std::optional<TokenText> parse_token(std::string_view text);

struct TokenRecord {
  TokenId id;
  std::string name;
  std::string secret_sha256;
  std::string role;
  std::vector<std::string> profiles;
  std::vector<std::string> names;
  Instant created;
  Instant not_after;
  std::optional<Instant> revoked{};
  bool single_use = false;        // exchanged for a session, and asks for nothing by itself
  std::optional<UserId> owner{};  // of single_use: whom it signs in
  std::optional<std::uint64_t> owner_version{};
};

// A daemon's token (role process) lives a year at most, whatever was said when it was made.
inline constexpr Milliseconds kMaximumProcessLifetime = std::chrono::hours(24 * 365);
Instant end_of(const TokenRecord& token);

// The tokens as part of a role's view: space "token", token id -> record.
views::Space token_space();
views::PointKey token_key(const TokenId& id);
// Of a view whose role authenticates: everything. Of one that faces the public: whether each token lives, without its name, its
// hash and its grants; with such a record nobody can be identified.
enum class KeptOfPrincipals : std::uint8_t { everything, whether_they_live };
// A token whose author was not live is born revoked (ca/grant.hpp).
void fold_token(const events::Event& event, views::Fold& fold, KeptOfPrincipals kept = KeptOfPrincipals::everything);
// What it gets, for Projection::reads.
std::vector<views::PointKey> token_reads(const events::Event& event);
std::string encode(const TokenRecord& token);
Result<TokenRecord> decode_token(std::string_view value);
bool token_is_live(const std::optional<std::string>& record);  // exists and is not revoked

}  // namespace quicklime::access
