#pragma once
// The table behind the codec: the name of each event in the log, and its fields, all of them, in the order of event.hpp.

#include <string_view>
#include <tuple>

#include "events/event.hpp"

namespace quicklime::events {

// How a member stands in JSON where its C++ type does not say it: DER is a std::string too, and certificates count
// whole seconds. not_shown: a hash of a secret, which stands in the log and nowhere else.
enum class Form { plain, base64, whole_seconds, not_shown };

template <class Event, class Value>
struct Field {
  const char* name;
  Value Event::*member;
  Form form = Form::plain;
};
template <class Event, class Value>
Field(const char*, Value Event::*) -> Field<Event, Value>;
template <class Event, class Value>
Field(const char*, Value Event::*, Form) -> Field<Event, Value>;

// `version` stands where a type is not at 1-0-0 any more. What each version carries is in tests/data/event_fields.txt: whoever adds a
// field raises it (the last number, for a member that may be absent), adds an example and writes the line.
template <class Event>
struct Type;
template <>
struct Type<LogCreated> {
  static constexpr std::string_view name = "log.created";
  static constexpr std::tuple fields{Field{"log_id", &LogCreated::log_id}};
};
template <>
struct Type<LogSealed> {
  static constexpr std::string_view name = "log.sealed";
  static constexpr std::tuple<> fields{};
};
template <>
struct Type<LogOpened> {
  static constexpr std::string_view name = "log.opened";
  static constexpr std::tuple fields{Field{"from", &LogOpened::from}};
};
template <>
struct Type<LogRestored> {
  static constexpr std::string_view name = "log.restored";
  static constexpr std::tuple fields{Field{"epoch", &LogRestored::epoch}};
};
template <>
struct Type<AuthorityAdded> {
  using E = AuthorityAdded;
  static constexpr std::string_view name = "authority.added";
  static constexpr std::tuple fields{Field{"authority", &E::authority}, Field{"parent", &E::parent},
                                     Field{"certificate", &E::certificate, Form::base64}};
};
template <>
struct Type<ProfileDefined> {
  using E = ProfileDefined;
  static constexpr std::string_view name = "profile.defined";
  static constexpr bool ignorable = true;  // no status follows from it: what does not know it reads past it
  static constexpr std::tuple fields{Field{"profile", &E::profile}, Field{"profile_sha256", &E::profile_sha256},
                                     Field{"definition", &E::definition}};
};
template <>
struct Type<AuthorityRetired> {
  static constexpr std::string_view name = "authority.retired";
  static constexpr std::tuple fields{Field{"authority", &AuthorityRetired::authority}};
};
template <>
struct Type<CertificateIssued> {
  using E = CertificateIssued;
  static constexpr std::string_view name = "certificate.issued";
  static constexpr std::string_view version = "1-0-3";  // proof, vouched_by; voucher, allowed_by; allowed_by_user, _session
  static constexpr std::tuple fields{Field{"authority", &E::authority},
                                     Field{"serial", &E::serial},
                                     Field{"certificate", &E::certificate, Form::base64},
                                     Field{"profile", &E::profile},
                                     Field{"profile_sha256", &E::profile_sha256},
                                     Field{"names", &E::names},
                                     Field{"not_before", &E::not_before, Form::whole_seconds},
                                     Field{"not_after", &E::not_after, Form::whole_seconds},
                                     Field{"key_sha256", &E::key_sha256},
                                     Field{"service", &E::service},
                                     Field{"node", &E::node},
                                     Field{"renewal_challenge", &E::renewal_challenge},
                                     Field{"revocation_key", &E::revocation_key},
                                     Field{"replaces", &E::replaces},
                                     Field{"proof", &E::proof},
                                     Field{"vouched_by", &E::vouched_by},
                                     Field{"voucher", &E::voucher},
                                     Field{"allowed_by", &E::allowed_by},
                                     Field{"allowed_by_user", &E::allowed_by_user},
                                     Field{"allowed_by_session", &E::allowed_by_session}};
};
template <>
struct Type<CertificateRevoked> {
  using E = CertificateRevoked;
  static constexpr std::string_view name = "certificate.revoked";
  static constexpr std::tuple fields{Field{"serial", &E::serial}, Field{"authority", &E::authority}, Field{"reason", &E::reason},
                                     Field{"key_sha256", &E::key_sha256}, Field{"lost_to", &E::lost_to}};
};
template <>
struct Type<CertificateHeld> {
  static constexpr std::string_view name = "certificate.held";
  static constexpr std::tuple fields{Field{"serial", &CertificateHeld::serial}, Field{"authority", &CertificateHeld::authority}};
};
template <>
struct Type<CertificateReleased> {
  static constexpr std::string_view name = "certificate.released";
  static constexpr std::tuple fields{Field{"serial", &CertificateReleased::serial}, Field{"authority", &CertificateReleased::authority}};
};
template <>
struct Type<CertificatesExpired> {
  using E = CertificatesExpired;
  static constexpr std::string_view name = "certificates.expired";
  static constexpr std::tuple fields{Field{"ended_before", &E::ended_before, Form::whole_seconds},
                                     Field{"inventory_before", &E::inventory_before, Form::whole_seconds}};
};
template <>
struct Type<KeyBlocked> {
  static constexpr std::string_view name = "key.blocked";
  static constexpr std::tuple fields{Field{"key_sha256", &KeyBlocked::key_sha256}};
};
template <>
struct Type<RequestDenied> {
  using E = RequestDenied;
  static constexpr std::string_view name = "request.denied";
  static constexpr std::tuple fields{Field{"route", &E::route}, Field{"reason", &E::reason}, Field{"detail", &E::detail},
                                     Field{"count", &E::count}};
};
template <>
struct Type<CrlPublished> {
  using E = CrlPublished;
  static constexpr std::string_view name = "crl.published";
  static constexpr std::tuple fields{Field{"scope", &E::scope},
                                     Field{"previous", &E::previous},
                                     Field{"number", &E::number},
                                     Field{"entries_sha256", &E::entries_sha256},
                                     Field{"before", &E::before, Form::base64},
                                     Field{"after", &E::after, Form::base64},
                                     Field{"this_update", &E::this_update, Form::whole_seconds},
                                     Field{"next_update", &E::next_update, Form::whole_seconds},
                                     Field{"signed_at", &E::signed_at, Form::whole_seconds}};
};
template <>
struct Type<TokenCreated> {
  using E = TokenCreated;
  static constexpr std::string_view name = "token.created";
  static constexpr std::string_view version = "1-0-1";  // owner, single_use, owner_version
  static constexpr std::tuple fields{Field{"token", &E::token},
                                     Field{"name", &E::name},
                                     Field{"secret_sha256", &E::secret_sha256, Form::not_shown},
                                     Field{"role", &E::role},
                                     Field{"profiles", &E::profiles},
                                     Field{"names", &E::names},
                                     Field{"not_after", &E::not_after},
                                     Field{"owner", &E::owner},
                                     Field{"single_use", &E::single_use},
                                     Field{"owner_version", &E::owner_version}};
};
template <>
struct Type<TokenRevoked> {
  static constexpr std::string_view name = "token.revoked";
  static constexpr std::tuple fields{Field{"token", &TokenRevoked::token}};
};
template <>
struct Type<UserCreated> {
  using E = UserCreated;
  static constexpr std::string_view name = "user.created";
  static constexpr std::tuple fields{Field{"user", &E::user}, Field{"name", &E::name}, Field{"role", &E::role},
                                     Field{"profiles", &E::profiles}, Field{"names", &E::names}};
};
template <>
struct Type<UserChanged> {
  using E = UserChanged;
  static constexpr std::string_view name = "user.changed";
  static constexpr std::tuple fields{Field{"user", &E::user}, Field{"name", &E::name}, Field{"role", &E::role},
                                     Field{"profiles", &E::profiles}, Field{"names", &E::names}};
};
template <>
struct Type<UserDisabled> {
  using E = UserDisabled;
  static constexpr std::string_view name = "user.disabled";
  static constexpr std::tuple fields{Field{"user", &E::user}};
};
template <>
struct Type<UserEnabled> {
  using E = UserEnabled;
  static constexpr std::string_view name = "user.enabled";
  static constexpr std::tuple fields{Field{"user", &E::user}};
};
template <>
struct Type<UserPasswordSet> {
  using E = UserPasswordSet;
  static constexpr std::string_view name = "user.password_set";
  static constexpr std::tuple fields{Field{"user", &E::user}, Field{"key", &E::key}, Field{"sealed", &E::sealed, Form::base64}};
};
template <>
struct Type<RuleSet> {
  using E = RuleSet;
  static constexpr std::string_view name = "rule.set";
  static constexpr std::tuple fields{Field{"rule", &E::rule}, Field{"provider", &E::provider}, Field{"when", &E::when},
                                     Field{"role", &E::role}, Field{"profiles", &E::profiles}, Field{"names", &E::names}};
};
template <>
struct Type<RuleRemoved> {
  using E = RuleRemoved;
  static constexpr std::string_view name = "rule.removed";
  static constexpr std::tuple fields{Field{"rule", &E::rule}, Field{"provider", &E::provider}};
};
template <>
struct Type<SessionCreated> {
  using E = SessionCreated;
  static constexpr std::string_view name = "session.created";
  static constexpr std::tuple fields{Field{"session", &E::session},
                                     Field{"secret_sha256", &E::secret_sha256, Form::not_shown},
                                     Field{"user", &E::user},
                                     Field{"name", &E::name},
                                     Field{"method", &E::method},
                                     Field{"provider", &E::provider},
                                     Field{"role", &E::role},
                                     Field{"profiles", &E::profiles},
                                     Field{"names", &E::names},
                                     Field{"user_version", &E::user_version},
                                     Field{"provider_version", &E::provider_version},
                                     Field{"not_after", &E::not_after},
                                     Field{"ends", &E::ends},
                                     Field{"failures", &E::failures},
                                     Field{"banner_sha256", &E::banner_sha256}};
};
template <>
struct Type<SessionExtended> {
  using E = SessionExtended;
  static constexpr std::string_view name = "session.extended";
  static constexpr std::tuple fields{Field{"session", &E::session}, Field{"not_after", &E::not_after}};
};
template <>
struct Type<SessionEnded> {
  using E = SessionEnded;
  static constexpr std::string_view name = "session.ended";
  static constexpr std::tuple fields{Field{"session", &E::session}, Field{"why", &E::why}};
};

// MODEL-REVISION-ADDITION.
template <class Event>
constexpr std::string_view version_of() {
  if constexpr (requires { Type<Event>::version; }) {
    return Type<Event>::version;
  } else {
    return "1-0-0";
  }
}

}  // namespace quicklime::events
