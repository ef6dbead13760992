// renew: a new key and a new certificate in the place of the old ones; once, or for as long as it runs.

#include <cstdio>

#include "base/logging.hpp"
#include "command_line/certificate_files.hpp"
#include "command_line/commands.hpp"
#include "command_line/output.hpp"
#include "command_line/renew.hpp"
#include "command_line/renew_daemon.hpp"
#include "installation/data_directory.hpp"
#include "runtime/process.hpp"

namespace quicklime::command_line {
namespace {

using runtime::Arguments;
using runtime::ExitCode;

void print(const CertificatePair& pair, const pki::Certificate& old, const pki::Certificate& renewed, const std::string& secret,
           const std::string& data) {
  const bool finished = old.serial() == renewed.serial();
  std::printf(finished ? "Finished the renewal that was interrupted, for\n" : "Renewed the certificate for\n");
  for (const auto& name : renewed.alternative_names()) std::printf("  %s\n", name.text().c_str());
  std::printf("The certificate and its chain: %s\n", pair.certificate_file().c_str());
  std::printf("Its key, a new one:            %s\n", pair.key_file().c_str());
  std::printf("Serial %s, valid until %s\n", renewed.serial().hex().c_str(), date_text(renewed.not_after()).c_str());
  if (!secret.empty()) {
    std::printf("Revocation secret, shown only here: whoever has it can revoke this certificate, even when the key is lost:\n  %s\n",
                secret.c_str());
  }
  if (!finished) {
    std::printf("The one before stays good until %s. To end it sooner: quicklime revoke %s --reason superseded%s\n",
                date_text(old.not_after()).c_str(), old.serial().hex().c_str(), data.c_str());
  }
}

ExitCode renew_once(const std::string& file, const Arguments& arguments) {
  const auto pair = CertificatePair::open(file);
  if (!pair) return report(pair.error());
  auto installed = pair->install();
  if (!installed) return report(installed.error());
  const auto old = pair->certificate();
  if (!old) return report(old.error());
  std::string secret;
  if (!*installed) {
    auto remote = Remote::connect(arguments, "renew");
    if (!remote) return report(remote.error());
    auto issued = ask_for_renewal(**remote, *pair);
    if (!issued) return report(issued.error());
    installed = pair->install();
    if (!installed) return report(installed.error());
    secret = std::move(issued->revocation_secret);
  }
  const auto renewed = pair->certificate();
  if (!renewed) return report(renewed.error());
  if (arguments.text("--output") == "json") {
    std::printf("%s\n", encode(Renewed{.serial = renewed->serial().hex(),
                                       .replaces = old->serial() == renewed->serial() ? "" : old->serial().hex(),
                                       .not_after = renewed->not_after().rfc3339_seconds(),
                                       .revocation_secret = secret,
                                       .certificate_file = pair->certificate_file().string(),
                                       .key_file = pair->key_file().string()})
                            .c_str());
  } else {
    print(*pair, *old, *renewed, secret, installation::data_option(installation::find_data_directory(arguments.text("--data"))));
  }
  std::fflush(stdout);
  if (const std::string command = arguments.text("--exec"); !command.empty()) {
    if (auto run = run_command(command); !run) return report(run.error());
  }
  pair->finished();
  return ExitCode::ok;
}

ExitCode keep_renewing(const std::vector<std::string>& files, const Arguments& arguments) {
  runtime::harden();  // it holds keys for as long as it runs
  runtime::block_termination_signals();
  log::configure(log::Level::info, arguments.text("--output") == "json" ? log::Format::json : log::Format::text, "quicklime renew");
  const SystemClock clock;
  RenewDaemon daemon{.files = {files.begin(), files.end()},
                     .command = arguments.text("--exec"),
                     .connect = [&arguments] { return Remote::connect(arguments, "renew"); },
                     .clock = clock};
  daemon.run();
  return ExitCode::ok;
}

ExitCode run_renew(const Arguments& arguments) {
  const auto files = arguments.texts("FILE");
  const bool daemon = arguments.has("--daemon");
  if (files.empty()) return report(wrong_use("which certificate? quicklime renew FILE, or quicklime renew --daemon FILE...").value());
  if (!daemon && files.size() > 1) {
    return report(wrong_use("one certificate at a time, and these are " + std::to_string(files.size()) +
                            ": renew each by itself, or have quicklime renew --daemon FILE... keep all of them renewed")
                      .value());
  }
  return daemon ? keep_renewing(files, arguments) : renew_once(files.front(), arguments);
}

}  // namespace

std::vector<runtime::Command> renew_commands() {
  return {{.name = "renew",
           .purpose = "Renew a certificate: a new NAME.key and NAME.crt in the place of those that `issue` wrote, proved by the old key",
           .examples = {"quicklime renew api.internal.crt", "quicklime renew /etc/ssl/api.internal.crt --exec 'systemctl reload nginx'",
                        "quicklime renew --daemon --exec 'systemctl reload nginx' /etc/ssl/*.crt"},
           .options = {{.name = "FILE", .value = "NAME.crt", .help = "the certificate; its key stands beside it as NAME.key", .many = true},
                       {.name = "--daemon", .value = "", .help = "go on until SIGTERM: renew each when a third of its life is left"},
                       {.name = "--exec",
                        .value = "COMMAND",
                        .help = "run by sh after a renewal, and only then; with --daemon without new privileges (no sudo)"}},
           .run = run_renew}};
}

}  // namespace quicklime::command_line
