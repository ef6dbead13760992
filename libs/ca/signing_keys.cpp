#include "ca/signing_keys.hpp"

#include "base/logging.hpp"

namespace quicklime::ca {

SigningKeys::SigningKeys(std::vector<std::unique_ptr<KeySource>> sources) : sources_(std::move(sources)) {}

std::shared_ptr<SigningKeys> SigningKeys::fixed(Signers signers) {
  class Fixed final : public KeySource {
   public:
    explicit Fixed(Signers signers) : signers_(std::move(signers)) {}
    Result<std::shared_ptr<const crypto::Signer>> signer_of(const Authority& authority) override {
      const auto found = signers_.find(authority.id);
      return found == signers_.end() ? nullptr : found->second;
    }

   private:
    Signers signers_;
  };
  std::vector<std::unique_ptr<KeySource>> sources;
  sources.push_back(std::make_unique<Fixed>(signers));
  auto keys = std::make_shared<SigningKeys>(std::move(sources));
  keys->signers_ = std::move(signers);
  return keys;
}

std::shared_ptr<const crypto::Signer> SigningKeys::of(const AuthorityId& authority) const {
  const std::lock_guard lock(mutex_);
  const auto found = signers_.find(authority);
  return found == signers_.end() ? nullptr : found->second;
}

Result<std::shared_ptr<const crypto::Signer>> SigningKeys::ask(const Authority& authority) {
  for (const auto& source : sources_) {
    auto signer = source->signer_of(authority);
    if (!signer || !*signer) {
      if (!signer) return signer;
      continue;
    }
    if ((*signer)->public_key().spki() == authority.certificate.spki()) return signer;
    return fail(
        ErrorCode::conflict, "key-file-wrong",
        "what is kept as the key of " + authority.id.text() + " is not the key of its certificate in the log; put the right one there");
  }
  return nullptr;
}

void SigningKeys::note(const Authority& authority, const Result<std::shared_ptr<const crypto::Signer>>& found) {
  const std::string fault = found ? "" : found.error().detail;
  auto& known = faults_[authority.id];
  if (fault == known) return;
  known = fault;
  if (!fault.empty()) log::error("the key of an authority cannot be used", {{"authority", authority.id.text()}, {"detail", fault}});
}

Result<void> SigningKeys::refresh(const std::vector<Authority>& authorities) {
  const std::lock_guard refreshing(refreshing_);
  Result<void> outcome;
  for (const Authority& authority : authorities) {
    auto found = ask(authority);
    note(authority, found);
    if (!found) {
      if (outcome) outcome = forward(found);
      continue;
    }
    const auto had = of(authority.id);
    if (had == *found) continue;
    log::info(*found ? "the key of an authority is here" : "the key of an authority is not here any more",
              {{"authority", authority.id.text()}});
    const std::lock_guard lock(mutex_);
    if (*found) {
      signers_[authority.id] = *std::move(found);
    } else {
      signers_.erase(authority.id);
    }
    ++generation_;
  }
  return outcome;
}

}  // namespace quicklime::ca
