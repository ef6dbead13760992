// revoke: by administrator, or by the revocation secret alone.

#include <cstdio>

#include "base/file.hpp"
#include "quicklime/certificate_choice.hpp"
#include "quicklime/commands.hpp"
#include "quicklime/output.hpp"

namespace quicklime::app {
namespace {

using runtime::Arguments;
using runtime::ExitCode;

std::string first_line(const Secret& text) { return std::string(text.reveal().substr(0, text.reveal().find_first_of("\r\n"))); }

ExitCode print(const Arguments& arguments, const std::string& body, const Result<StatusAnswer>& answer) {
  if (!answer) return report(answer.error());
  if (arguments.text("--output") == "json") {
    std::printf("%s\n", body.c_str());
    return ExitCode::ok;
  }
  std::printf("%s %s", answer->status == "held" ? "On hold: " : "Revoked:", answer->serial.c_str());
  if (!answer->reason.empty()) std::printf(" (%s)", answer->reason.c_str());
  if (!answer->revoked_at.empty()) std::printf(", since %s", answer->revoked_at.c_str());
  std::printf("\nOCSP says so now, the CRL within seconds.\n");
  return ExitCode::ok;
}

ExitCode run_revoke(const Arguments& arguments) {
  const auto which = arguments.text("CERTIFICATE");
  const auto secret_file = arguments.text("--secret-file");
  if (which.empty() && secret_file.empty()) {
    return report(wrong_use("which certificate? `quicklime revoke SERIAL|NAME|FILE`, or --secret-file FILE").value());
  }
  auto remote = Remote::connect(arguments, "revoke");
  if (!remote) return report(remote.error());
  RevokeBody body{.reason = arguments.text("--reason"), .secret = {}};
  if (!secret_file.empty()) {
    const auto secret = read_secret_file(secret_file);
    if (!secret) return report(secret.error());
    body.secret = first_line(*secret);
  }
  if (which.empty()) {
    const auto answer = (*remote)->post("/v1/revocations", encode(body));
    if (!answer) return report(answer.error());
    return print(arguments, *answer, decode_revocations(*answer));
  }
  const auto choice = choose_certificate(**remote, which);
  if (!choice) return report(choice.error());
  if (choice->serial.empty()) return report_candidates(*choice, which, "revoke");
  const auto answer = (*remote)->post("/v1/certificates/" + choice->serial + "/revoke", encode(body));
  if (!answer) return report(answer.error());
  return print(arguments, *answer, decode_status_answer(*answer));
}

}  // namespace

std::vector<runtime::Command> revoke_commands() {
  return {
      {.name = "revoke",
       .purpose = "Revoke a certificate",
       .examples = {"quicklime revoke api.internal --reason superseded",
                    "quicklime revoke 5f0c2a9e41b7d3c80d1e2f3a4b5c6d7e --reason keyCompromise", "quicklime revoke api.internal.crt",
                    "quicklime revoke --secret-file secret.txt"},
       .options = {{.name = "CERTIFICATE",
                    .value = "SERIAL|NAME|FILE",
                    .help = "which one; of a name with several live certificates the candidates are listed"},
                   {.name = "--reason",
                    .value = "REASON",
                    .help = "unspecified (the default), keyCompromise (blocks the key too), cACompromise, affiliationChanged, superseded, "
                            "cessationOfOperation, certificateHold, privilegeWithdrawn, aACompromise; any letter case"},
                   {.name = "--secret-file",
                    .value = "FILE",
                    .help = "the revocation secret: enough by itself, without administrator or token"}},
       .run = run_revoke}};
}

}  // namespace quicklime::app
