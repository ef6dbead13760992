#pragma once
// Which certificate a person means who says SERIAL, NAME or FILE.

#include <string>
#include <vector>

#include "command_line/bodies.hpp"
#include "command_line/client.hpp"

namespace quicklime::command_line {

struct CertificateChoice {
  std::string serial;                            // the one that is meant; empty: several may be
  std::vector<CertificateSummary> candidates{};  // then these
};

// In this order: a file that exists (its first certificate), a serial in hex (any form), a name. Of a name's certificates only
// live ones count, unless none is; never the CA's own. "certificate-unknown" (not_found).
Result<CertificateChoice> choose_certificate(Remote& remote, const std::string& text);
// The last of these alone.
Result<CertificateChoice> choose_by_name(Remote& remote, const std::string& name);
// The CA's own TLS certificate is for localhost too; whoever means it has its serial.
bool is_own(const CertificateSummary& certificate);

// "good", "good (replaced)", "expired", "held", "revoked 2026-11-21 (superseded)".
std::string status_text(const CertificateSummary& certificate);

// "serial  names  status  until ..." of each, for people.
std::string certificate_table(const std::vector<CertificateSummary>& certificates);

// Prints the candidates and says how to go on; ExitCode::usage.
runtime::ExitCode report_candidates(const CertificateChoice& choice, const std::string& text, const std::string& command);

}  // namespace quicklime::command_line
