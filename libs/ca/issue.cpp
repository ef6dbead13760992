#include "ca/issue.hpp"

#include <algorithm>

#include "base/crash_point.hpp"
#include "base/encoding.hpp"
#include "base/printable.hpp"
#include "ca/claims.hpp"
#include "ca/issue_implementation.hpp"
#include "ca/role_uri.hpp"
#include "crypto/hash.hpp"
#include "crypto/random.hpp"
#include "events/codec.hpp"

namespace quicklime::ca {
namespace {

// What is only recorded is still shown to people and kept for ever.
Result<void> check_label(const std::optional<std::string>& label, const char* field) {
  if (!label || (!label->empty() && label->size() <= 253 && is_printable(*label) && !shows_a_secret(*label))) return {};
  return fail(ErrorCode::invalid, "label-malformed", "service and node are 1 to 253 bytes of printable text, and no token or secret",
              field);
}

bool is_granted(const Requester& requester, const Profile& profile) {
  if (requester.is_the_ca) return true;
  if (profile.who == MayAsk::administrator && !requester.is_administrator) return false;
  const bool by_star = profile.who == MayAsk::granted || requester.is_administrator;
  const auto& granted = requester.profiles;
  return std::any_of(granted.begin(), granted.end(),
                     [&](const std::string& name) { return (name == "*" && by_star && !profile.internal()) || name == profile.name; });
}

Result<void> check_names(const Requester& requester, const NamePolicy& whole, const std::vector<pki::AlternativeName>& names,
                         bool inherited) {
  if (requester.is_the_ca) return {};  // its own names come from its own configuration
  for (const pki::AlternativeName& name : names) {
    if (is_role_uri(name)) {  // no name of the installation's: the predecessor has it, or the grant says it
      if (inherited) continue;
    } else if (auto permitted = whole.permits(name); !permitted) {
      return permitted;
    }
    if (auto permitted = requester.names.permits(name); !permitted) return permitted;
  }
  return {};
}

// Also what the process asks for itself: a name that its authority's certificate forbids is good for nobody.
Result<void> check_constraints(const AuthorityId& issuer, const std::vector<Authority>& all,
                               const std::vector<pki::AlternativeName>& names) {
  for (const auto& name : names) {
    if (auto within = require_within_constraints(issuer, all, name); !within) return within;
  }
  return {};
}

// An upper bound of the event's length with a certificate of this length inside: JSON writes a byte as six at most.
std::size_t event_size_bound(const events::CertificateIssued& issued, const std::vector<std::string>& once, std::size_t certificate) {
  constexpr std::size_t kEnvelope = 2'000;  // ids, times, hashes, keys, actor: all of bounded length
  std::size_t text = issued.service.value_or("").size() + issued.node.value_or("").size();
  for (const std::string& name : issued.names) text += name.size() + 1;
  for (const std::string& key : once) text += key.size() + 1;
  return kEnvelope + (certificate + 2) / 3 * 4 + 6 * text;
}

// What the signature covers, held by whoever signs: a thread of a pool may outlive a request that was given up.
struct Unsigned {
  std::shared_ptr<const PreparedProfile> profile;
  crypto::KeyFamily family;
  SerialNumber serial;
  pki::Name subject;
  std::vector<pki::AlternativeName> names;
  std::string spki;
  Instant not_before;
  Instant not_after;

