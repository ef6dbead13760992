#pragma once
// Publishes CRLs: any replica may, the log decides whose stands.

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ca/signing_keys.hpp"
#include "crl/published.hpp"
#include "crl/view.hpp"
#include "crypto/signer.hpp"
#include "runtime/service.hpp"

namespace quicklime::crl {

// Now, as a CRL is dated: not before or after what is true while this process's clock or the store's is right.
struct Now {
  Instant earliest;  // of the two
  Instant store;     // the one clock that all replicas share
};

// A CRL is due when there is none, when something changed past its number, when half of a lifetime is left of it, and when a
// clock that was ahead has dated it: no client believes a thisUpdate that is to come.
bool is_due(const std::optional<Publication>& current, const std::optional<Position>& last_change, const Now& now, Milliseconds lifetime);

// One coroutine runs it.
class Publisher {
 public:
  using Keys = std::shared_ptr<const ca::SigningKeys>;
  Publisher(api::ServiceContext context, Keys keys, PublishedCrls& published);

  async::Task<void> run();
  // One look at every authority: publishes what is due, at most once a second and scope, and waits until the view has
  // it, so that one publication is outstanding.
  async::Task<void> pass();
  // The key of this authority is at hand. Any thread.
  bool signs(const AuthorityId& authority) const { return keys_->of(authority) != nullptr; }
  // As the last pass saw them. Any thread.
  std::vector<ca::Authority> authorities() const;
  // Why a CRL that this process cannot sign is to be signed now: "lacks what was revoked since it was signed (issuing-1)"; empty: it
  // need not. Any thread.
  std::string fault(const AuthorityId& scope) const;

 private:
  // One authority as one read of the view shows it.
  struct Scope {
    const ca::Authority& authority;
    std::optional<Publication> current;
    std::optional<Position> last_change;
    Position position;  // of the view
    Now now;
  };
  async::Task<void> look_at(Scope scope);
  async::Task<Result<void>> publish(Scope scope, std::shared_ptr<const crypto::Signer> signer);
  void note_whether_complete(const Scope& scope, const Published* published);

  api::ServiceContext context_;
  Keys keys_;
  PublishedCrls& published_;
  std::map<AuthorityId, std::chrono::steady_clock::time_point> next_attempt_;
  // Of two replicas that sign for one change one has signed for nothing: whose publication stands makes the next one, and the others
  // wait whether it does.
  bool is_ours_to_publish(const Scope& scope);
  std::map<AuthorityId, std::string> ours_;  // what the last one that this process signed ends with: its signature
  struct OthersTurn {
    Position after;  // the publication that somebody else is to follow
    std::chrono::steady_clock::time_point until;
  };
  std::map<AuthorityId, OthersTurn> others_turn_;
  mutable std::mutex seen_mutex_;
  std::vector<ca::Authority> authorities_;
  std::map<AuthorityId, std::string> faults_;
  metrics::Counter& publications_;
};

}  // namespace quicklime::crl
