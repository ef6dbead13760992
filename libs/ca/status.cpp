#include "ca/status.hpp"

#include <charconv>

namespace quicklime::ca {
namespace {

using pki::RevocationReason;

// The role refuses reasons it does not know before it writes. Should a log hold one all the same, the certificate is
// revoked all the same: no reading of a log may make a revocation disappear.
RevocationReason reason_of(const events::CertificateRevoked& event) {
  const auto reason = pki::parse_revocation_reason(event.reason);
  if (!reason || *reason == RevocationReason::certificate_hold) return RevocationReason::unspecified;
  return *reason;
}

std::optional<Status> revoked(const Status& before, const events::CertificateRevoked& event, Instant time) {
  const RevocationReason reason = reason_of(event);
  if (before.kind != Status::Kind::revoked) return Status{Status::Kind::revoked, reason, time};
  if (reason != RevocationReason::key_compromise || before.reason == reason) return std::nullopt;
  return Status{Status::Kind::revoked, reason, before.since};
}

}  // namespace

std::optional<Status> next_status(const Status& before, const events::Data& event, Instant time, bool grant_stands) {
  if (const auto* revocation = std::get_if<events::CertificateRevoked>(&event)) return revoked(before, *revocation, time);
  if (std::holds_alternative<events::CertificateHeld>(event) && before.kind == Status::Kind::good) {
    return Status{Status::Kind::held, RevocationReason::certificate_hold, time};
  }
  if (std::holds_alternative<events::CertificateReleased>(event) && before.kind == Status::Kind::held && grant_stands) return Status{};
  return std::nullopt;
}

// "good", "held <milliseconds>", "revoked <milliseconds> <reason>".
std::string encode(const Status& status) {
  const auto since = [&] { return status.since ? std::to_string(status.since->milliseconds()) : std::string("0"); };
  switch (status.kind) {
    case Status::Kind::good: return "good";
    case Status::Kind::held: return "held " + since();
    case Status::Kind::revoked: return "revoked " + since() + " " + std::to_string(static_cast<unsigned>(status.reason));
  }
  return {};
}

Result<Status> decode_status(std::string_view text) {
  const auto malformed = [] { return fail(ErrorCode::internal, "status-undecodable", "a status in the view is not one of ours"); };
  if (text == "good") return Status{};
  const auto space = text.find(' ');
  if (space == std::string_view::npos) return malformed();
  const std::string_view kind = text.substr(0, space);
  const char* const end = text.data() + text.size();
  std::int64_t since = 0;
  const auto time = std::from_chars(text.data() + space + 1, end, since);
  if (time.ec != std::errc{}) return malformed();
  if (kind == "held" && time.ptr == end) {
    return Status{Status::Kind::held, RevocationReason::certificate_hold, Instant::from_milliseconds(since)};
  }
  unsigned reason = 0;
  if (kind != "revoked" || time.ptr == end || *time.ptr != ' ') return malformed();
  const auto number = std::from_chars(time.ptr + 1, end, reason);
  if (number.ec != std::errc{} || number.ptr != end || reason > 10) return malformed();
  return Status{Status::Kind::revoked, static_cast<RevocationReason>(reason), Instant::from_milliseconds(since)};
}

}  // namespace quicklime::ca
