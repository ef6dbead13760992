#include "runtime/peers.hpp"

#include <algorithm>

#include "api/requests.hpp"
#include "base/file.hpp"
#include "base/toml.hpp"
#include "ca/role_uri.hpp"
#include "pki/chain.hpp"
#include "runtime/certificate_standing.hpp"

namespace quicklime::runtime {
namespace {

constexpr std::size_t kMaximumKnown = 1'000;
constexpr std::chrono::seconds kAskedAgain{1};

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "nobody" : text;
}

}  // namespace

Result<std::vector<std::string>> load_peers(const std::filesystem::path& file, const std::string& role,
                                            const std::vector<std::string>& by_default) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return by_default;
  const auto content = read_file(file);
  if (!content) return forward(content);
  const auto values = parse_toml(*content, file.string());
  if (!values) return forward(values);
  for (const auto& [key, value] : *values) {
    if (key.ends_with(".accepts") && std::holds_alternative<std::vector<std::string>>(value.value)) continue;
    return fail(
        ErrorCode::invalid, "setting-unknown",
        file.string() + ", line " + std::to_string(value.line) + ": only <role>.accepts, a list of names, may stand here, not " + key);
  }
  const auto found = values->find(role + ".accepts");
  if (found == values->end()) {
    return fail(ErrorCode::invalid, "setting-invalid",
                file.string() + " does not say whom " + role + " accepts; add [" + role + "] accepts = [\"gateway\"]");
  }
  return std::get<std::vector<std::string>>(found->second.value);
}

Peers::Peers(std::vector<std::string> accepts, ca::Authorities& authorities, const Clock& clock, views::View& view,
             CertificateStatus status, views::Complete complete, OfRevokedAuthority of_revoked_authority)
    : accepts_(std::move(accepts)),
      authorities_(authorities),
      clock_(clock),
      view_(view),
      status_(status),
      complete_(complete),
      of_revoked_authority_(of_revoked_authority) {}

async::Task<Result<void>> Peers::admit(const http::Request& request, access::Denials* denials) const {
  std::optional<events::Actor> somebody;
  auto admitted = co_await judge(request, somebody);
  if (!admitted && denials != nullptr && somebody && api::is_recorded(admitted.error(), request.method)) {
    eventlog::Cause cause{request.id, std::nullopt, request.traceparent};
    auto refusal = api::refusal_of(request, admitted.error());
    co_await denials->record(*std::move(somebody), std::move(cause), std::move(refusal));
  }
  co_return admitted;
}

async::Task<Result<void>> Peers::judge(const http::Request& request, std::optional<events::Actor>& somebody) const {
  if (!request.peer.certificate) co_return fail(ErrorCode::denied, "peer-unknown", "a client certificate of this CA is needed here");
  const std::string& certificate = *request.peer.certificate;
  std::optional<Known> peer;
  bool ask = true;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = known_.find(certificate); found != known_.end()) {
      const auto now = std::chrono::steady_clock::now();
      ask = !found->second.seen || now - found->second.asked >= kAskedAgain;
      if (ask) found->second.asked = now;  // by this request: others go on with what was said
      peer = found->second;
    }
  }
  if (!peer || peer->not_after < clock_.now()) {
    auto verified = co_await verify(certificate);
    if (!verified) co_return forward(verified);
    peer = *std::move(verified);
    ask = true;
  }
  somebody = events::Actor{events::Actor::Kind::certificate, peer->serial.hex()};
  if (ask) {
    std::vector<views::PointKey> keys = peer->standing;
    keys.push_back(ca::authorities_key());
    auto points = co_await view_.get(std::move(keys), complete_);
    if (!points && !peer->seen) co_return forward(points);
    if (points) {
      const auto authorities = std::move(points->values.back());
      points->values.pop_back();
      const auto good = stands(status_, points->values);
      if (!good) co_return forward(good);
      peer->seen = true;
      peer->good = *good;
      peer->authority_good = ca::require_not_revoked(authorities, peer->authority);
    }
    const std::lock_guard lock(mutex_);
    if (known_.size() >= kMaximumKnown) known_.clear();
    peer->asked = std::chrono::steady_clock::now();
    known_.insert_or_assign(certificate, *peer);
  }
  if (!peer->good)
    co_return fail(ErrorCode::denied, "peer-revoked",
                   "the certificate of " + peer->role + " was revoked or is on hold, or its key was reported as compromised");
  if (of_revoked_authority_ == OfRevokedAuthority::refused && !peer->authority_good) co_return peer->authority_good;
  if (std::find(accepts_.begin(), accepts_.end(), peer->role) != accepts_.end()) co_return Result<void>();
  co_return fail(
      ErrorCode::denied, "peer-not-accepted",
      "the peer " + peer->role + " may not call this daemon, which accepts " + joined(accepts_) + "; its peers.toml may list others");
}

async::Task<Result<Peers::Known>> Peers::verify(const std::string& certificate) const {
  const auto known = authorities_.now();
  auto verified = verify_by(*known, certificate);
  if (verified) co_return verified;
  // An authority may have been added a moment ago.
  const auto now = co_await authorities_.read(view_, complete_);
  if (!now || *now == known) co_return verified;
  co_return verify_by(**now, certificate);
}

Result<Peers::Known> Peers::verify_by(const std::vector<ca::Authority>& authorities, const std::string& certificate) const {
  if (certificate.size() > ca::kLargestPeer) return fail(ErrorCode::denied, "peer-unknown", "no peer has so large a certificate");
  const auto parsed = pki::Certificate::parse(certificate);
  if (!parsed) return fail(ErrorCode::denied, "peer-unknown", "the client certificate cannot be read: " + parsed.error().detail);
  std::vector<pki::Certificate> intermediates, roots;
  for (const auto& authority : authorities) (authority.parent ? intermediates : roots).push_back(authority.certificate);
  if (auto holds = pki::verify_chain(*parsed, intermediates, roots, clock_.now()); !holds) {
    return fail(ErrorCode::denied, "peer-unknown", "the client certificate is not good for this CA: " + holds.error().detail);
  }
  auto role = ca::role_of(*parsed);
  if (!role)
    return fail(ErrorCode::denied, "peer-unknown", "the client certificate is of no role: it names no quicklime:role/... for TLS clients");
  const ca::Authority* const issuer = issuer_of(*parsed, authorities);
  if (issuer == nullptr) return fail(ErrorCode::denied, "peer-unknown", "the client certificate names no authority of this CA");
  return Known{*std::move(role), parsed->serial(), issuer->id, standing_points(status_, issuer->id, *parsed), parsed->not_after()};
}

}  // namespace quicklime::runtime
