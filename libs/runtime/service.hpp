#pragma once
// What one role brings to a process: routes, background work, and what it wants to hear of its view. The same in
// `quicklime serve`, which runs every role, and in one daemon per role.

#include <functional>
#include <string>
#include <vector>

#include "access/exchange.hpp"
#include "api/context.hpp"
#include "api/route.hpp"
#include "ca/status.hpp"
#include "runtime/expiries.hpp"
#include "views/runner.hpp"
#include "views/view.hpp"

namespace quicklime::runtime {

// Where a role's view has the status of a certificate. A serial that is not there is none that was taken back. Beside it every role
// folds the keys that were reported as compromised (ca::fold_blocked_key).
struct CertificateStatus {
  views::PointKey (*key)(const AuthorityId& authority, const SerialNumber& serial) = nullptr;
  Result<ca::Status> (*status)(std::string_view value) = nullptr;
};

struct Service {
  std::vector<api::Route> public_routes;       // over plain HTTP and HTTPS: OCSP, CRLs, CA certificates
  std::vector<api::Route> routes;              // over HTTPS and the control socket only
  std::vector<api::Route> control_routes{};    // over the control socket only, and no part of the API: they ask who it is all the same
  std::vector<api::Route> bootstrap_routes{};  // where daemons come that have no certificate yet: issuance's alone
  CertificateStatus certificate_status{};      // by which a daemon knows which of its peers are revoked
  // Each runs as a coroutine on one of the process's loops until the process ends. Sleeps between passes; its errors are
  // logged and it goes on.
  std::vector<std::function<async::Task<void>()>> background{};
  std::function<void(const views::Applied&)> on_applied{};  // on the projection thread; may be empty
  std::shared_ptr<access::Exchange> exchange{};             // of the role that signs people in: what the others ask; else null
  Expiries::Source expiries{};                              // what may end that this role alone knows of; may be empty
};

}  // namespace quicklime::runtime
