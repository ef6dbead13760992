// revoke: by administrator, by the revocation secret alone, or by the certificate's key. hold, release: by administrator.

#include <cstdio>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "ca/key_proof.hpp"
#include "command_line/certificate_choice.hpp"
#include "command_line/commands.hpp"
#include "command_line/output.hpp"
#include "command_line/secret_line.hpp"
#include "crypto/key.hpp"

namespace quicklime::command_line {
namespace {

using runtime::Arguments;
using runtime::ExitCode;

void list(const char* what, const std::vector<std::string>& serials) {
  if (serials.empty()) return;
  std::printf("%s\n", what);
  for (const auto& serial : serials) std::printf("  %s\n", serial.c_str());
}

// What may be in the same hands, and how to take it back.
void print_remaining(const RevocationAnswer& answer) {
  list("Still valid, with the same key:", answer.same_key);
  list("Still valid, renewed from it or from a certificate with its key (by its owner, or by whoever stole it):", answer.successors);
  if (answer.more) std::printf("There may be more: run the same command again, and look at `quicklime list`.\n");
  if (answer.same_key.empty() && answer.successors.empty()) return;
  std::printf("An administrator takes them back: quicklime revoke %s --reason %s%s%s\n", answer.revoked.front().serial.c_str(),
              answer.revoked.front().reason.c_str(), answer.same_key.empty() ? "" : " --same-key",
              answer.successors.empty() ? "" : " --with-successors");
}

const char* heading(const std::string& status) {
  if (status == "held") return "On hold:";
  return status == "good" ? "Good, and not on hold:" : "Revoked:";
}

ExitCode print(const Arguments& arguments, const Remote& remote, const std::string& body) {
  const auto answer = decode_revocation(body);
  if (!answer) return report(answer.error());
  if (arguments.text("--output") == "json") {
    std::printf("%s\n", body.c_str());
    return ExitCode::ok;
  }
  for (const auto& one : answer->revoked) {
    std::printf("%s %s", heading(one.status), one.serial.c_str());
    if (!one.reason.empty()) std::printf(" (%s)", one.reason.c_str());
    if (!one.revoked_at.empty()) std::printf(", since %s", one.revoked_at.c_str());
    std::printf("\n");
  }
  std::printf(remote.way() == Remote::Way::in_process
                  ? "Nothing serves this CA now; when it does, OCSP says so at once and the CRL within seconds.\n"
                  : "OCSP says so now, the CRL within seconds.\n");
  if (answer->revoked.front().status == "held") {
    std::printf("To end the hold: quicklime release %s, or for good: quicklime revoke %s\n", answer->revoked.front().serial.c_str(),
                answer->revoked.front().serial.c_str());
  }
  print_remaining(*answer);
  return ExitCode::ok;
}

// Without a token there are two other ways to prove the right to revoke.
Error with_other_proofs(Error error) {
  if (error.reason == "unauthenticated") {
    error.detail +=
        ". Without a token: --secret-file FILE (the revocation secret that was shown when the certificate was issued), or the "
        "certificate by its serial or file with --key FILE (its private key)";
  }
  return error;
}

// By the key of the certificate: what the revocation role checks.
Result<std::string> sign(const std::string& key_file, const std::string& serial_hex, const std::string& reason) {
  const auto pem = read_secret_file(key_file);
  if (!pem) return forward(pem);
  const auto key = crypto::PrivateKey::from_pem(*pem);
  if (!key) return forward(key);
  const auto serial = SerialNumber::from_hex(serial_hex);
  if (!serial) return forward(serial);
  const auto given =
      reason.empty() ? Result<pki::RevocationReason>(pki::RevocationReason::unspecified) : pki::parse_revocation_reason(reason);
  if (!given) return forward(given);
  const auto signature = key->sign(ca::revocation_proof_text(*serial, *given));
  if (!signature) return forward(signature);
  return base64_encode(*signature);
}

ExitCode run_revoke(const Arguments& arguments) {
  const auto which = arguments.text("CERTIFICATE");
  const auto secret_file = arguments.text("--secret-file");
  const auto key_file = arguments.text("--key");
  if (which.empty() && secret_file.empty()) {
    return report(wrong_use("which certificate? `quicklime revoke SERIAL|NAME|FILE`, or --secret-file FILE").value());
  }
  if (!key_file.empty() && (which.empty() || !secret_file.empty())) {
    return report(wrong_use("--key FILE revokes the certificate that is named, and needs no secret").value());
  }
  if (arguments.has("--reason") && arguments.text("--reason").empty()) {
    return report(wrong_use("an empty --reason; leave it out for unspecified, or give one of those in --help").value());
  }
  auto remote = Remote::connect(arguments, "revoke");
  if (!remote) return report(remote.error());
  RevokeBody body{.reason = arguments.text("--reason"),
                  .secret = {},
                  .signature = {},
                  .same_key = arguments.has("--same-key"),
                  .with_successors = arguments.has("--with-successors")};
  if (!secret_file.empty()) {
    const auto secret = read_secret_line(secret_file);
    if (!secret) return report(secret.error());
    body.secret = secret->reveal();
  }
  std::string target = "/v1/revocations";
  if (!which.empty()) {
    const auto choice = choose_certificate(**remote, which);
    if (!choice) return report(with_other_proofs(choice.error()));
    if (choice->serial.empty()) return report_candidates(*choice, which, "revoke");
    target = "/v1/certificates/" + choice->serial + "/revoke";
    if (!key_file.empty()) {
      auto signature = sign(key_file, choice->serial, body.reason);
      if (!signature) return report(signature.error());
      body.signature = *std::move(signature);
    }
  }
  const auto answer = (*remote)->post(target, encode(body));
  if (!answer) return report(with_other_proofs(answer.error()));
  return print(arguments, **remote, *answer);
}

// "hold" or "release": the command, and the route.
ExitCode hold_or_release(const Arguments& arguments, const std::string& act) {
  const auto which = arguments.text("CERTIFICATE");
  auto remote = Remote::connect(arguments, act);
  if (!remote) return report(remote.error());
  const auto choice = choose_certificate(**remote, which);
  if (!choice) return report(choice.error());
  if (choice->serial.empty()) return report_candidates(*choice, which, act);
  const auto answer = (*remote)->post("/v1/certificates/" + choice->serial + "/" + act, "{}");
  if (!answer) return report(answer.error());
  return print(arguments, **remote, *answer);
}

runtime::Option which_certificate(bool required) {
  return {.name = "CERTIFICATE",
          .value = "SERIAL|NAME|FILE",
          .help = "which one; of a name with several live certificates the candidates are listed",
          .required = required};
}

}  // namespace

std::vector<runtime::Command> revoke_commands() {
  return {
      {.name = "revoke",
       .purpose = "Revoke a certificate",
       .examples = {"quicklime revoke api.internal --reason superseded",
                    "quicklime revoke 5f0c2a9e41b7d3c80d1e2f3a4b5c6d7e --reason keyCompromise", "quicklime revoke api.internal.crt",
                    "quicklime revoke api.internal --reason keyCompromise --same-key --with-successors",
                    "quicklime revoke api.internal.crt --reason keyCompromise --key api.internal.key",
                    "quicklime revoke --secret-file secret.txt"},
       .options =
           {which_certificate(false),
            {.name = "--reason",
             .value = "REASON",
             .help = "unspecified (the default), keyCompromise (blocks the key too), cACompromise, affiliationChanged, superseded, "
                     "cessationOfOperation, certificateHold, privilegeWithdrawn, aACompromise; any letter case"},
            {.name = "--same-key", .value = "", .help = "the live certificates with the same key, too"},
            {.name = "--with-successors",
             .value = "",
             .help = "the live certificates that were renewed from it, too: after a theft they may be the thief's (administrator)"},
            {.name = "--key",
             .value = "FILE",
             .help = "the certificate's key: enough without administrator or token; of --same-key too when the reason is keyCompromise"},
            {.name = "--secret-file", .value = "FILE", .help = "the revocation secret: enough by itself, without administrator or token"}},
       .run = run_revoke},
      {.name = "hold",
       .purpose = "Put a certificate on hold: OCSP and CRLs call it revoked until it is released",
       .examples = {"quicklime hold api.internal", "quicklime hold 5f0c2a9e41b7d3c80d1e2f3a4b5c6d7e"},
       .options = {which_certificate(true)},
       .run = [](const Arguments& arguments) { return hold_or_release(arguments, "hold"); }},
      {.name = "release",
       .purpose = "Release a certificate from hold: it is good again until it ends. What is revoked stays revoked",
       .examples = {"quicklime release api.internal", "quicklime release 5f0c2a9e41b7d3c80d1e2f3a4b5c6d7e"},
       .options = {which_certificate(true)},
       .run = [](const Arguments& arguments) { return hold_or_release(arguments, "release"); }}};
}

}  // namespace quicklime::command_line
