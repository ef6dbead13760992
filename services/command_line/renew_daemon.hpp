#pragma once
// renew --daemon: keeps certificates fresh until SIGTERM.

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "command_line/client.hpp"
#include "pki/certificate.hpp"

namespace quicklime::command_line {

// When a third of the certificate's life is left, and up to a twentieth of its life earlier: by its serial, so that a
// thousand machines that were installed together do not ask together, and one that is started again does not change its mind.
Instant due(const pki::Certificate& certificate);

// After so many failures in a row, from 1: a second, doubled each time, at most ten minutes; and up to a quarter more.
Milliseconds backoff(unsigned failures);

struct RenewDaemon {
  std::vector<std::filesystem::path> files;                  // NAME.crt
  std::string command{};                                     // after each renewal, tried again until it succeeds; may be empty
  std::function<Result<std::unique_ptr<Remote>>()> connect;  // for each renewal anew
  const Clock& clock;

  // One file: finishes what was interrupted, renews when it is due, runs the command. When to look again, at the latest.
  struct Watched {
    std::filesystem::path file;
    Instant next;
    Instant not_sooner;  // whatever dates come back, a certificate is used for half of what is left of its life
    unsigned failures = 0;
    std::string logged_serial{};  // the serial whose date was logged
  };
  Result<void> tend(Watched& watched) const;
  // Until SIGTERM or SIGINT, which are blocked already.
  void run() const;
};

}  // namespace quicklime::command_line
