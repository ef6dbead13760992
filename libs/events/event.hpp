#pragma once
// What can happen. One struct per event, all of them in one variant; the envelope around them.
// Schemas for people and other languages: docs/events/. Nothing here decides anything.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/id.hpp"
#include "base/instant.hpp"
#include "base/serial_number.hpp"

namespace quicklime::events {

// Who caused it. The kinds are a closed set: whether one of each was somebody at an offset is asked in one place (access/principal.hpp),
// and a reader stops at a kind that it does not know.
struct Actor {
  enum class Kind : std::uint8_t {
    control,            // administrator over the control socket or the data directory itself; id: the user's name
    token,              // an API token; id: its TokenId
    revocation_secret,  // who holds a certificate's; id: its serial, hex
    certificate,        // who holds a certificate's key; id: its serial, hex
    process,            // the CA itself: sweeps, own certificates; id: what of it
    user                // somebody signed in; id: his UserId
  } kind;
  std::string id;
  std::string session{};  // of a user: the SessionId by which he asked
  bool operator==(const Actor&) const = default;
};
std::string_view name(Actor::Kind kind);  // "revocation-secret", as it stands in events
std::optional<Actor::Kind> parse_actor_kind(std::string_view text);

// Which process wrote it, and its how-manieth event of that process, from 1. Readers drop a repeated pair.
struct Writer {
  std::string incarnation;
  std::uint64_t sequence = 0;
  bool operator==(const Writer&) const = default;
};

// ---- the log itself
struct LogCreated {
  LogId log_id;
};                    // offset 0 of every log
struct LogSealed {};  // the last event before a move
struct LogOpened {
  std::string from;
};  // after an import: what it was imported from
struct LogRestored {
  std::uint64_t epoch;
};  // after a restore that lost events

// ---- authorities
struct AuthorityAdded {
  AuthorityId authority;              // "root-1", "issuing-1"
  std::optional<AuthorityId> parent;  // none: a root
  std::string certificate;            // DER
};
struct AuthorityRetired {
  AuthorityId authority;
};

// ---- profiles
// What a profile was when certificates were first issued by it: behind it in the log stand the certificates that name its hash.
struct ProfileDefined {
  std::string profile;         // its name
  std::string profile_sha256;  // hex, of the definition
  std::string definition;      // as it stands in quicklime.toml, every key in a fixed order (ca::Profile)
};

// ---- certificates
struct CertificateIssued {
  AuthorityId authority;
  SerialNumber serial;
  std::string certificate;  // DER
  std::string profile;
  std::string profile_sha256;      // hex, of the profile's content when it issued
  std::vector<std::string> names;  // "DNS:api.internal"
  Instant not_before;
  Instant not_after;
  std::string key_sha256;              // hex, of the SubjectPublicKeyInfo
  std::optional<std::string> service;  // recorded as asked: which service and node this is for
  std::optional<std::string> node;
  std::string renewal_challenge;         // what a renewal's proof signs; public
  std::string revocation_key;            // id of the HMAC key behind the revocation secret
  std::optional<SerialNumber> replaces;  // renewal: the predecessor
  // How the asker showed whose certificate this is: "csr" (its signature alone), "old-key" (a signature by the predecessor's
  // key), "client-certificate" (in a TLS handshake). vouched_by: the role of the peer that saw that handshake, if not we.
  std::optional<std::string> proof{};
  std::optional<std::string> vouched_by{};
  std::optional<SerialNumber> voucher{};  // of the certificate by which that peer was known
  // A renewal that lives longer than its predecessor: the administrator's token that allowed it. Absent where that was the
  // control socket's, and where nobody was needed.
  std::optional<TokenId> allowed_by{};
  std::optional<UserId> allowed_by_user{};  // the same, of somebody signed in
  std::optional<SessionId> allowed_by_session{};
};
struct CertificateRevoked {
  SerialNumber serial;
  AuthorityId authority;
  std::string reason;              // RFC 5280: "keyCompromise" (which also blocks the key)
  std::string key_sha256;          // of the certificate, so that every view can block it
  std::optional<EventId> lost_to;  // the sweep's: the first event of the same command or renewal
};
struct CertificateHeld {
  SerialNumber serial;
  AuthorityId authority;
};
struct CertificateReleased {
  SerialNumber serial;
  AuthorityId authority;
};
// These certificates have ended beyond doubt: nobody's clock alone says so (services/crl/expiration.hpp). The one ground on
// which views forget.
struct CertificatesExpired {
  Instant ended_before;                       // notAfter before this; at least seven days before it was written
  std::optional<Instant> inventory_before{};  // the inventory forgets what ended before this; absent: nothing
};
struct KeyBlocked {
  std::string key_sha256;
};                      // a key without a certificate of ours
struct RequestDenied {  // authenticated callers only
  std::string route;
  std::string reason;       // the problem's slug
  std::string detail;       // at most 500 characters
  std::uint64_t count = 1;  // beyond 10 a minute per identity: one event with a count
};

// ---- revocation lists
struct CrlPublished {
  std::string scope;           // "issuing-1"; later "issuing-1/shard" and delta
  std::string previous;        // number of the one before in this scope; "" for the first
  std::string number;          // decimal: epoch * 2^64 + offset of the last event it covers
  std::string entries_sha256;  // hex, of the entries' DER between the two parts
  std::string before;          // DER up to the entries, and behind them with the signature
  std::string after;
  Instant this_update;  // backdated, and not after signed_at
  Instant next_update;
  std::optional<Instant> signed_at{};  // no entry is dated later; absent under rules 1
};

// ---- tokens
struct TokenCreated {
  TokenId token;
  std::string name;
  std::string secret_sha256;          // hex, of the 256 random bits; the token itself is nowhere
  std::string role;                   // "administrator", "requester", "auditor"
  std::vector<std::string> profiles;  // a requester's grant
  std::vector<std::string> names;     // patterns of the name policy: "*.load.internal", "10.0.0.0/8"
  Instant not_after;
  std::optional<UserId> owner{};                 // of single_use: whom it signs in; absent: an administrator who has no name yet
  std::optional<bool> single_use{};              // it is exchanged for a session, once, and asks for nothing by itself
  std::optional<std::uint64_t> owner_version{};  // of the owner, when it was made: it is good while he stays as he was
};
struct TokenRevoked {
  TokenId token;
};

// ---- people and programs. Their version is the offset of the last of these that names them, and a session is live while the versions of
// its user and of its provider's rules are those it was judged by: whatever changes ends the sessions that were made from it.
struct UserCreated {
  UserId user;  // of the provider "local"
  std::string name;
  std::string role;
  std::vector<std::string> profiles;  // a requester's grant, as of tokens
  std::vector<std::string> names;
};
struct UserChanged {
  UserId user;
  std::string name;
  std::string role;
  std::vector<std::string> profiles;
  std::vector<std::string> names;
};
struct UserDisabled {
  UserId user;  // of any provider
};
struct UserEnabled {
  UserId user;
};
struct UserPasswordSet {
  UserId user;
  std::string key;     // id of the access key that seals it
  std::string sealed;  // the Argon2id string under that key, bound to the user (crypto/sealing.hpp)
};
struct RuleSet {
  RuleId rule;
  std::string provider;           // NAME of [ldap.NAME] or [oidc.NAME]
  std::vector<std::string> when;  // all of them: "groups=pki-admins"
  std::string role;
  std::vector<std::string> profiles;
  std::vector<std::string> names;
};
struct RuleRemoved {
  RuleId rule;
  std::string provider;
};
struct SessionCreated {
  SessionId session;
  std::string secret_sha256;  // hex, of the 256 bits; the session's text is nowhere
  UserId user;
  std::string name;      // for people
  std::string method;    // "password", "directory", "browser", "assertion", "certificate", "one-time", "approved"
  std::string provider;  // "local", "certificate", or NAME
  std::string role;
  std::vector<std::string> profiles;
  std::vector<std::string> names;
  std::uint64_t user_version;                  // as it was judged; 0: never named
  std::uint64_t provider_version;              // likewise
  Instant not_after;                           // unless it is extended
  Instant ends;                                // whatever happens
  std::uint64_t failures;                      // wrong passwords for this name since the last success
  std::optional<std::string> banner_sha256{};  // hex, of the text that was shown before
};
struct SessionExtended {
  SessionId session;
  Instant not_after;
};
struct SessionEnded {
  SessionId session;
  std::string why;  // "signed-out", "ended-by-another", "recheck"
};

// Unknown to this version and marked ignorable by its writer.
struct Ignored {
  std::string schema;
};

using Data = std::variant<LogCreated, LogSealed, LogOpened, LogRestored, AuthorityAdded, AuthorityRetired, CertificateIssued,
                          CertificateRevoked, CertificateHeld, CertificateReleased, CertificatesExpired, KeyBlocked, ProfileDefined,
                          RequestDenied, CrlPublished, TokenCreated, TokenRevoked, UserCreated, UserChanged, UserDisabled, UserEnabled,
                          UserPasswordSet, RuleSet, RuleRemoved, SessionCreated, SessionExtended, SessionEnded, Ignored>;

// By which rules the events of today are judged (Event::rules). Raised with every change of what a fold makes of an event,
// and then every older number goes on meaning what it meant: a verdict is folded for ever (architecture section 5).
//   1  as it began
//   2  a renewal with a blocked predecessor key does not stand; an access that a dead author gave is born revoked; nothing is
//      forgotten for a time that an event or a CRL carries, only by certificates.expired
//   3  a release by a dead author releases nothing; a renewal that a dead token allowed, or that a dead peer vouched for, does not stand,
//      nor does what a certificate whose key is blocked asked or vouched for
inline constexpr unsigned kRules = 3;

struct Event {
  EventId id;
  Instant time;
  Writer writer;
  Actor actor;
  RequestId request;
  std::vector<std::string> once{};  // what it wants to be first at: "command:<hash>", "replaces:<serial>", "token:<id>", "assertion:<hash>"
  std::string body{};               // hex, hash of the request; with once only
  std::string subject{};            // serial hex, authority or token: whom it is about
  Data data;
  unsigned rules = kRules;  // those that its writer judged by
  // For whom the actor asked, where it is a front end that speaks for others: "kubernetes:system:serviceaccount:shop:api". Printable,
  // 256 characters at most; recorded, and no ground of any verdict.
  std::optional<std::string> on_behalf_of{};
  std::string traceparent{};  // of the request, as it came (W3C Trace Context); "" without
};

}  // namespace quicklime::events
