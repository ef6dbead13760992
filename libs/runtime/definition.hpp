#pragma once
// What a role is: one value per folder of services/, in services/<role>/definition.cpp. `quicklime serve` runs all of them, a
// daemon one; scripts read what they need of it from `quicklime reference services -o json`.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "access/identity.hpp"
#include "runtime/peers.hpp"
#include "runtime/service.hpp"
#include "settings/rows.hpp"
#include "views/projection.hpp"
#include "views/view.hpp"

namespace quicklime::runtime {

class Site;

struct Definition {
  views::Projection projection;  // its view, and the role's name with it: "dashboard_api"
  // The role's routes and background work over its site. Fails when a key is missing or wrong.
  std::function<Result<Service>(Site& site)> make;

  // Its settings: a struct of its own, which Site hands it filled (api::ServiceContext::configuration).
  std::optional<settings::Rows> rows{};

  // Which keys of the CA its process holds (architecture section 8), handed out by Site.
  bool issuing_key = false;
  bool revocation_keys = false;
  bool access_key = false;  // by which passwords are sealed and sign-ins are proved
  // Its process certifies itself and, on a listener of its own, every other daemon.
  bool certifies_daemons = false;
  // Its process has an OCSP responder's certificate for each issuing authority.
  bool ocsp_responder = false;

  // How a daemon of it depends on what is around it.
  enum class Log : std::uint8_t {
    is_its_work,  // it answers by appending: not ready when the log takes no events
    is_used,      // it appends too, and answers questions without
    is_not_used
  } log = Log::is_its_work;
  // With what view it can begin. since_start: it waits for its projector; once: it goes by what was complete before.
  views::Complete view = views::Complete::since_start;
  // Whether it is ready while Redis cannot be reached: until what it has read is older than ocsp.stale_limit, or as long as it runs,
  // however old the view is (a CRL says itself until when it may be given).
  enum class WithoutView : std::uint8_t { not_ready, until_stale, ready } without_view = WithoutView::not_ready;
  // Whether its daemon lets peers in when its authority is revoked.
  OfRevokedAuthority peers_of_revoked_authority = OfRevokedAuthority::refused;
  // Who may be asked with an old view.
  access::StaleTokens stale_tokens = access::StaleTokens::refused;
  // Its daemon has control.sock in its data directory, whose owner is administrator: for the first token, the root's CRL.
  bool control_socket = false;
  // What a gateway must know. over_plain_http: it has public routes, for clients that cannot check TLS yet.
  bool over_plain_http = false;
  // The gateway sends it what no role has a route for, so that one says 404. Of exactly one role.
  bool answers_the_rest = false;
  // Who may call its daemon, by the role in the caller's certificate, where no peers.toml says otherwise. Each of these asks for clients,
  // and is believed in what they showed it (api/presented.hpp).
  std::vector<std::string> accepts{"gateway"};

  const std::string& name() const { return projection.name; }
  // As its peers know it: of its programs, its certificate, its table of peers.toml. "dashboard-api".
  std::string process_name() const;
};

}  // namespace quicklime::runtime
