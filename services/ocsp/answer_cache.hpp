#pragma once
// Signed answers, kept until what they say changes.

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/instant.hpp"
#include "base/position.hpp"
#include "pki/ocsp.hpp"
#include "views/view_store.hpp"

namespace quicklime::ocsp {

// One signed answer about one CertID, without nonce.
struct Answer {
  std::string cert_id;  // byte for byte as asked: another encoding or hash of the same serial is another answer
  std::string der;
  std::string etag;
  std::string last_modified;
  std::string expires;
  Instant made_at;     // given again from then on: a clock that was set back finds it too new
  Instant refresh_at;  // half of what was left of its life then
  std::shared_ptr<const pki::OcspResponder> signer;
  std::string record{};  // the status in the view that it vouches for
  // What it says was in the view that held all of the log then, by this process's clock, in milliseconds: noted again each time the
  // record is read and is the same. For when the view cannot be read.
  std::shared_ptr<std::atomic<std::int64_t>> known_as_of{};
};

// Bounded by certificates: at most `certificates` of them, each with the few forms of its CertID. A hit is one hash
// look-up under the lock of one of 64 shards. Any thread.
// An answer about a key (ocsp/view.hpp) never survives the key's change: drop removes it, and store refuses an answer
// that was read from the view before the last drop in the key's shard, however late it comes.
class AnswerCache {
 public:
  explicit AnswerCache(std::size_t certificates);

  std::shared_ptr<const Answer> find(std::string_view key, std::string_view cert_id);
  // read_at: the position of the view that the answer was made from.
  void store(const std::string& key, Position read_at, std::shared_ptr<const Answer> answer);
  // Everything about the status keys among these changes, which the view shows since `position`.
  void drop(const views::Changes& changes, Position position);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  // The CertIDs of one serial: two hashes, each with and without NULL parameters.
  using Forms = std::vector<std::shared_ptr<const Answer>>;
  using Generation = std::unordered_map<std::string, Forms, Hash, std::equal_to<>>;
  // Least recently used in two steps: what was not asked for while `young` filled up goes with `old`.
  struct alignas(64) Shard {
    std::mutex mutex;
    Generation young, old;
    Position dropped_at{};
  };
  Shard& shard_of(std::string_view key) { return shards_[(Hash{}(key) >> 7U) % shards_.size()]; }
  void make_room(Shard& shard) const;

  static constexpr std::size_t kShards = 64;
  std::size_t keys_per_generation_;
  std::array<Shard, kShards> shards_;
};

}  // namespace quicklime::ocsp
