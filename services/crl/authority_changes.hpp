#pragma once
// What becomes of the set of authorities: one more, or one that issues no more. For administrators, on the control socket; whoever has a
// key signs elsewhere, and brings a certificate.

#include <string>
#include <vector>

#include "access/identity.hpp"
#include "ca/authority.hpp"
#include "ca/signing_keys.hpp"
#include "http/router.hpp"
#include "runtime/service.hpp"

namespace quicklime::crl {

// Any loop.
class AuthorityChanges {
 public:
  AuthorityChanges(api::ServiceContext context, std::shared_ptr<const ca::SigningKeys> keys) : context_(context), keys_(std::move(keys)) {}

  // GET /control/authorities: all of them, and whether the key of each is here.
  async::Task<api::Answer> list(api::Call& call);
  // POST /control/authorities {"authority": "issuing-2", "certificate": PEM, "parent": "root-1", "succeeds": "root-1"}. Without a parent it
  // is a root, signed by itself. The same again is answered the same, with "already": true. "authority-id-malformed";
  // "authority-certificate" (it is none of an authority, has ended, or its path does not hold); "authority-exists" (conflict: its id, or
  // its key); "authority-unknown" (parent, succeeds); "authority-retired" (conflict: the parent is); "view-stale".
  async::Task<api::Answer> add(api::Call& call);
  // POST /control/authorities/{authority}/retire: it issues nothing more; CRLs and OCSP go on. "authority-unknown"; "authority-needed"
  // (conflict): it is the last one that issues, or there are others below it that are not retired.
  async::Task<api::Answer> retire(api::Call& call);

 private:
  struct Known {
    std::vector<ca::Authority> all;
    Position position;  // of the view
  };
  async::Task<Result<Known>> read();
  async::Task<Result<Position>> write(api::Call& call, std::string subject, events::Data data);

  api::ServiceContext context_;
  std::shared_ptr<const ca::SigningKeys> keys_;
};

// In authority_changes_json.cpp.
std::string changed_json(const AuthorityId& authority, bool already, Position position);
std::string listed_json(const std::vector<ca::Authority>& all, const ca::SigningKeys& keys, Position position);

}  // namespace quicklime::crl
