#include "access/exchange.hpp"

#include <chrono>
#include <map>
#include <mutex>

#include "ca/role_uri.hpp"
#include "crypto/hash.hpp"
#include "crypto/random.hpp"
#include "pki/certificate.hpp"

namespace quicklime::access {
namespace {

constexpr auto kKept = std::chrono::minutes(5);
constexpr std::size_t kMostKept = 1'000;
constexpr Milliseconds kSessionVisibleWithin{2'000};

// What was shown, without keeping it. nullopt: nothing that is exchanged.
std::optional<std::string> shown(const Credentials& credentials) {
  if (credentials.password) return "password\n" + credentials.password->user + "\n" + std::string(credentials.password->password.reveal());
  if (credentials.bearer && credentials.bearer->reveal().starts_with("eyJ"))
    return "assertion\n" + std::string(credentials.bearer->reveal());
  if (credentials.bearer || !credentials.client_certificate || credentials.client_certificate->size() > ca::kLargestPeer)
    return std::nullopt;
  const auto certificate = pki::Certificate::parse(*credentials.client_certificate);
  if (!certificate || ca::role_of(*certificate)) return std::nullopt;  // a process of the CA is no person
  return "certificate\n" + *credentials.client_certificate;
}

class ExchangeAuthenticator final : public Authenticator {
 public:
  ExchangeAuthenticator(std::shared_ptr<Exchange> exchange, views::View& view, std::unique_ptr<Authenticator> sessions)
      : exchange_(std::move(exchange)), view_(view), sessions_(std::move(sessions)) {}

  async::Task<std::optional<Recognised>> recognise(const Credentials& credentials) override {
    auto text = shown(credentials);
    if (!text) co_return std::nullopt;
    const crypto::Sha256Digest key = crypto::hmac_sha256(key_, *text);
    wipe(*text);
    if (auto kept = find(key)) {
      Credentials session;
      session.bearer = std::move(kept);
      auto recognised = co_await sessions_->recognise(session);
      const bool over = recognised && !recognised->identity && recognised->identity.error().code == ErrorCode::unauthenticated;
      if (!over) co_return recognised;
      forget(key);
    }
    auto exchanged = co_await exchange_->exchange(credentials);
    if (!exchanged) co_return std::nullopt;
    if (!*exchanged) co_return Recognised{forward(*exchanged)};
    Exchanged& made = **exchanged;
    if (auto reached = co_await view_.reached(made.position, kSessionVisibleWithin); !reached) co_return Recognised{forward(reached)};
    keep(key, made.session);
    Credentials session;
    session.bearer = std::move(made.session);
    co_return co_await sessions_->recognise(session);
  }

 private:
  struct Kept {
    Secret session;
    std::chrono::steady_clock::time_point until;
  };

  std::optional<Secret> find(const crypto::Sha256Digest& key) {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(key);
    if (found == kept_.end()) return std::nullopt;
    if (found->second.until < std::chrono::steady_clock::now()) {
      kept_.erase(found);
      return std::nullopt;
    }
    return Secret::copy_of(found->second.session.reveal());
  }
  void forget(const crypto::Sha256Digest& key) {
    const std::lock_guard lock(mutex_);
    kept_.erase(key);
  }
  void keep(const crypto::Sha256Digest& key, const Secret& session) {
    const std::lock_guard lock(mutex_);
    if (kept_.size() >= kMostKept) kept_.clear();
    kept_.insert_or_assign(key, Kept{Secret::copy_of(session.reveal()), std::chrono::steady_clock::now() + kKept});
  }

  std::shared_ptr<Exchange> exchange_;
  views::View& view_;
  std::unique_ptr<Authenticator> sessions_;
  const Secret key_ = crypto::random_secret(32);
  std::mutex mutex_;
  std::map<crypto::Sha256Digest, Kept> kept_;
};

}  // namespace

std::unique_ptr<Authenticator> exchange_authenticator(std::shared_ptr<Exchange> exchange, views::View& view,
                                                      std::unique_ptr<Authenticator> sessions) {
  return std::make_unique<ExchangeAuthenticator>(std::move(exchange), view, std::move(sessions));
}

}  // namespace quicklime::access
