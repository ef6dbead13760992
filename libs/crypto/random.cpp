#include "crypto/random.hpp"

#include <openssl/rand.h>
#include <pthread.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>

#include "base/encoding.hpp"

namespace quicklime::crypto {
namespace {

void draw(char* bytes, std::size_t count) {
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes), static_cast<int>(count)) != 1) std::abort();
}

// A forked child must not hand out what its parent holds in its pool.
std::atomic<unsigned> forks{0};
[[maybe_unused]] const int watches_forks = pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });

class Pool {
 public:
  void take(char* out, std::size_t count) {
    const unsigned now = forks.load(std::memory_order_relaxed);
    if (count > bytes_.size() - used_ || now != forks_) {
      draw(bytes_.data(), bytes_.size());
      used_ = 0;
      forks_ = now;
    }
    std::memcpy(out, bytes_.data() + used_, count);
    explicit_bzero(bytes_.data() + used_, count);  // what was handed out is nowhere else
    used_ += count;
  }
  static constexpr std::size_t kSize = 8192;

 private:
  std::array<char, kSize> bytes_{};
  std::size_t used_ = kSize;
  unsigned forks_ = 0;
};
thread_local Pool pool;

}  // namespace

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (count <= Pool::kSize / 8) {
    pool.take(bytes.data(), count);
  } else {
    draw(bytes.data(), count);
  }
  return bytes;
}

Secret random_secret(std::size_t count) {
  std::string bytes(count, '\0');
  // OpenSSL's generator for secrets, and past the pool: no copy waits in memory for its turn.
  if (RAND_priv_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) std::abort();
  return Secret(std::move(bytes));
}

SerialNumber random_serial_number() {
  std::array<char, 16> octets{};
  pool.take(octets.data(), octets.size());
  // 01 as the top bits: positive without a sign octet, and always 16 octets. 126 bits are random.
  octets[0] = static_cast<char>((static_cast<unsigned char>(octets[0]) & 0x3FU) | 0x40U);
  return SerialNumber::from_octets({octets.data(), octets.size()}).value();
}

std::string uuid_v7(Instant now) {
  std::array<char, 16> octets{};
  pool.take(octets.data(), octets.size());
  const auto milliseconds = static_cast<std::uint64_t>(now.milliseconds());
  for (std::size_t i = 0; i < 6; ++i) octets[i] = static_cast<char>(milliseconds >> (40U - 8U * i));
  octets[6] = static_cast<char>((static_cast<unsigned char>(octets[6]) & 0x0FU) | 0x70U);  // version
  octets[8] = static_cast<char>((static_cast<unsigned char>(octets[8]) & 0x3FU) | 0x80U);  // variant
  std::string text = hex_encode({octets.data(), octets.size()});
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) text.insert(dash, 1, '-');
  return text;
}

}  // namespace quicklime::crypto
