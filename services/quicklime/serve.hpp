#pragma once
// `quicklime serve`: the whole CA in this process, until SIGTERM.

#include <optional>
#include <string>

#include "installation/data_directory.hpp"
#include "runtime/command_line.hpp"

namespace quicklime::app {

struct ServeOptions {
  installation::DataDirectory directory;
  std::string command;                 // "serve" or "up": what a second process is told
  std::optional<std::string> https{};  // over the configuration
  std::optional<std::string> http{};
  std::optional<std::string> admin{};
  bool json = false;  // one line that says where it listens, for programs
};

// Call before any thread is started: blocks SIGTERM and SIGINT in all of them. Returns after draining.
runtime::ExitCode serve(const ServeOptions& options);

}  // namespace quicklime::app
