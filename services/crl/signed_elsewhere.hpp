#pragma once
// CRLs of authorities whose keys are not here, the root's before all: what is to be signed is asked for, and the CRL brought
// back. For administrators, on the control socket.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ca/authority.hpp"
#include "ca/crl_signing_request.hpp"
#include "crl/publisher.hpp"
#include "crl/view.hpp"
#include "http/router.hpp"
#include "runtime/service.hpp"

namespace quicklime::crl {

// Any loop.
class SignedElsewhere {
 public:
  // The publisher lives longer.
  SignedElsewhere(api::ServiceContext context, const Publisher& publisher) : context_(context), publisher_(publisher) {}

  // GET /control/crl?authority=ID&lifetime=365d: a ca::CrlSigningRequest. Without authority the one whose key is not here; lifetime: from
  // two hours to two years and not past the authority's end, else refused; without it a year, or until that end.
  // "authority-unknown", "authority-ambiguous"; "crl-dated-wrongly"; "crl-signed-here", "authority-ended" (conflict); "view-stale".
  async::Task<api::Answer> request(api::Call& call);
  // POST /control/crl: the CRL, PEM or DER. Published when it is, to the byte, what this log asks for: the signature is
  // verified over what is rendered here for its number, not over what came. Published already: the same answer again.
  // "crl-malformed", "authority-unknown", "crl-signature-wrong", "crl-differs", "crl-dated-wrongly"; "crl-overtaken" (conflict).
  async::Task<api::Answer> publish(api::Call& call);

 private:
  struct Scope {
    ca::Authority authority;
    std::optional<Publication> current;
    std::optional<Position> last_change;
    Position position;  // of the view
  };
  using Choose = std::function<Result<ca::Authority>(const std::vector<ca::Authority>&)>;

  async::Task<Result<Scope>> read(Choose choose);
  Result<ca::Authority> without_key(const std::vector<ca::Authority>& all, const std::string& named) const;

  api::ServiceContext context_;
  const Publisher& publisher_;
};

// In signed_elsewhere_json.cpp.
std::string published_json(const AuthorityId& authority, const Publication& publication, std::size_t revoked, bool complete,
                           Position position);

}  // namespace quicklime::crl
