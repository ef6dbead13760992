#include "ca/verdict.hpp"

#include <array>

namespace quicklime::ca {
namespace {

struct Reason {
  std::string_view name;
  ErrorCode code;
  const char* detail;
  const char* field;
};

constexpr std::array kReasons{
    Reason{"idempotency-conflict", ErrorCode::unprocessable,
           "this Idempotency-Key was used before with another request; use a new key for a new request", "Idempotency-Key"},
    Reason{"token-revoked", ErrorCode::denied, "the token was revoked before this request was written down; ask for a new token", ""},
    Reason{"session-ended", ErrorCode::denied,
           "the session had ended, or its person was changed or disabled, before this request was written down; sign in again", ""},
    Reason{"author-revoked", ErrorCode::denied,
           "the certificate that asked was revoked, or its key reported as compromised, before this request was written down; ask with a "
           "bootstrap token",
           ""},
    Reason{"voucher-revoked", ErrorCode::denied,
           "the gateway that saw the client certificate was revoked before this request was written down; ask through another one", ""},
    Reason{"key-blocked", ErrorCode::denied, "this key was reported as compromised and gets no certificate; make a new key",
           "csr.subjectPublicKeyInfo"},
    Reason{"predecessor-unknown", ErrorCode::conflict, "the certificate to renew was not issued here", "/replaces"},
    Reason{"predecessor-not-standing", ErrorCode::conflict, "the certificate to renew lost a race and was never valid to renew",
           "/replaces"},
    Reason{"predecessor-of-another-authority", ErrorCode::conflict,
           "no authority that goes on with what the one of this certificate has issued may renew it; ask for a new certificate instead",
           "/replaces"},
    Reason{"predecessor-revoked", ErrorCode::conflict, "the certificate to renew is revoked or on hold; ask for a new certificate instead",
           "/replaces"},
    Reason{"predecessor-key-blocked", ErrorCode::denied,
           "the key of the certificate to renew was reported as compromised and proves nothing any more; ask for a new certificate",
           "/replaces"},
    Reason{"predecessor-expired", ErrorCode::conflict, "the certificate to renew expired too long ago; ask for a new certificate instead",
           "/replaces"},
    Reason{"already-renewed", ErrorCode::conflict, "the certificate was already renewed; renew its successor", "/replaces"},
    Reason{"already-used", ErrorCode::conflict, "this can be used once, and was used before", ""},
};

// The claim as it counts against this event: not the event's own. Rules 1 forgot a command at the time of an event behind the end
// of its certificate, which one wrong clock can bring about; since then it counts until the view lets it go.
const Claim* claim_against(const Judged& judged, const Before& before, std::size_t index) {
  if (index >= before.claims.size() || !before.claims[index]) return nullptr;
  const Claim& claim = *before.claims[index];
  if (!judged.written) return &claim;
  const events::Event& event = *judged.written;
  const bool forgotten = event.rules == 1 && event.once[index].starts_with("command:") && claim.not_after < event.time;
  return claim.first == event.id || forgotten ? nullptr : &claim;
}

Verdict refuse(std::string_view reason, std::optional<Claim> lost_to = {}) { return Refused{refusal(reason), std::move(lost_to)}; }

// A retry is a retry, whatever changed since.
std::optional<Verdict> judge_commands(const Judged& judged, const Before& before) {
  for (std::size_t i = 0; i < judged.once.size(); ++i) {
    const Claim* claim = judged.once[i].starts_with("command:") ? claim_against(judged, before, i) : nullptr;
    if (!claim) continue;
    if (claim->body == judged.body) return RetryOf{*claim};
    return refuse("idempotency-conflict", *claim);
  }
  return std::nullopt;
}

std::optional<Verdict> judge_other_claims(const Judged& judged, const Before& before) {
  for (std::size_t i = 0; i < judged.once.size(); ++i) {
    const Claim* claim = claim_against(judged, before, i);
    if (!claim) continue;
    if (claim->body == judged.body) return RetryOf{*claim};
    return refuse(judged.once[i].starts_with("replaces:") ? "already-renewed" : "already-used", *claim);
  }
  return std::nullopt;
}

std::optional<std::string_view> refuses_author(const std::optional<Before::Author>& author, unsigned rules) {
  if (!author) return std::nullopt;
  const bool live = author->live || rules < author->since;
  const bool key_blocked = author->key_blocked && rules >= 3;
  return live && !key_blocked ? std::nullopt : std::optional(author->refusal);
}

std::optional<std::string_view> refuses_predecessor(const events::CertificateIssued& issued,
                                                    const std::optional<Before::Predecessor>& predecessor, unsigned rules) {
  if (!predecessor) return "predecessor-unknown";
  if (!predecessor->stands) return "predecessor-not-standing";
  if (predecessor->authority != issued.authority && !(rules >= 4 && predecessor->continued)) return "predecessor-of-another-authority";
  if (predecessor->revoked_or_held) return "predecessor-revoked";
  if (rules >= 2 && predecessor->key_blocked) return "predecessor-key-blocked";
  return std::nullopt;
}

}  // namespace

Error refusal(std::string_view reason) {
  for (const Reason& known : kReasons) {
    if (known.name == reason) return Error{known.code, std::string(reason), known.detail, known.field};
  }
  return Error{ErrorCode::internal, "refusal-unknown", "the view holds a refusal that this version does not know: " + std::string(reason)};
}

Verdict judge(const Judged& judged, const Before& before) {
  if (judged.once.empty()) return Stands{};
  return judge_before_signing(judged, before);
}

Verdict judge_claims(const Judged& judged, const Before& before) {
  if (auto known = judge_commands(judged, before)) return *std::move(known);
  if (auto used = judge_other_claims(judged, before)) return *std::move(used);
  return Stands{};
}

Verdict judge_before_signing(const Judged& judged, const Before& before) {
  const auto* issued = std::get_if<events::CertificateIssued>(&judged.data);
  if (!issued) return judge_claims(judged, before);

  if (auto known = judge_commands(judged, before)) return *std::move(known);
  if (const auto reason = refuses_author(before.author, judged.rules)) return refuse(*reason);
  if (judged.rules >= 3 && !before.allowed_by_live) return refuse(issued->allowed_by_user ? "session-ended" : "token-revoked");
  if (judged.rules >= 3 && !before.voucher_stands) return refuse("voucher-revoked");
  if (before.key_blocked) return refuse("key-blocked");
  if (auto used = judge_other_claims(judged, before)) return *std::move(used);
  if (issued->replaces) {
    if (const auto reason = refuses_predecessor(*issued, before.predecessor, judged.rules)) return refuse(*reason);
  }
  return Stands{};
}

}  // namespace quicklime::ca
