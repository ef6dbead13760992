#pragma once
// What the guard and every handler of a role go by.

#include <string>
#include <vector>

#include "access/denials.hpp"
#include "access/identity.hpp"
#include "async/pools.hpp"
#include "base/metrics.hpp"
#include "eventlog/event_writer.hpp"
#include "settings/configuration.hpp"
#include "views/view.hpp"

namespace quicklime::installation {
class HighestSeen;
}

namespace quicklime::api {

// Everything lives longer than the services.
struct ServiceContext {
  eventlog::EventLog& log;
  eventlog::EventWriter& writer;
  views::View& view;             // this role's own
  const access::Access& access;  // over this role's own view
  access::Denials& denials;
  const Clock& clock;
  async::Pools& pools;
  metrics::Registry& metrics;
  const settings::Configuration& configuration;       // of<Settings>(): the role's own; of<SharedSettings>()
  installation::HighestSeen* highest_seen = nullptr;  // null: nothing is kept beside the log, which is in the same directory
  // The peers, by their role, whose word is taken for the certificate that a client showed them (api/presented.hpp).
  std::vector<std::string> vouching{};
};

}  // namespace quicklime::api
