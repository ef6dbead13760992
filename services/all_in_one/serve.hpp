#pragma once
// `quicklime serve`: the whole CA in this process, until SIGTERM.

#include <optional>
#include <string>

#include "installation/data_directory.hpp"
#include "runtime/command_line.hpp"

namespace quicklime::all_in_one {

struct ServeOptions {
  installation::DataDirectory directory;
  std::string command;                 // "serve" or "up": what a second process is told
  std::optional<std::string> https{};  // over the configuration
  std::optional<std::string> http{};
  std::optional<std::string> admin{};
  bool json = false;  // one line that says where it listens, for programs
};

// The answer of `serve -o json`: where it listens.
struct Listening {
  std::string https, http, admin;  // "127.0.0.1:8443"; empty: not served
  std::string root_sha256;
  std::string data;
};
std::string encode(const Listening& listening);

// Call before any thread is started: blocks SIGTERM and SIGINT in all of them. Returns after draining.
runtime::ExitCode serve(const ServeOptions& options);

}  // namespace quicklime::all_in_one
