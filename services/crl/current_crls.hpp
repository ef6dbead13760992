#pragma once
// What is served of each scope now: as the view has it; as it was last read, while the view cannot be.

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "ca/authority.hpp"
#include "crl/published.hpp"
#include "runtime/service.hpp"

namespace quicklime::crl {

// Any loop. A CRL speaks for itself, so it is served from any view that was complete once, when its bytes are those whose hash the
// log has, its nextUpdate has not passed, and neither this process nor one before it in its directory has seen a higher one.
class CurrentCrls {
 public:
  CurrentCrls(const api::ServiceContext& context, PublishedCrls& published) : context_(context), published_(published) {}

  struct Authorities {
    std::shared_ptr<const std::vector<ca::Authority>> all;
    Position position;  // of the view
  };
  async::Task<Result<Authorities>> authorities();

  struct Current {
    std::shared_ptr<const Published> crl;
    Position complete_to;  // nothing that happened up to here is missing in it
    Position position;     // of the view
  };
  // "authority-unknown" (not found); unavailable: "crl-missing", "crl-entries-differ", "crl-went-back", "crl-ended", or why the
  // view cannot be read when nothing is kept.
  async::Task<Result<Current>> find(AuthorityId scope);
  // One that is complete up to this position, which the view has reached, if there is one; a change is published within a second or
  // two. "crl-behind" (unavailable) when the time is over.
  async::Task<Result<Current>> find(AuthorityId scope, std::optional<Position> complete_to, Milliseconds within);

 private:
  async::Task<Result<Current>> read(AuthorityId scope);
  Result<Current> cached(const AuthorityId& scope, const Error& otherwise);
  void keep(const std::vector<ca::Authority>& all, Position position);

  api::ServiceContext context_;
  PublishedCrls& published_;
  std::mutex mutex_;
  std::optional<Authorities> authorities_;
  std::map<AuthorityId, Current> cached_;
};

const ca::Authority* find(const std::vector<ca::Authority>& authorities, const AuthorityId& id);
Failure unknown_authority(const AuthorityId& id);

}  // namespace quicklime::crl
