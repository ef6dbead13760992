#include "access/token.hpp"

#include <algorithm>

#include "access/principal.hpp"
#include "access/role.hpp"
#include "base/encoding.hpp"
#include "crypto/hash.hpp"
#include "crypto/random.hpp"

namespace quicklime::access {
namespace {

constexpr std::string_view kPrefix = "qlk_";
constexpr std::size_t kIdOctets = 8;
constexpr std::size_t kSecretOctets = 32;

bool is_hex_of(std::string_view text, std::size_t octets) {
  return text.size() == 2 * octets && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string hash_of(std::string_view secret_hex) { return hex_encode(crypto::view(crypto::sha256(*hex_decode(secret_hex)))); }

}  // namespace

NewToken make_token() {
  const TokenId id(hex_encode(crypto::random_bytes(kIdOctets)));
  std::string secret = hex_encode(crypto::random_secret(kSecretOctets).reveal());
  std::string text = std::string(kPrefix) + id.text() + "_" + secret;
  NewToken token{id, Secret(std::move(text)), hash_of(secret)};
  wipe(secret);
  return token;
}

std::optional<TokenText> parse_token(std::string_view text) {
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  const auto end = text.find('_');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view id = text.substr(0, end), secret = text.substr(end + 1);
  if (!is_hex_of(id, kIdOctets) || !is_hex_of(secret, kSecretOctets)) return std::nullopt;
  return TokenText{TokenId(std::string(id)), hash_of(secret)};
}

Instant end_of(const TokenRecord& token) {
  return token.role == name(Role::process) ? std::min(token.not_after, token.created + kMaximumProcessLifetime) : token.not_after;
}

views::Space token_space() { return {"token", views::SpaceKind::points}; }

views::PointKey token_key(const TokenId& id) { return {"token", id.text()}; }

std::vector<views::PointKey> token_reads(const events::Event& event) {
  std::vector<views::PointKey> keys = grant_reads(event);
  if (const auto* created = std::get_if<events::TokenCreated>(&event.data)) keys.push_back(token_key(created->token));
  if (const auto* revoked = std::get_if<events::TokenRevoked>(&event.data)) keys.push_back(token_key(revoked->token));
  return keys;
}

void fold_token(const events::Event& event, views::Fold& fold, KeptOfPrincipals kept) {
  if (const auto* created = std::get_if<events::TokenCreated>(&event.data)) {
    const views::PointKey key = token_key(created->token);
    if (fold.get(key.space, key.key)) return;  // an id is for ever one token: what is revoked is not made again
    TokenRecord record{.id = created->token,
                       .name = {},
                       .secret_sha256 = {},
                       .role = {},
                       .profiles = {},
                       .names = {},
                       .created = event.time,
                       .not_after = created->not_after,
                       .revoked = grant_stands(event, fold) ? std::nullopt : std::optional(event.time)};
    if (kept == KeptOfPrincipals::everything) {
      record.name = created->name;
      record.secret_sha256 = created->secret_sha256;
      record.role = created->role;
      record.profiles = created->profiles;
      record.names = created->names;
      record.single_use = created->single_use.value_or(false);
      record.owner = created->owner;
      record.owner_version = created->owner_version;
    }
    fold.put(key.space, key.key, encode(record));
  } else if (const auto* revoked = std::get_if<events::TokenRevoked>(&event.data)) {
    const views::PointKey key = token_key(revoked->token);
    const auto value = fold.get(key.space, key.key);
    if (!value) return;
    auto record = decode_token(*value);
    if (!record || record->revoked) return;
    record->revoked = event.time;
    fold.put(key.space, key.key, encode(*record));
  }
}

bool token_is_live(const std::optional<std::string>& record) {
  if (!record) return false;
  const auto token = decode_token(*record);
  return token && !token->revoked;
}

}  // namespace quicklime::access
