#include "access/session.hpp"

#include <algorithm>
#include <charconv>

#include "access/principal.hpp"
#include "base/encoding.hpp"
#include "ca/expiry.hpp"
#include "crypto/hash.hpp"
#include "crypto/random.hpp"

namespace quicklime::access {
namespace {

constexpr std::size_t kSessionIdOctets = 8;
constexpr std::size_t kSessionSecretOctets = 32;
constexpr const char* kSessions = "session";
constexpr const char* kUsers = "user";
constexpr const char* kProviders = "provider";
constexpr const char* kSessionEnds = "session_end";
constexpr std::string_view kRestored = "";  // among providers, none of which has this name: the offset of the last log.restored

bool is_hex_text(std::string_view text, std::size_t octets) {
  return text.size() == 2 * octets && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

NewSession session_of(std::string id, std::string secret) {
  std::string text = std::string(kSessionPrefix) + id + "_" + secret;
  NewSession session{SessionId(std::move(id)), Secret(std::move(text)), hex_encode(crypto::view(crypto::sha256(*hex_decode(secret))))};
  wipe(secret);
  return session;
}

void put(const views::PointKey& key, std::string value, views::Fold& fold) { fold.put(key.space, key.key, std::move(value)); }

UserStanding standing_of(const UserId& user, views::Fold& fold) {
  const auto key = user_key(user);
  return decode_user_standing(fold.get(key.space, key.key)).value_or(UserStanding{.version = 0, .enabled = false});
}

void set_version(std::string_view provider, std::uint64_t offset, views::Fold& fold) {
  put(provider_key(provider), std::to_string(offset), fold);
}

// Whom an event names, and what it makes of him.
struct Named {
  UserId user;
  bool must_be_there;
  bool must_be_new;
  std::optional<bool> enabled;
};
std::optional<Named> named_by(const events::Data& data) {
  if (const auto* created = std::get_if<events::UserCreated>(&data)) return Named{created->user, false, true, true};
  if (const auto* changed = std::get_if<events::UserChanged>(&data)) return Named{changed->user, true, false, std::nullopt};
  if (const auto* set = std::get_if<events::UserPasswordSet>(&data)) return Named{set->user, true, false, std::nullopt};
  if (const auto* enabled = std::get_if<events::UserEnabled>(&data)) return Named{enabled->user, true, false, true};
  if (const auto* disabled = std::get_if<events::UserDisabled>(&data)) return Named{disabled->user, false, false, false};
  return std::nullopt;
}

// A certificate that has signed in: what takes it back disables the user that it is.
std::optional<UserId> certificate_taken_back(const events::Data& data) {
  const auto user = [](const SerialNumber& serial) { return UserId(std::string(kCertificateProvider) + ":" + serial.hex()); };
  if (const auto* revoked = std::get_if<events::CertificateRevoked>(&data)) return user(revoked->serial);
  if (const auto* held = std::get_if<events::CertificateHeld>(&data)) return user(held->serial);
  return std::nullopt;
}

void fold_created(const events::Event& event, const events::SessionCreated& created, std::uint64_t offset, KeptOfPrincipals kept,
                  views::Fold& fold) {
  const auto key = session_key(created.session);
  if (fold.get(key.space, key.key)) return;  // an id is for ever one session
  const UserStanding user = standing_of(created.user, fold);
  const auto provider = provider_key(provider_of(created.user.text()));
  const bool stands = grant_stands(event, fold) && user.enabled && user.version == created.user_version &&
                      decode_provider_version(fold.get(provider.space, provider.key)) == created.provider_version;
  SessionRecord record{.id = created.session,
                       .user = created.user,
                       .name = {},
                       .method = {},
                       .role = {},
                       .profiles = {},
                       .names = {},
                       .secret_sha256 = {},
                       .offset = offset,
                       .user_version = created.user_version,
                       .provider_version = created.provider_version,
                       .created = event.time,
                       .not_after = created.not_after,
                       .ends = created.ends,
                       .failures = created.failures,
                       .ended = stands ? std::nullopt : std::optional(event.time)};
  if (kept == KeptOfPrincipals::everything) {
    record.name = created.name;
    record.method = created.method;
    record.role = created.role;
    record.profiles = created.profiles;
    record.names = created.names;
    record.secret_sha256 = created.secret_sha256;
  }
  put(key, encode(record), fold);
  ca::note_expiry(created.session.text(), created.ends, fold, kSessionEnds);
  if (provider_of(created.user.text()) == kCertificateProvider && user.version == 0) put(user_key(created.user), encode(user), fold);
}

template <class Change>
void change_session(const SessionId& id, Change change, views::Fold& fold) {
  const auto key = session_key(id);
  const auto stored = fold.get(key.space, key.key);
  auto record = stored ? decode_session(*stored) : fail(ErrorCode::not_found, "session-not-found", "");
  if (!record) return;
  change(*record);
  put(key, encode(*record), fold);
}

}  // namespace

std::string_view provider_of(std::string_view user) { return user.substr(0, user.find(':')); }

NewSession make_session() {
  return session_of(hex_encode(crypto::random_bytes(kSessionIdOctets)), hex_encode(crypto::random_secret(kSessionSecretOctets).reveal()));
}

NewSession make_session_from(const Secret& seed) {
  const auto derived = [&](std::string_view purpose) { return hex_encode(crypto::view(crypto::hmac_sha256(seed, purpose))); };
  return session_of(derived("session id").substr(0, 2 * kSessionIdOctets), derived("session secret"));
}

std::optional<SessionText> parse_session(std::string_view text) {
  if (!text.starts_with(kSessionPrefix)) return std::nullopt;
  text.remove_prefix(kSessionPrefix.size());
  const auto end = text.find('_');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view id = text.substr(0, end), secret = text.substr(end + 1);
  if (!is_hex_text(id, kSessionIdOctets) || !is_hex_text(secret, kSessionSecretOctets)) return std::nullopt;
  return SessionText{SessionId(std::string(id)), hex_encode(crypto::view(crypto::sha256(*hex_decode(secret))))};
}

views::PointKey session_key(const SessionId& id) { return {kSessions, id.text()}; }
views::PointKey user_key(const UserId& user) { return {kUsers, user.text()}; }
views::PointKey provider_key(std::string_view provider) { return {kProviders, std::string(provider)}; }

std::uint64_t decode_provider_version(const std::optional<std::string>& value) {
  std::uint64_t version = 0;
  if (value) std::from_chars(value->data(), value->data() + value->size(), version);
  return version;
}

std::vector<views::PointKey> session_standing(const SessionId& id, const UserId& user) {
  return {session_key(id), user_key(user), provider_key(provider_of(user.text())), provider_key(kRestored)};
}

bool session_is_live(std::span<const std::optional<std::string>> standing) {
  if (!standing[0]) return false;
  const auto session = decode_session(*standing[0]);
  const auto user = decode_user_standing(standing[1]);
  const auto restored = standing[3];
  return session && user && !session->ended && user->enabled && user->version == session->user_version &&
         decode_provider_version(standing[2]) == session->provider_version &&
         (!restored || decode_provider_version(restored) < session->offset);
}

std::vector<views::Space> session_spaces() {
  using Kind = views::SpaceKind;
  return {{kSessions, Kind::points}, {kUsers, Kind::points}, {kProviders, Kind::points}, {kSessionEnds, Kind::points}};
}

void fold_session(const events::Event& event, std::uint64_t offset, views::Fold& fold, KeptOfPrincipals kept) {
  const auto& data = event.data;
  if (const auto* created = std::get_if<events::SessionCreated>(&data)) return fold_created(event, *created, offset, kept, fold);
  if (const auto* ended = std::get_if<events::SessionEnded>(&data)) {
    return change_session(
        ended->session, [&](SessionRecord& record) { record.ended = record.ended.value_or(event.time); }, fold);
  }
  if (const auto* extended = std::get_if<events::SessionExtended>(&data)) {
    if (!grant_stands(event, fold)) return;
    const Instant until = extended->not_after;
    return change_session(
        extended->session, [&](SessionRecord& record) { record.not_after = std::min(until, record.ends); }, fold);
  }
  if (const auto named = named_by(data)) {
    const auto key = user_key(named->user);
    const bool known = fold.get(key.space, key.key).has_value();
    if ((named->must_be_new && known) || (named->must_be_there && !known) || !grant_stands(event, fold)) return;
    const UserStanding before = standing_of(named->user, fold);
    return put(key, encode(UserStanding{.version = offset, .enabled = named->enabled.value_or(before.enabled)}), fold);
  }
  if (const auto* set = std::get_if<events::RuleSet>(&data)) {
    if (grant_stands(event, fold)) set_version(set->provider, offset, fold);
    return;
  }
  if (const auto* removed = std::get_if<events::RuleRemoved>(&data)) return set_version(removed->provider, offset, fold);
  if (std::holds_alternative<events::LogRestored>(data)) return set_version(kRestored, offset, fold);
  if (const auto user = certificate_taken_back(data)) {
    const auto key = user_key(*user);
    if (fold.get(key.space, key.key)) put(key, encode(UserStanding{.version = offset, .enabled = false}), fold);
    return;
  }
  if (const auto* expired = std::get_if<events::CertificatesExpired>(&data)) {
    for (auto& id : ca::take_expired(expired->ended_before, fold, kSessionEnds)) fold.erase(kSessions, id);
  }
}

std::vector<views::PointKey> session_reads(const events::Event& event) {
  const auto& data = event.data;
  if (const auto* created = std::get_if<events::SessionCreated>(&data)) return session_standing(created->session, created->user);
  if (const auto* ended = std::get_if<events::SessionEnded>(&data)) return {session_key(ended->session)};
  if (const auto* extended = std::get_if<events::SessionExtended>(&data)) return {session_key(extended->session)};
  if (const auto named = named_by(data)) return {user_key(named->user)};
  if (const auto user = certificate_taken_back(data)) return {user_key(*user)};
  return {};
}

}  // namespace quicklime::access
