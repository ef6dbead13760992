#pragma once
// One renewal, as a client: over any Remote, proved by the old key.

#include "command_line/bodies.hpp"
#include "command_line/certificate_pair.hpp"
#include "command_line/client.hpp"

namespace quicklime::command_line {

// Asks for the new certificate and keeps it beside the old (CertificatePair, steps 1 and 2); install() is the caller's. What a
// crash has left is gone on with. An error that says for certain that nothing was issued takes the new key away again.
Result<IssuedAnswer> ask_for_renewal(Remote& remote, const CertificatePair& pair);

// `sh -c command`, to its end: "command-failed" with how it ended.
Result<void> run_command(const std::string& command);

}  // namespace quicklime::command_line
