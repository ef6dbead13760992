#pragma once
// An authority's certificate is revoked by its parent: it stands in the parent's next CRL, which a person may have to sign. For
// administrators, on the control socket; no serial or name can be mistaken for an authority.

#include <string>
#include <vector>

#include "access/identity.hpp"
#include "ca/authority.hpp"
#include "ca/status.hpp"
#include "http/router.hpp"
#include "runtime/service.hpp"

namespace quicklime::crl {

// Any loop.
class AuthorityRevocation {
 public:
  explicit AuthorityRevocation(api::ServiceContext context) : context_(context) {}

  // POST /control/authorities/{authority}/revoke {"reason": "cACompromise"}. Revoked already: the same answer again with
  // "already": true, and no event. "published": the CRL of its parent shows it.
  // "authority-unknown"; "authority-is-root" (conflict); "authority-reason": one is to be named, and a hold is none;
  // "view-stale".
  async::Task<api::Answer> revoke(api::Call& call);

 private:
  struct Found {
    ca::Authority authority;
    ca::Status status;
    bool published;     // the parent's CRL knows of this status
    Position position;  // of the view
  };
  async::Task<Result<Found>> find(AuthorityId id);

  api::ServiceContext context_;
};

// In authority_revocation_json.cpp.
struct RevokedAuthority {
  const ca::Authority& authority;
  const ca::Status& status;
  bool already;
  bool published;
  Position position;
};
std::string json_of(const RevokedAuthority& revoked);

}  // namespace quicklime::crl
