// ca list, show, bundle, retire, compromise; ca add stands in command_add_authority.cpp.

#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "base/file.hpp"
#include "command_line/add_authority.hpp"
#include "command_line/authorities.hpp"
#include "command_line/authority_key.hpp"
#include "command_line/certificate_choice.hpp"
#include "command_line/commands.hpp"
#include "command_line/output.hpp"
#include "command_line/selection.hpp"
#include "http/message.hpp"
#include "runtime/process.hpp"
#include "runtime/progress.hpp"

namespace quicklime::command_line {
namespace {

using runtime::Arguments;
using runtime::ExitCode;

constexpr const char* kCompromise = "ca compromise";
constexpr std::size_t kLeavesInOneRequest = 500;

std::string authority_status(const AuthoritySummary& one) {
  if (!one.revoked_at.empty()) return "revoked since " + one.revoked_at + " (" + one.reason + ")";
  return one.retired ? "retired" : "good";
}

Result<std::vector<AuthoritySummary>> listed_authorities(Remote& remote, std::string* text = nullptr) {
  const auto body = remote.get("/v1/authorities");
  if (!body) return forward(body);
  if (text != nullptr) *text = *body;
  return decode_authority_list(*body);
}

ExitCode run_authority_list(const Arguments& arguments) {
  auto remote = Remote::connect(arguments, "ca list");
  if (!remote) return report(remote.error());
  std::string body;
  const auto authorities = listed_authorities(**remote, &body);
  if (!authorities) return report(authorities.error());
  if (as_json(arguments)) {
    std::printf("%s\n", body.c_str());
    return ExitCode::ok;
  }
  std::vector<std::vector<std::string>> rows{{"AUTHORITY", "ISSUED BY", "STATUS", "UNTIL", "SUBJECT"}};
  for (const auto& one : *authorities)
    rows.push_back({one.id, one.parent.empty() ? "itself" : one.parent, authority_status(one), one.not_after, one.subject});
  std::printf("%s", table(rows).c_str());
  return ExitCode::ok;
}

ExitCode run_authority_show(const Arguments& arguments) {
  auto remote = Remote::connect(arguments, "ca show");
  if (!remote) return report(remote.error());
  std::string body;
  const auto authorities = listed_authorities(**remote, &body);
  if (!authorities) return report(authorities.error());
  const auto one = authority_named(*authorities, arguments.text("AUTHORITY"));
  if (!one) return report(one.error());
  if (as_json(arguments)) {
    std::printf("%s\n", one_authority(body, one->id).c_str());
    return ExitCode::ok;
  }
  const auto line = [](const char* what, const std::string& value) {
    if (!value.empty()) std::printf("%-12s %s\n", what, value.c_str());
  };
  line("authority", one->id);
  line("subject", one->subject);
  line("issued by", one->parent.empty() ? "itself" : one->parent);
  line("succeeds", one->succeeds);
  line("status", authority_status(*one));
  line("from", one->not_before);
  line("until", one->not_after);
  line("key", one->key);
  line("names", one->name_constraints);
  line("SHA-256", one->sha256);
  std::printf("%s", one->certificate.c_str());
  return ExitCode::ok;
}

ExitCode run_bundle(const Arguments& arguments) {
  auto remote = Remote::connect(arguments, "ca bundle");
  if (!remote) return report(remote.error());
  const std::string of = arguments.text("--authority");
  const auto pem = (*remote)->get(of.empty() ? std::string("/ca/roots.pem") : "/ca/" + http::percent_encode(of) + ".pem");
  if (!pem) return report(pem.error());
  const std::string out = arguments.text("--out");
  if (!out.empty()) {
    if (auto written = write_file(out, *pem, FileMode::public_, Overwrite::yes); !written) return report(written.error());
  }
  if (as_json(arguments)) {
    std::printf("%s\n", with_member("{}", "certificates", *pem).c_str());
  } else if (out.empty()) {
    std::printf("%s", pem->c_str());
  } else {
    std::printf("%s: %s\n", out.c_str(), of.empty() ? "the roots that clients are to trust" : ("the chain of " + of).c_str());
  }
  return ExitCode::ok;
}

ExitCode run_retire(const Arguments& arguments) {
  const auto remote = Remote::connect_here(arguments, "ca retire");
  if (!remote) return report(remote.error());
  const std::string id = arguments.text("AUTHORITY");
  const auto body = (*remote)->post("/control/authorities/" + http::percent_encode(id) + "/retire", "{}");
  if (!body) return report(body.error());
  if (as_json(arguments)) {
    std::printf("%s\n", body->c_str());
    return ExitCode::ok;
  }
  std::printf("%s is retired: it issues nothing more. Its CRLs and OCSP go on while its key is here; leave the key until %s has ended.\n",
              id.c_str(), "what it has issued");
  return ExitCode::ok;
}

// ---- compromise

struct Compromised {
  std::string authority{}, successor{}, revoked_at{};
  bool crl_published = false;
  std::vector<std::string> leaves{};
  std::size_t revoked = 0;
};

// The key above, where the file is at hand; nullopt: it is elsewhere, or a process publishes by itself.
Result<std::optional<crypto::PrivateKey>> key_above(const Arguments& arguments, const std::string& parent) {
  std::string file = arguments.text("--key");
  if (file.empty()) {
    const auto found = key_file_of(installation::find_data_directory(arguments.text("--data")), parent);
    if (!found) return std::optional<crypto::PrivateKey>();
    file = found->string();
  }
  auto key = read_authority_key(file, arguments.text("--passphrase-file"));
  if (!key) return forward(key);
  return std::optional(*std::move(key));
}

void say(const Arguments& arguments, const std::string& text) {
  if (!as_json(arguments)) std::printf("%s\n", text.c_str());
  std::fflush(stdout);
}

// Steps 1 to 3, where the data directory is.
Result<void> revoke_and_follow(const Arguments& arguments, Remote& remote, Compromised& done) {
  const auto all = authorities_here(remote);
  if (!all) return forward(all);
  const auto authority = authority_named(*all, done.authority);
  if (!authority) return forward(authority);
  if (authority->parent.empty()) {
    return fail(
        ErrorCode::conflict, "authority-is-root",
        done.authority + " is a root: nobody above it can revoke it; take it out of what clients trust, and follow docs/authorities.md",
        "authority");
  }
  const auto key = key_above(arguments, authority->parent);
  if (!key) return forward(key);

  // Step 1. What follows it: clients renew from there as soon as the compromised one is revoked.
  done.successor = successor_of(*all, done.authority);
  if (done.successor.empty() && !arguments.has("--no-successor")) {
    if (!*key) {
      return fail(ErrorCode::not_found, "authority-key-missing",
                  "nothing else issues here, and the key of " + authority->parent +
                      " is not at hand to make a successor: say where it is (--key FILE), or go on without one (--no-successor)");
    }
    const auto parent = authority_named(*all, authority->parent);
    if (!parent) return forward(parent);
    const auto made = add_successor(arguments, remote, *all, *parent, **key);
    if (!made) return forward(made);
    done.successor = *made;
    say(arguments, "Added " + done.successor + ", which issues from now on.");
  } else if (!done.successor.empty()) {
    say(arguments, done.successor + " issues from now on.");
  }

  // Step 2. Its certificate.
  const auto body = remote.post("/control/authorities/" + http::percent_encode(done.authority) + "/revoke",
                                encode(RevokeBody{.reason = "cACompromise", .secret = {}, .signature = {}}));
  if (!body) return forward(body);
  const auto revoked = decode_revoked_authority(*body);
  if (!revoked) return forward(revoked);
  done.revoked_at = revoked->revoked_at;
  say(arguments, "Revoked " + done.authority + ", serial " + revoked->serial + ".");

  // Step 3. The CRL of the one above it: nothing else tells a client.
  if (revoked->published) {
    done.crl_published = true;
  } else if (*key) {
    const auto crl = sign_next_crl(remote, authority->parent, **key);
    if (!crl && crl.error().reason != "crl-signed-here") return forward(crl);
    done.crl_published = true;
  }
  say(arguments, done.crl_published ? "The CRL of " + authority->parent + " says so."
                                    : "Clients do not know before the CRL of " + authority->parent +
                                          " says so: quicklime ca sign-crl --authority " + authority->parent);
  return {};
}

// Step 4, wherever the API is reached.
Result<void> revoke_leaves(const Arguments& arguments, Remote& remote, Compromised& done) {
  auto live = live_ones(remote, "");
  if (!live && live.error().reason == "certificate-unknown") return {};
  if (!live) return forward(live);
  std::erase_if(*live, [&](const auto& one) { return one.authority != done.authority; });
  for (const auto& one : *live) done.leaves.push_back(one.serial);
  if (live->empty()) {
    say(arguments, "None of its certificates is live.");
    return {};
  }
  say(arguments, std::to_string(live->size()) + " of its certificates are live:\n" + certificate_table(*live));
  if (arguments.has("--keep-leaves")) {
    say(arguments, "They are not revoked, so that they can be renewed by " +
                       (done.successor.empty() ? std::string("a successor") : done.successor) +
                       ". Then, without --keep-leaves, the rest is.");
    return {};
  }
  runtime::Progress progress("revoking");
  for (std::size_t at = 0; at < done.leaves.size(); at += kLeavesInOneRequest) {
    progress.show(at, done.leaves.size());
    const auto begin = done.leaves.begin() + static_cast<std::ptrdiff_t>(at);
    const auto end = begin + static_cast<std::ptrdiff_t>(std::min(kLeavesInOneRequest, done.leaves.size() - at));
    const RevokeBody body{.reason = "cACompromise", .serials = {begin, end}};
    const auto answer = remote.post("/v1/revocations", encode(body), random_idempotency_key());
    if (!answer) return forward(answer);
    done.revoked = at + static_cast<std::size_t>(end - begin);
  }
  progress.end();
  say(arguments, "Revoked " + std::to_string(done.revoked) + ".");
  return {};
}

bool is_confirmed(const Arguments& arguments, const std::string& id) {
  if (arguments.has("--yes") || ::isatty(STDIN_FILENO) != 1) return true;
  std::fprintf(stderr, "Revoke the authority %s for good, and what it has issued? [y/N] ", id.c_str());
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

ExitCode run_compromise(const Arguments& arguments) {
  runtime::harden();
  Compromised done{.authority = arguments.text("AUTHORITY")};
  if (!is_confirmed(arguments, done.authority))
    return report(Error{ErrorCode::denied, "not-confirmed", "nothing was revoked; --yes does not ask"});
  auto remote = Remote::connect(arguments, kCompromise);
  if (!remote) return report(remote.error());
  if ((*remote)->way() != Remote::Way::server) {
    if (auto followed = revoke_and_follow(arguments, **remote, done); !followed) return report(followed.error());
  }
  if (auto revoked = revoke_leaves(arguments, **remote, done); !revoked) {
    const bool elsewhere = (*remote)->way() != Remote::Way::server && revoked.error().code == ErrorCode::not_found;
    if (!elsewhere) return report(revoked.error());
    say(arguments, "The daemon here does not list certificates. Next: quicklime ca compromise " + done.authority + " --server https://...");
  }
  if (as_json(arguments)) {
    std::printf("%s\n",
                encode(CompromisedAuthority{done.authority, done.successor, done.revoked_at, done.crl_published, done.leaves, done.revoked})
                    .c_str());
  }
  return ExitCode::ok;
}

}  // namespace

std::vector<runtime::Command> authority_commands() {
  std::vector<runtime::Command> commands{{.name = "ca list",
                                          .purpose = "List the authorities of this CA: who signs, until when, which are retired or revoked",
                                          .examples = {"quicklime ca list", "quicklime ca list -o json"},
                                          .options = {},
                                          .run = run_authority_list},
                                         {.name = "ca show",
                                          .purpose = "Show one authority",
                                          .examples = {"quicklime ca show issuing-1"},
                                          .options = {{.name = "AUTHORITY", .value = "ID", .help = "which one", .required = true}},
                                          .run = run_authority_show}};
  commands.push_back(add_authority_command());
  commands.push_back(
      {.name = "ca retire",
       .purpose = "Let an authority issue nothing more; what it has issued stays good, and its CRLs and OCSP go on",
       .examples = {"quicklime ca retire issuing-1"},
       .options = {{.name = "AUTHORITY", .value = "ID", .help = "which one; a root when nothing below it issues", .required = true}},
       .run = run_retire});
  commands.push_back(
      {.name = kCompromise,
       .purpose = "An issuing authority whose key is stolen: its successor, its revocation, the CRL that says so, and what it has issued",
       .examples = {"quicklime ca compromise issuing-1", "quicklime ca compromise issuing-1 --key /media/stick/root.key --keep-leaves",
                    "quicklime ca compromise issuing-1 --server https://ca.internal:8443 --token-file admin.token"},
       .options = {{.name = "AUTHORITY", .value = "ID", .help = "whose key is stolen", .required = true},
                   {.name = "--key",
                    .value = "FILE",
                    .help = "the key of the authority above it, PEM (default: in ca/ of the data directory)"},
                   {.name = "--passphrase-file", .value = "FILE", .help = "its first line decrypts the key"},
                   {.name = "--no-successor", .value = "", .help = "make none, where nothing else issues"},
                   {.name = "--keep-leaves",
                    .value = "",
                    .help = "list what it has issued, and do not revoke that yet: so it can be renewed first"},
                   {.name = "--yes", .value = "", .help = "do not ask"}},
       .run = run_compromise});
  commands.push_back({.name = "ca bundle",
                      .purpose = "Print the roots that clients are to trust, or the chain of one authority, in PEM",
                      .examples = {"quicklime ca bundle --out roots.pem", "quicklime ca bundle --authority issuing-2"},
                      .options = {{.name = "--authority", .value = "ID", .help = "this one and what is above it"},
                                  {.name = "--out", .value = "FILE", .help = "write it there"}},
                      .run = run_bundle});
  return commands;
}

}  // namespace quicklime::command_line
