#pragma once
// One role where it runs: its view over the log, its keys, who may ask it. Built alike by `quicklime serve`, which has a site
// for each role, by the daemon of one role, and by the tests.

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "access/denials.hpp"
#include "access/exchange.hpp"
#include "api/admission.hpp"
#include "api/failure_limit.hpp"
#include "api/identity_limit.hpp"
#include "api/stream_limit.hpp"
#include "ca/issue.hpp"
#include "http/router.hpp"
#include "installation/data_directory.hpp"
#include "runtime/clock_watch.hpp"
#include "runtime/definition.hpp"
#include "runtime/issuing.hpp"
#include "runtime/responders.hpp"
#include "runtime/service.hpp"
#include "views/view.hpp"

namespace quicklime::runtime {

// What the sites of one process share. All of it lives longer than they.
struct Surroundings {
  const installation::DataDirectory& directory;  // its keys
  uid_t owner;                                   // of the directory: administrator over the control socket
  ca::Authorities& authorities;                  // as a view of this process has them now
  eventlog::EventLog& log;
  eventlog::EventWriter& writer;
  access::Denials& denials;
  ClockWatch& clocks;
  Responders& responders;
  api::FailureLimit& failures;
  api::IdentityLimit& identities;
  const Clock& clock;
  async::Pools& pools;
  metrics::Registry& metrics;
  const settings::Configuration& configuration;
  // By which roles know what all of them must know to begin: its authorities, the revocation keys that are needed.
  views::View& complete;
  bool behind_gateway = false;                        // only peers reach its routes over TLS
  installation::HighestSeen* highest_seen = nullptr;  // null: nothing is kept beside the log, which is in the same directory
  // Of a process that serves while it folds: what a role answers whose view is not there yet. Null: the process waits for its view.
  std::function<Error(const std::string& role)> not_ready{};
  // Who exchanges passwords, assertions and client certificates for sessions; null: nobody, and tokens and sessions alone are taken.
  std::shared_ptr<access::Exchanges> exchanges{};
  // Of a process with a role that signs as an authority; else null.
  std::shared_ptr<ca::SigningKeys> signing_keys{};
};

class Site {
 public:
  // Of the role so far only its view, which can be folded and waited for.
  Site(Definition definition, std::unique_ptr<views::ViewStore> store, views::View::Notified notified);
  ~Site();
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  const Definition& definition() const { return definition_; }
  const std::string& name() const { return definition_.name(); }
  views::ViewStore& store() { return *store_; }
  views::View& view() { return *view_; }
  const views::View& view() const { return *view_; }

  // Then, when a view has met the authorities: who may ask, and by which context.
  void surround(const Surroundings& surroundings);
  // And then the role's service, by Definition::make.
  Result<void> make_service();
  const Service& service() const { return service_; }
  // Its routes are answered and its background work may begin: from the beginning, or where there is a Surroundings::not_ready from
  // here on. Once the view has been at the log's end. Any thread.
  void set_ready() { ready_ = true; }
  bool ready() const { return ready_; }
  // Its routes, with the guard before each handler.
  struct Guarded {
    std::vector<http::Route> public_routes, routes, control_routes, bootstrap_routes;
  };
  Guarded guarded();
  // Destroys the service, whose handlers refer to everything else: before any of that goes, and after the server that dispatches to it.
  void end_service() { service_ = {}; }

  // ---- for Definition::make
  const Surroundings& surroundings() const { return *surroundings_; }
  const api::ServiceContext& context() const { return *context_; }
  // The same, for who comes without a certificate, or to have it renewed: tokens of daemons, their own certificates, nobody else.
  const api::ServiceContext& bootstrap_context() const { return *bootstrap_context_; }
  // With the issuing key and the revocation keys, over this view. renews: see ca::IssuePolicy.
  Result<std::shared_ptr<ca::Issuer>> make_issuer(bool renews);
  // Of the authorities, as they are here now and later. "issuing-key-missing".
  Result<std::shared_ptr<ca::SigningKeys>> signing_keys() const;
  // Of ca/, with every one that Surroundings::complete says is still needed, or "revocation-key-unknown" (installation/data_directory.hpp).
  Result<ca::RevocationKeys> revocation_keys() const;
  // "access-key-missing", "key-file-wrong".
  Result<Secret> access_key() const;

  // After make_service, of a role that issues; else null.
  const std::shared_ptr<ca::Issuer>& issuer() const { return issuer_; }

 private:
  Definition definition_;
  std::unique_ptr<views::ViewStore> store_;
  std::unique_ptr<views::View> view_;
  std::optional<Surroundings> surroundings_;
  std::unique_ptr<access::Access> access_, process_access_;
  std::optional<api::ServiceContext> context_, bootstrap_context_;
  std::shared_ptr<api::Admission> admission_;
  std::optional<api::StreamLimit> streams_;
  std::shared_ptr<ca::Issuer> issuer_;
  Service service_;
  std::atomic<bool> ready_{false};
};

}  // namespace quicklime::runtime
