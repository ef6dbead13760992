#pragma once
// A signer that counts: a signature of the CA is made in one place, so it sees every one.

#include <atomic>
#include <memory>
#include <thread>

#include "crypto/signer.hpp"

namespace quicklime::test {

class CountingSigner final : public crypto::Signer {
 public:
  enum class Speed { fast, slow };
  explicit CountingSigner(crypto::PrivateKey key, Speed speed = Speed::fast) : signer_(std::move(key)), speed_(speed) {}

  crypto::SignatureAlgorithm algorithm() const override { return signer_.algorithm(); }
  const crypto::PublicKey& public_key() const override { return signer_.public_key(); }
  Result<std::string> sign(std::string_view message) const override {
    ++count_;
    last_thread_ = std::this_thread::get_id();
    if (failing) return fail(ErrorCode::unavailable, "signer-unavailable", "the signer fails in this test");
    return signer_.sign(message);
  }
  bool slow() const override { return speed_ == Speed::slow; }

  unsigned count() const { return count_; }
  std::thread::id last_thread() const { return last_thread_; }
  std::atomic<bool> failing{false};

 private:
  crypto::KeySigner signer_;
  Speed speed_;
  mutable std::atomic<unsigned> count_{0};
  mutable std::atomic<std::thread::id> last_thread_{};
};

}  // namespace quicklime::test
