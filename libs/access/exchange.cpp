#include "access/exchange.hpp"

#include "base/encoding.hpp"
#include "ca/authority.hpp"
#include "ca/decisions.hpp"
#include "ca/role_uri.hpp"
#include "pki/certificate.hpp"

namespace quicklime::access {
namespace {

constexpr auto kKept = std::chrono::minutes(5);
constexpr std::size_t kMostKept = 1'000;
constexpr Milliseconds kSessionVisibleWithin{2'000};

// Of what was shown, without keeping it. nullopt: nothing that is exchanged.
std::optional<crypto::Sha256Digest> hash_of_shown(const Credentials& credentials) {
  if (credentials.password)
    return crypto::sha256_of_parts({"password", credentials.password->user, credentials.password->password.reveal()});
  if (credentials.bearer && credentials.bearer->reveal().starts_with("eyJ"))
    return crypto::sha256_of_parts({"assertion", credentials.bearer->reveal()});
  if (credentials.bearer || !credentials.client_certificate || credentials.client_certificate->size() > ca::kLargestPeer)
    return std::nullopt;
  const auto certificate = pki::Certificate::parse(*credentials.client_certificate);
  if (!certificate || ca::role_of(*certificate)) return std::nullopt;  // a process of the CA is no person
  return crypto::sha256_of_parts({"certificate", *credentials.client_certificate});
}

Exchanged copy_of(const Exchanged& exchanged) { return {Secret::copy_of(exchanged.session.reveal()), exchanged.position}; }

// A certificate proves each time: its key was not reported as compromised since, and no authority above it is revoked. (Its own revocation
// ends its sessions, access/session.hpp.)
async::Task<Result<bool>> still_proves(views::View& view, std::string der) {
  const auto certificate = pki::Certificate::parse(der);
  if (!certificate) co_return false;
  std::vector<views::PointKey> keys;
  keys.push_back(ca::authorities_key());
  keys.push_back(ca::blocked_key_key(hex_encode(crypto::view(crypto::sha256(certificate->spki())))));
  const auto points = co_await view.get(std::move(keys));
  if (!points) co_return forward(points);
  const auto authorities = ca::decode_authorities(points->values[0]);
  if (!authorities) co_return forward(authorities);
  for (const auto& authority : *authorities) {
    if (authority.certificate.subject_key_identifier() == certificate->authority_key_identifier())
      co_return !points->values[1] && ca::revoked_of(authority.id, *authorities) == nullptr;
  }
  co_return false;
}

class ExchangeAuthenticator final : public Authenticator {
 public:
  ExchangeAuthenticator(std::shared_ptr<Exchanges> exchanges, views::View& view, std::unique_ptr<Authenticator> sessions)
      : exchanges_(std::move(exchanges)), view_(view), sessions_(std::move(sessions)) {}

  async::Task<std::optional<Recognised>> recognise(const Credentials& credentials) override {
    const auto key = exchanges_->key_of(credentials);
    if (!key) co_return std::nullopt;
    if (!credentials.password && !credentials.bearer) {
      const auto proves = co_await still_proves(view_, *credentials.client_certificate);
      if (!proves) co_return Recognised{forward(proves)};
      if (!*proves) co_return std::nullopt;
    }
    if (auto kept = exchanges_->kept(*key)) {
      auto recognised = co_await as_session(*std::move(kept));
      const bool over = !recognised.identity && recognised.identity.error().code == ErrorCode::unauthenticated;
      if (!over) co_return recognised;
      exchanges_->forget(*key);
    }
    auto exchanged = co_await exchanges_->exchange(*key, credentials);
    if (!exchanged) co_return std::nullopt;
    if (!*exchanged) co_return Recognised{forward(*exchanged)};
    co_return co_await as_session(**std::move(exchanged));
  }

 private:
  async::Task<Recognised> as_session(Exchanged exchanged) {
    if (auto reached = co_await view_.reached(exchanged.position, kSessionVisibleWithin); !reached) co_return Recognised{forward(reached)};
    Credentials session;
    session.bearer = std::move(exchanged.session);
    auto recognised = co_await sessions_->recognise(session);
    co_return *std::move(recognised);
  }

  std::shared_ptr<Exchanges> exchanges_;
  views::View& view_;
  std::unique_ptr<Authenticator> sessions_;
};

}  // namespace

bool is_nobody(const Result<Exchanged>& by_certificate) {
  return !by_certificate && (by_certificate.error().code == ErrorCode::denied || by_certificate.error().code == ErrorCode::unauthenticated);
}

void Exchanges::set(std::shared_ptr<Exchange> exchange) {
  const std::lock_guard lock(mutex_);
  exchange_ = std::move(exchange);
}

std::shared_ptr<Exchange> Exchanges::whom_to_ask() {
  const std::lock_guard lock(mutex_);
  return exchange_;
}

std::optional<crypto::Sha256Digest> Exchanges::key_of(const Credentials& credentials) const {
  const auto hash = hash_of_shown(credentials);
  if (!hash) return std::nullopt;
  return crypto::hmac_sha256(key_, crypto::view(*hash));
}

std::optional<Exchanged> Exchanges::kept(const crypto::Sha256Digest& key) {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(key);
  if (found == kept_.end()) return std::nullopt;
  if (found->second.until >= std::chrono::steady_clock::now()) return copy_of(found->second.exchanged);
  kept_.erase(found);
  return std::nullopt;
}

void Exchanges::forget(const crypto::Sha256Digest& key) {
  const std::lock_guard lock(mutex_);
  kept_.erase(key);
}

async::Task<std::optional<Result<Exchanged>>> Exchanges::exchange(crypto::Sha256Digest key, const Credentials& credentials) {
  const auto exchange = whom_to_ask();
  if (!exchange) co_return std::nullopt;
  auto exchanged = co_await exchange->exchange(credentials);
  if (!exchanged || !*exchanged) co_return exchanged;
  const std::lock_guard lock(mutex_);
  if (kept_.size() >= kMostKept) kept_.clear();
  kept_.insert_or_assign(key, Kept{copy_of(**exchanged), std::chrono::steady_clock::now() + kKept});
  co_return exchanged;
}

async::Task<Result<bool>> Exchanges::is_by_auth_key(const SignedRequest& request) {
  const auto exchange = whom_to_ask();
  if (!exchange) {
    co_return fail(ErrorCode::not_found, "auth-keys-elsewhere",
                   "auth keys are checked by quicklime-identity, and this process was not told where that is (identity.url): ask with a "
                   "token (`Authorization: Bearer qlk_...`) at /api/v1/cfssl/sign");
  }
  co_return co_await exchange->is_by_auth_key(request);
}

std::unique_ptr<Authenticator> exchange_authenticator(std::shared_ptr<Exchanges> exchanges, views::View& view,
                                                      std::unique_ptr<Authenticator> sessions) {
  return std::make_unique<ExchangeAuthenticator>(std::move(exchanges), view, std::move(sessions));
}

}  // namespace quicklime::access