  const pki::CertificateTemplate& certificate() const { return profile->certificates.at(static_cast<std::size_t>(family)); }
  pki::CertificateTemplate::Subject fields() const {
    return {.serial = serial, .subject = subject, .names = names, .spki = spki, .not_before = not_before, .not_after = not_after};
  }
};

// The administrator who allowed a longer life, where it is somebody whom the log can take back.
void note_allowance(const std::optional<events::Actor>& administrator, events::CertificateIssued& issued) {
  if (!administrator) return;
  using Kind = events::Actor::Kind;
  switch (administrator->kind) {
    case Kind::token: issued.allowed_by = TokenId(administrator->id); return;
    case Kind::user:
      issued.allowed_by_user = UserId(administrator->id);
      issued.allowed_by_session = SessionId(administrator->session);
      return;
    case Kind::control:
    case Kind::process:
    case Kind::certificate:  // no administrator comes by these two
    case Kind::revocation_secret: return;
  }
}

Issued answer_of(const events::CertificateIssued& issued, std::string chain, const RevocationKey& key, Position position) {
  return {.certificate = issued.certificate,
          .chain = std::move(chain),
          .serial = issued.serial,
          .names = issued.names,
          .profile = issued.profile,
          .not_before = issued.not_before,
          .not_after = issued.not_after,
          .replaces = issued.replaces,
          .renewal_challenge = issued.renewal_challenge,
          .revocation_secret = key.secret_for(issued.serial),
          .position = position};
}

// Whoever a request rests on was live when he was identified, a moment ago, and is not read again; the verdict looks at the event's offset.
std::optional<Principal> nobody(const events::Actor&) { return std::nullopt; }

Error unknown_outcome(std::string reason, std::string detail) {
  return {ErrorCode::outcome_unknown, std::move(reason), std::move(detail) + "; ask again with the same body and Idempotency-Key", "", 1};
}

}  // namespace

Issuer::Issuer(std::shared_ptr<SigningKeys> keys, RevocationKeys revocation_keys, IssuePolicy policy, eventlog::EventWriter& writer,
               eventlog::EventLog& log, views::View& view, const Clock& clock, async::Pools& pools)
    : implementation_(new Implementation{.keys = std::move(keys),
                                         .revocation_keys = std::move(revocation_keys),
                                         .policy = std::move(policy),
                                         .writer = writer,
                                         .log = log,
                                         .view = view,
                                         .clock = clock,
                                         .pools = pools}) {
  for (const Profile& profile : implementation_->policy.profiles)
    implementation_->defined.emplace(profile.name, std::make_shared<std::atomic<bool>>(false));
}

Issuer::~Issuer() = default;
const IssuePolicy& Issuer::policy() const { return implementation_->policy; }

// The first answer, given again: everything in it stands in the first event or is derived from it.
async::Task<Result<Issued>> Issuer::first_answer(std::shared_ptr<Implementation> self, std::shared_ptr<const PreparedAuthorities> known,
                                                 Claim first) {
  const auto read = co_await read_event(self->log, self->pools.log, first.offset);
  if (!read) co_return forward(read);
  const auto& [position, event] = *read;
  const auto* issued = std::get_if<events::CertificateIssued>(&event.data);
  if (!issued || event.id != first.first) {
    co_return fail(ErrorCode::internal, "log-contradiction",
                   "the log holds another event at " + position.text() + " than the view remembers");
  }
  const RevocationKey* key = self->revocation_keys.find(issued->revocation_key);
  if (key == nullptr) {
    co_return fail(ErrorCode::internal, "revocation-key-unknown",
                   "the first answer was made with revocation key " + issued->revocation_key + ", which this process does not hold");
  }
  Issued answer = answer_of(*issued, pem(chain_of(issued->authority, known->all, Root::left_out)), *key, position);
  answer.retry = true;
  co_return answer;
}

// The one order that is safe. A crash before step 6 leaves nothing behind; after it, an event that says all there is to
// know, and that a retry with the same Idempotency-Key finds.
async::Task<Result<Issued>> Issuer::issue(IssueRequest request, Requester requester) {
  const std::shared_ptr<Implementation> self = implementation_;

  // Step 1. What is asked, as the event that would say so: what it wants to be first at, and everything a verdict judges by.
  // What speaks for this CA is answered only when it was judged: was its author live at that offset (docs/adr/0003)?
  const auto profile = find_profile(self->policy.profiles, request.profile);
  const bool speaks_for_us = profile && (*profile)->internal() && !requester.is_the_ca;
  if (speaks_for_us && !request.idempotency_key) request.idempotency_key = crypto::uuid_v7(self->clock.now());
  // A revoked authority goes on certifying these: whoever asks OCSP and CRLs what became of its certificates needs their processes.
  const bool of_our_own = requester.is_the_ca || (speaks_for_us && !request.replaces);
  const std::string& spki = request.csr.public_key().spki();
  const Instant now = self->clock.now();
  eventlog::Draft draft{.actor = requester.actor,
                        .cause = request.cause,
                        .data = events::CertificateIssued{.authority = AuthorityId(""),  // chosen by what the view says
                                                          .serial = request.serial.value_or(crypto::random_serial_number()),
                                                          .certificate = {},
                                                          .profile = request.profile,
                                                          .profile_sha256 = {},
                                                          .names = {},
                                                          .not_before = now,
                                                          .not_after = now,
                                                          .key_sha256 = hex_encode(crypto::view(crypto::sha256(spki))),
                                                          .service = request.service,
                                                          .node = request.node,
                                                          .renewal_challenge = {},
                                                          .revocation_key = self->revocation_keys.current().id(),
                                                          .replaces = request.replaces,
                                                          .proof = request.proof,
                                                          .vouched_by = request.vouched_by,
                                                          .voucher = request.voucher,
                                                          .allowed_by = {}}};
  auto& issued = std::get<events::CertificateIssued>(draft.data);
  note_allowance(request.allowed_by, issued);
  draft.subject = issued.serial.hex();
  if (request.idempotency_key) {
    auto command = command_key(requester.actor, request.method, request.route, *request.idempotency_key);
    if (!command) co_return forward(command);
    draft.once.push_back(*std::move(command));
  }
  if (request.replaces) draft.once.push_back("replaces:" + request.replaces->hex());
  if (!draft.once.empty()) draft.body = request.body_sha256;
  const Judged judged(draft.actor, draft.once, draft.body, draft.data);

  // Step 2. Ask our own view what it knows already, as leader of the once keys or after the leader has ended: a known
  // command is answered at once, whatever changed since. Its answer is true however old the view is; nothing else is.
  WantedAuthority wanted{.named = request.authority,
                         .answers_for_it = profile && (*profile)->name == kOcspSigningProfile,
                         .is_ca = profile && (*profile)->is_ca};
  // A profile's own is for renewals a wish: one that was retired or compromised would end all of its certificates.
  if (!wanted.named && profile && !(*profile)->authority.empty())
    (request.replaces ? wanted.preferred : wanted.named) = AuthorityId((*profile)->authority);
  std::shared_ptr<const PreparedAuthorities> authorities;
  std::shared_ptr<const PreparedAuthority> issuing;
  std::optional<OnceKeys::Lead> lead;
  const auto give_up = [&lead](const Error& error) {
    if (lead) lead->failed(error);
    return fail(error);
  };
  for (;;) {
    if (!draft.once.empty()) {
      auto turn = self->once_keys.take(draft.once);
      if (auto* leading = std::get_if<OnceKeys::Lead>(&turn)) {
        lead.emplace(std::move(*leading));
      } else if (const auto ended = co_await std::get<async::Completion<OnceKeys::Ended>>(turn).wait()) {
        co_return fail(*ended);
      }
    }
    auto judging = judged_by(judged, &nobody);
    judging.push_back(authorities_key());
    const auto points = co_await self->view.get(std::move(judging));
    if (!points) co_return forward(points);
    auto before = before_from(judged, points->values, &nobody);
    if (!before) co_return forward(before);
    auto prepared_now = co_await prepared(self, points->values.back());
    if (!prepared_now) co_return forward(prepared_now);
    authorities = *std::move(prepared_now);
    if (before->predecessor) wanted.predecessor = before->predecessor->authority;
    const auto chosen = choose_authority(*authorities, wanted, now);
    if (chosen) issued.authority = (*chosen)->authority.id;
    if (before->predecessor)
      before->predecessor->continued = !chosen || authorities->lineage.continues(issued.authority, before->predecessor->authority);
    const Verdict known = judge_before_signing(judged, *before);
    if (const auto* retry = std::get_if<RetryOf>(&known)) co_return co_await first_answer(self, authorities, retry->first);
    const auto fresh = views::require_fresh(points->meta, self->policy.stale_limit);
    if (!fresh) co_return forward(fresh);
    draft.persist_by = std::min(requester.persist_by, *fresh);
    if (const auto* refused = std::get_if<Refused>(&known)) co_return fail(refused->error);
    if (!chosen) co_return forward(chosen);
    issuing = *chosen;
    const Authority* const revoked = revoked_of(issued.authority, authorities->all);
    if (revoked != nullptr && !of_our_own) co_return authority_revoked(*revoked);
    if (lead || draft.once.empty()) break;
  }

  // Step 3. The rules: of the role, and of the CA (profile, grant, names, lifetime).
  if (request.rules) {
    if (auto held = request.rules(); !held) co_return forward(held);
  }
  const auto found = issuing->profiles.find(request.profile);
  if (found == issuing->profiles.end()) co_return forward(find_profile(self->policy.profiles, request.profile));
  const std::shared_ptr<const PreparedProfile> prepared = found->second;
  if (!is_granted(requester, prepared->profile)) {
    co_return fail(ErrorCode::denied, "profile-not-granted", "the profile " + request.profile + " is not granted to " + requester.actor.id,
                   "/profile");
  }
  if (auto checked = check_label(request.service, "/service"); !checked) co_return forward(checked);
  if (auto checked = check_label(request.node, "/node"); !checked) co_return forward(checked);
  auto asked = check_against(prepared->profile, request.csr, request.lifetime, request.instead);
  if (!asked) co_return forward(asked);
  const bool inherited = request.replaces.has_value() && request.instead.has_value();
  if (auto permitted = check_names(requester, self->policy.names, asked->names, inherited); !permitted) co_return forward(permitted);
  if (auto within = check_constraints(issued.authority, authorities->all, asked->names); !within) co_return forward(within);
  if (now < issuing->authority.certificate.not_before()) {
    co_return fail(ErrorCode::unavailable, "clock-behind",
                   "the issuing CA begins at " + issuing->authority.certificate.not_before().rfc3339_seconds() +
                       ", and this machine's clock says " + now.rfc3339_seconds() + ": set the clock");
  }
  const Instant authority_ends = issuing->authority.certificate.not_after();
  issued.not_before = std::max((now - self->policy.backdate).whole_seconds(), issuing->authority.certificate.not_before());
  issued.not_after = (now + asked->lifetime).whole_seconds();
  if (issued.not_after > authority_ends) {
    co_return fail(ErrorCode::invalid, "authority-expires",
                   "the issuing CA itself ends at " + authority_ends.rfc3339_seconds() + "; ask for a shorter lifetime", "/lifetime");
  }

  // Step 4. Is there room for it in one event? Refused before anything is signed.
  issued.profile_sha256 = prepared->sha256;
  for (const pki::AlternativeName& name : asked->names) issued.names.push_back(name.text());
  issued.renewal_challenge = base64url_encode(crypto::random_bytes(16));
  auto to_sign = std::make_shared<const Unsigned>(Unsigned{.profile = prepared,
                                                           .family = crypto::row(request.csr.public_key().kind()).family,
                                                           .serial = issued.serial,
                                                           .subject = std::move(asked->subject),
                                                           .names = std::move(asked->names),
                                                           .spki = spki,
                                                           .not_before = issued.not_before,
                                                           .not_after = issued.not_after});
  if (event_size_bound(issued, draft.once, to_sign->certificate().size_bound(to_sign->fields())) > events::kMaximumEventBytes) {
    co_return fail(ErrorCode::too_large, "certificate-too-large", "the certificate would not fit into one event: ask for fewer names",
                   "csr.subjectAltName");
  }

  if (!prepared->defined->load(std::memory_order_acquire)) {
    if (auto defined = co_await define(self, prepared, request.cause, draft.persist_by); !defined) co_return forward(defined);
  }

  // Step 5. Sign, in memory, what the rules of RFC 5280 and of the profile hold for. A crash leaves nothing: a signature that nobody has
  // seen is none.
  const auto sign = [to_sign, signer = issuing->signer, backdate = self->policy.backdate,
                     above = issuing->authority.certificate.path_length()] {
    return to_sign->certificate().sign(to_sign->fields(), *signer, [&](const pki::Linted& linted) -> Result<void> {
      if (linted.is_ca && above && (*above == 0 || linted.path_length.value_or(*above) >= *above)) {
        return pki::lint_failed("rfc5280-4.2.1.9", "the path length of the authority above leaves no room for it");
      }
      return lint_against(to_sign->profile->profile, linted, backdate);
    });
  };
  Result<std::string> certificate;
  if (issuing->signer->slow()) {
    certificate = co_await self->pools.signatures.run(sign);
  } else {
    certificate = sign();
  }
  if (!certificate) co_return forward(certificate);
  issued.certificate = *std::move(certificate);
  QUICKLIME_CRASH_POINT("issue.signed");

  // Step 6. Append. Persisted, not persisted, or unknown; a crash from here on leaves the event, if it landed, and nobody
  // who has the certificate: it stands in the inventory, and is the answer to a retry.
  const auto appended = co_await self->writer.append(draft);
  if (!appended) {
    if (appended.error().code != ErrorCode::outcome_unknown) co_return give_up(appended.error());
    co_return give_up(unknown_outcome("outcome-unknown", "the certificate may have been issued: the log did not say"));
  }
  QUICKLIME_CRASH_POINT("issue.appended");
  Issued answer = answer_of(issued, issuing->chain, self->revocation_keys.current(), appended->position);
  if (draft.once.empty()) co_return answer;

  // Step 7. Something had to be first: wait until our own view has judged the event. Nothing is answered before.
  if (const auto reached = co_await self->view.reached(appended->position, self->policy.verdict_wait); !reached) {
    co_return give_up(unknown_outcome("view-behind", "the certificate is issued, and not judged yet: " + reached.error().detail));
  }
  std::vector<views::PointKey> own_record(1, certificate_key(issued.serial));
  const auto own = co_await self->view.get(std::move(own_record));
  if (!own) co_return give_up(own.error());
  const auto& value = own->values.front();
  if (!value) co_return give_up(unknown_outcome("view-behind", "the certificate is issued, and the view does not show it"));
  const auto record = decode_certificate_record(*value);
  if (!record) co_return forward(record);
  QUICKLIME_CRASH_POINT("issue.judged");

  // Step 8. Answer as it was judged. What does not stand is not answered, ever: the sweep revokes it.
  if (record->standing == "stands") co_return answer;
  if (record->standing == "retry_of" && record->lost_to) co_return co_await first_answer(self, authorities, *record->lost_to);
  co_return fail(refusal(record->standing));
}

}  // namespace quicklime::ca
