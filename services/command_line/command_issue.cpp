// issue: a key, a request for it, a certificate.

#include <cstdio>

#include "base/file.hpp"
#include "command_line/bodies.hpp"
#include "command_line/certificate_files.hpp"
#include "command_line/client.hpp"
#include "command_line/commands.hpp"
#include "command_line/output.hpp"
#include "crypto/key.hpp"
#include "installation/data_directory.hpp"
#include "pki/csr.hpp"
#include "pki/pem.hpp"

namespace quicklime::command_line {
namespace {

namespace fs = std::filesystem;
using runtime::Arguments;
using runtime::ExitCode;

// What is asked for, and where the answer goes.
struct Plan {
  std::string csr;      // PEM
  fs::path key_file{};  // empty: the CSR was given, its key is somewhere else
  fs::path certificate_file;
};

Failure would_overwrite(const fs::path& file) {
  return fail(ErrorCode::conflict, "file-exists",
              file.string() + " exists and is never overwritten: move it away, or choose another --out");
}

Result<std::vector<pki::AlternativeName>> names_of(const Arguments& arguments) {
  auto given = arguments.texts("NAME");
  for (auto& domain : arguments.texts("--domain")) given.push_back(std::move(domain));
  std::vector<pki::AlternativeName> names;
  for (const auto& text : given) {
    auto name = pki::AlternativeName::guess(text);
    if (!name) return forward(name);
    names.push_back(std::move(*name));
  }
  return names;
}

// The key is written before anything is asked for: a certificate whose key was lost in a crash is of no use to anyone.
Result<Plan> plan_with_new_key(const Arguments& arguments, const fs::path& out, const std::vector<pki::AlternativeName>& names) {
  const std::string file = file_name_of(names.front().value);
  Plan plan{.csr = {}, .key_file = out / (file + ".key"), .certificate_file = out / (file + ".crt")};
  std::error_code ignored;
  for (const auto& target : {plan.key_file, plan.certificate_file}) {
    if (fs::exists(target, ignored)) return would_overwrite(target);
  }
  const auto kind = crypto::parse_key_kind(arguments.text("--key-kind", "P-256"));
  if (!kind) return forward(kind);
  const auto key = crypto::PrivateKey::generate(*kind);
  if (!key) return forward(key);
  const auto csr = pki::Csr::make(pki::Name::empty(), names, *key);
  if (!csr) return forward(csr);
  plan.csr = pki::pem_encode("CERTIFICATE REQUEST", csr->der());
  const auto pem = key->to_pem();
  if (!pem) return forward(pem);
  if (auto written = write_file(plan.key_file, pem->reveal(), FileMode::private_, Overwrite::no); !written) return forward(written);
  return plan;
}

Result<Plan> plan_with_csr(const fs::path& file, const fs::path& out) {
  const auto content = read_file(file);
  if (!content) return forward(content);
  const auto der = pki::pem_or_der(*content, "CERTIFICATE REQUEST");
  if (!der) return forward(der);
  const auto csr = pki::Csr::parse(*der);
  if (!csr) return forward(csr);
  const auto& names = csr->alternative_names();
  const std::string name = names.empty() ? csr->subject().common_name() : names.front().value;
  Plan plan{.csr = pki::pem_encode("CERTIFICATE REQUEST", *der),
            .certificate_file = out / (file_name_of(name.empty() ? file.stem().string() : name) + ".crt")};
  std::error_code ignored;
  if (fs::exists(plan.certificate_file, ignored)) return would_overwrite(plan.certificate_file);
  return plan;
}

Result<Plan> make_plan(const Arguments& arguments) {
  const fs::path out = fs::absolute(arguments.text("--out", ".")).lexically_normal();
  std::error_code error;
  fs::create_directories(out, error);
  if (error) return fail(ErrorCode::denied, "directory-not-writable", "cannot make " + out.string() + ": " + error.message());

  const auto names = names_of(arguments);
  if (!names) return forward(names);
  const auto csr = arguments.text("--csr");
  if (csr.empty() == names->empty()) {
    return wrong_use(csr.empty() ? "which names? `quicklime issue NAME...`, or --csr FILE"
                                 : "a CSR has its names in it: give NAME or --csr, not both");
  }
  return csr.empty() ? plan_with_new_key(arguments, out, *names) : plan_with_csr(csr, out);
}

std::string lifetime_of(const Arguments& arguments) {
  if (arguments.has("--days")) return arguments.text("--days") + "d";
  return arguments.text("--lifetime");
}

void print(const IssuedAnswer& issued, const Plan& plan, const Arguments& arguments) {
  const auto signer = read_certificates(plan.certificate_file);
  std::printf("Issued a certificate (%s) for\n", issued.profile.c_str());
  for (const auto& name : issued.names) std::printf("  %s\n", name.c_str());
  std::printf("The certificate and its chain: %s\n", plan.certificate_file.c_str());
  if (!plan.key_file.empty()) std::printf("Its key:                       %s\n", plan.key_file.c_str());
  if (signer) std::printf("Signed by %s\n", signer->front().issuer().common_name().c_str());
  std::printf("Serial %s, valid until %s\n", issued.serial.c_str(), date_text(issued.not_after).c_str());
  if (!issued.revocation_secret.empty()) {
    std::printf(
        "Revocation secret, shown only here: whoever has it can revoke this certificate, even when the key is lost. Keep it\n"
        "where you keep passwords:\n  %s\n",
        issued.revocation_secret.c_str());
  }
  const std::string data = installation::data_option(installation::find_data_directory(arguments.text("--data")));
  std::printf("Next: quicklime verify --cert %s%s\n", plan.certificate_file.c_str(), data.c_str());
}

// Certainly not issued: the key that was made for it is of no use.
void remove_unused_key(const Plan& plan, const Error& error) {
  const bool perhaps_issued =
      error.code == ErrorCode::outcome_unknown || error.code == ErrorCode::unavailable || error.code == ErrorCode::internal;
  std::error_code ignored;
  if (!plan.key_file.empty() && !perhaps_issued) fs::remove(plan.key_file, ignored);
}

ExitCode run_issue(const Arguments& arguments) {
  auto remote = Remote::connect(arguments, "issue");
  if (!remote) return report(remote.error());
  const auto plan = make_plan(arguments);
  if (!plan) return report(plan.error());
  const auto answer = (*remote)->post("/v1/certificates",
                                      encode(IssueBody{.csr = plan->csr,
                                                       .profile = arguments.text("--profile", "tls-server"),
                                                       .lifetime = lifetime_of(arguments),
                                                       .service = arguments.text("--service"),
                                                       .node = arguments.text("--node")}),
                                      random_idempotency_key(), "application/json", arguments.text("--on-behalf-of"));
  if (!answer) {
    remove_unused_key(*plan, answer.error());
    return report(answer.error());
  }
  const auto issued = decode_issued(*answer);
  if (!issued) return report(issued.error());
  if (auto written = write_file(plan->certificate_file, issued->certificate + issued->chain, FileMode::public_, Overwrite::no); !written) {
    return report(written.error());
  }
  if (arguments.text("--output") == "json") {
    std::string body = with_member(*answer, "certificate_file", plan->certificate_file.string());
    if (!plan->key_file.empty()) body = with_member(body, "key_file", plan->key_file.string());
    std::printf("%s\n", body.c_str());
  } else {
    print(*issued, *plan, arguments);
  }
  return ExitCode::ok;
}

}  // namespace

std::vector<runtime::Command> issue_commands() {
  return {{.name = "issue",
           .purpose = "Issue a certificate: NAME.key (made here, 0600, never sent) and NAME.crt with its chain",
           .examples = {"quicklime issue api.internal", "quicklime issue api.internal 10.0.0.7 --days 30 --service api --node rack-7",
                        "quicklime issue '*.load.internal' --out /etc/ssl/load", "quicklime issue --csr request.pem"},
           .options = {{.name = "NAME", .value = "NAME", .help = "DNS name, IP address, e-mail address or URI", .many = true},
                       {.name = "--domain", .value = "NAME", .help = "the same", .many = true},
                       {.name = "--days", .value = "N", .help = "how long (default: as the profile says)"},
                       {.name = "--lifetime", .value = "DURATION", .help = "how long, in other units: 12h, 30m"},
                       {.name = "--profile",
                        .value = "PROFILE",
                        .help = "tls-server (the default), tls-client, tls-peer, or one of quicklime.toml"},
                       {.name = "--key-kind",
                        .value = "KIND",
                        .help = "of the key that is made (default: P-256)",
                        .choices = crypto::key_kind_names()},
                       {.name = "--csr", .value = "FILE", .help = "certify this request; its key stays where it is"},
                       {.name = "--out", .value = "DIR", .help = "where the files go (default: the current directory)"},
                       {.name = "--service", .value = "SERVICE", .help = "recorded: which service this is for"},
                       {.name = "--node", .value = "NODE", .help = "recorded: which node this is for"},
                       {.name = "--on-behalf-of",
                        .value = "TEXT",
                        .help = "recorded: for whom you ask, where you are a front end: a build, a ticket, a person"}},
           .run = run_issue}};
}

}  // namespace quicklime::command_line
