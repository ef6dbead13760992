#include "command_line/log_place.hpp"

#include "all_in_one/roles.hpp"
#include "command_line/bootstrap_roles.hpp"
#include "runtime/backends.hpp"

namespace quicklime::command_line {

installation::LogPlace log_place(installation::DataDirectory directory, LogIn where) {
  installation::LogPlace place{.directory = std::move(directory)};
  if (where == LogIn::file) return place;
  place.topic = [file = place.directory.configuration()]() -> Result<eventlog::KafkaLogOptions> {
    const auto configuration = settings::load_configuration(file, all_in_one::known_settings(all_in_one::roles()));
    if (!configuration) return forward(configuration);
    return runtime::kafka_options(*configuration);
  };
  for (const auto& role : bootstrap_roles()) place.daemons.push_back(bootstrap_grant(role));
  return place;
}

}  // namespace quicklime::command_line
