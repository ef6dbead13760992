#pragma once
// The signing keys of authorities, wherever they are: which of them this process can sign with now.

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ca/authority.hpp"
#include "crypto/signer.hpp"

namespace quicklime::ca {

// Where the key of an authority may be. A file is one (installation::KeyFiles); whatever else signs is another one of these.
class KeySource {
 public:
  virtual ~KeySource() = default;
  // Null: this source has none for it. Asked again and again, so what has not changed is to cost next to nothing, and is to be the same
  // signer. Blocks. One thread at a time.
  virtual Result<std::shared_ptr<const crypto::Signer>> signer_of(const Authority& authority) = 0;
};

// Any thread.
class SigningKeys {
 public:
  using Signers = std::map<AuthorityId, std::shared_ptr<const crypto::Signer>>;
  // The first source that has an authority's key is its source.
  explicit SigningKeys(std::vector<std::unique_ptr<KeySource>> sources);
  // These and no others, whatever is refreshed.
  static std::shared_ptr<SigningKeys> fixed(Signers signers);

  // Asks the sources for the key of each of them. An authority that cannot be asked about keeps the signer that it had, and the others
  // are looked at all the same; the first error comes back, and each is logged when it changes. "key-file-wrong": a key that is not that of
  // the authority's certificate. Blocks.
  Result<void> refresh(const std::vector<Authority>& authorities);
  // Null: its key is not here.
  std::shared_ptr<const crypto::Signer> of(const AuthorityId& authority) const;
  // Another number whenever any of them has changed.
  std::uint64_t generation() const { return generation_; }

 private:
  Result<std::shared_ptr<const crypto::Signer>> ask(const Authority& authority);
  void note(const Authority& authority, const Result<std::shared_ptr<const crypto::Signer>>& found);

  std::mutex refreshing_;  // the sources
  std::vector<std::unique_ptr<KeySource>> sources_;
  std::map<AuthorityId, std::string> faults_;  // as they were logged
  mutable std::mutex mutex_;
  Signers signers_;
  std::atomic<std::uint64_t> generation_{0};
};

}  // namespace quicklime::ca
