// ca sign-crl, ca revoke: what only the holder of an authority's key can make true.

#include <cstdio>
#include <initializer_list>

#include "base/file.hpp"
#include "ca/crl_publication.hpp"
#include "ca/crl_signing_request.hpp"
#include "command_line/authority_key.hpp"
#include "command_line/bodies.hpp"
#include "command_line/client.hpp"
#include "command_line/commands.hpp"
#include "command_line/output.hpp"
#include "http/message.hpp"
#include "installation/data_directory.hpp"
#include "pki/pem.hpp"
#include "runtime/process.hpp"

namespace quicklime::command_line {
namespace {

using runtime::Arguments;
using runtime::ExitCode;

constexpr const char* kSignCrl = "ca sign-crl";
constexpr const char* kCrlRoute = "/control/crl";

bool wants_json(const Arguments& arguments) { return arguments.text("--output") == "json"; }

// What somebody is about to sign, or has signed.
void print_request(const ca::CrlSigningRequest& request) {
  std::printf("CRL %s of %s \"%s\"\n  from %s until %s\n", ca::crl_number_text(request.number).c_str(), request.authority.text().c_str(),
              request.certificate.subject().text().c_str(), request.this_update.rfc3339_seconds().c_str(),
              request.next_update.rfc3339_seconds().c_str());
  if (request.revoked.empty()) {
    std::printf("  revokes nothing\n");
    return;
  }
  std::vector<std::vector<std::string>> rows{{"  REVOKED", "SINCE", "REASON"}};
  for (const auto& entry : request.revoked) {
    rows.push_back({"  " + entry.serial.hex(), entry.revocation_date.rfc3339_seconds(), std::string(pki::name(entry.reason))});
  }
  std::printf("%s", table(rows).c_str());
}

Result<std::string> sign_with(const Arguments& arguments, const ca::CrlSigningRequest& request, const std::string& key_file) {
  auto key = read_authority_key(key_file, arguments.text("--passphrase-file"));
  if (!key) return forward(key);
  const auto der = ca::sign_crl(request, crypto::KeySigner(std::move(*key)));
  if (!der) return forward(der);
  return pki::pem_encode("X509 CRL", *der);
}

ExitCode publish_crl(const Arguments& arguments, Remote& remote, const std::string& crl) {
  const auto body = remote.post(kCrlRoute, crl, "", "application/x-pem-file");
  if (!body) return report(body.error());
  const auto published = decode_published_crl(*body);
  if (!published) return report(published.error());
  if (wants_json(arguments)) {
    std::printf("%s\n", body->c_str());
  } else {
    std::printf("CRL %s of %s is published, until %s\n", published->number.c_str(), published->authority.c_str(),
                published->next_update.c_str());
  }
  if (!published->complete) {
    std::fprintf(stderr, "It lacks what was revoked after it was asked for: sign another one (quicklime %s)\n", kSignCrl);
  }
  return ExitCode::ok;
}

// Where the key is: needs no data directory.
ExitCode run_sign_request(const Arguments& arguments) {
  if (!arguments.has("--key") || !arguments.has("--out")) {
    return report(wrong_use("--sign needs --key FILE, the authority's key, and --out ANSWER, where the CRL is to be written").value());
  }
  const auto text = read_file(arguments.text("--sign"));
  if (!text) return report(text.error());
  const auto request = ca::decode_crl_signing_request(*text);
  if (!request) {
    Error error = request.error();
    error.detail = arguments.text("--sign") + ": " + error.detail;
    return report(error);
  }
  const auto dated = ca::check_crl_dates(request->certificate, request->this_update, request->next_update, SystemClock().now());
  if (!dated) return report(dated.error());
  const auto crl = sign_with(arguments, *request, arguments.text("--key"));
  if (!crl) return report(crl.error());
  if (auto written = write_file(arguments.text("--out"), *crl, FileMode::public_, Overwrite::no); !written) return report(written.error());
  if (wants_json(arguments)) {
    std::printf("%s", text->c_str());
    return ExitCode::ok;
  }
  print_request(*request);
  std::printf("Signed. Next, where the CA is: quicklime %s --import %s\n", kSignCrl, arguments.text("--out").c_str());
  return ExitCode::ok;
}

ExitCode run_import_crl(const Arguments& arguments) {
  const auto crl = read_file(arguments.text("--import"));
  if (!crl) return report(crl.error());
  const auto remote = Remote::connect_here(arguments, kSignCrl);
  if (!remote) return report(remote.error());
  return publish_crl(arguments, **remote, *crl);
}

ExitCode write_signing_request(const Arguments& arguments, const std::string& text, const ca::CrlSigningRequest& request) {
  const auto file = arguments.text("--request");
  if (auto written = write_file(file, text, FileMode::public_, Overwrite::no); !written) return report(written.error());
  if (wants_json(arguments)) {
    std::printf("%s", text.c_str());
    return ExitCode::ok;
  }
  print_request(request);
  std::printf("Next, where the key is: quicklime %s --sign %s --key root.key --out %s.crl\n", kSignCrl, file.c_str(),
              request.authority.text().c_str());
  return ExitCode::ok;
}

// Empty: a request is to be written, and no key is needed.
Result<std::string> signing_key_file(const Arguments& arguments) {
  if (arguments.has("--request")) return std::string();
  if (arguments.has("--key")) return arguments.text("--key");
  const auto file = installation::find_data_directory(arguments.text("--data")).root_key();
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) return file.string();
  return fail(ErrorCode::not_found, "authority-key-missing",
              "there is no " + file.string() + ": say where the key is (--key FILE), or take what is to be signed to it (--request FILE)");
}

// An option that would mean nothing is refused: whoever gave it believes that it did something.
Result<void> check_options(const Arguments& arguments) {
  if (arguments.has("--sign") + arguments.has("--import") + arguments.has("--request") > 1) {
    return wrong_use("one at a time: --request where the CA is, --sign where the key is, --import where the CA is");
  }
  if (arguments.has("--days") && arguments.has("--lifetime")) return wrong_use("--days and --lifetime say the same: give one of them");
  const auto refuse = [&](const char* mode, std::initializer_list<const char*> options, const char* why) -> Result<void> {
    for (const auto* option : options) {
      if (arguments.has(option)) return wrong_use(std::string(option) + " means nothing with " + mode + ": " + why);
    }
    return {};
  };
  if (arguments.has("--sign")) return refuse("--sign", {"--days", "--lifetime", "--authority"}, "the request says it");
  if (arguments.has("--import")) {
    return refuse("--import", {"--days", "--lifetime", "--authority", "--key", "--passphrase-file", "--out"}, "the CRL is signed");
  }
  if (arguments.has("--request")) {
    if (auto used = refuse("--request", {"--key", "--passphrase-file"}, "nothing is signed here"); !used) return used;
  }
  if (arguments.has("--out")) return wrong_use("--out is where --sign writes the CRL, and means nothing without it");
  return {};
}

ExitCode run_sign_crl(const Arguments& arguments) {
  runtime::harden();  // the key that signs for everybody may come into this process
  if (auto checked = check_options(arguments); !checked) return report(checked.error());
  if (arguments.has("--sign")) return run_sign_request(arguments);
  if (arguments.has("--import")) return run_import_crl(arguments);

  const auto key = signing_key_file(arguments);
  if (!key) return report(key.error());
  const auto remote = Remote::connect_here(arguments, kSignCrl);
  if (!remote) return report(remote.error());
  const std::string lifetime = arguments.has("--days") ? arguments.text("--days") + "d" : arguments.text("--lifetime");
  std::string query;
  const auto ask = [&](const char* name, const std::string& value) {
    if (!value.empty()) query += (query.empty() ? "?" : "&") + std::string(name) + "=" + http::percent_encode(value);
  };
  ask("lifetime", lifetime);
  ask("authority", arguments.text("--authority"));
  const auto text = (*remote)->get(kCrlRoute + query);
  if (!text) return report(text.error());
  const auto request = ca::decode_crl_signing_request(*text);
  if (!request) return report(request.error());
  if (key->empty()) return write_signing_request(arguments, *text, *request);
  const auto crl = sign_with(arguments, *request, *key);
  if (!crl) return report(crl.error());
  if (!wants_json(arguments)) print_request(*request);
  return publish_crl(arguments, **remote, *crl);
}

ExitCode run_revoke_authority(const Arguments& arguments) {
  const auto remote = Remote::connect_here(arguments, "ca revoke");
  if (!remote) return report(remote.error());
  const auto body = (*remote)->post("/control/authorities/" + http::percent_encode(arguments.text("AUTHORITY")) + "/revoke",
                                    encode(RevokeBody{.reason = arguments.text("--reason"), .secret = {}, .signature = {}}));
  if (!body) return report(body.error());
  const auto revoked = decode_revoked_authority(*body);
  if (!revoked) return report(revoked.error());
  if (wants_json(arguments)) {
    std::printf("%s\n", body->c_str());
    return ExitCode::ok;
  }
  std::printf("%s: %s, serial %s (%s), since %s\n", revoked->already ? "Revoked already, and nothing changed" : "Revoked",
              revoked->authority.c_str(), revoked->serial.c_str(), revoked->reason.c_str(), revoked->revoked_at.c_str());
  if (revoked->published) {
    std::printf("The CRL of %s says so.\n", revoked->crl_of.c_str());
  } else {
    std::printf("Clients do not know before the CRL of %s says so: quicklime %s%s\n", revoked->crl_of.c_str(), kSignCrl,
                installation::data_option(installation::find_data_directory(arguments.text("--data"))).c_str());
  }
  return ExitCode::ok;
}

}  // namespace

std::vector<runtime::Command> ca_commands() {
  return {{.name = kSignCrl,
           .purpose = "Sign the next CRL of the root, whose key is kept elsewhere: here with the key at hand, or on another machine",
           .examples = {"quicklime ca sign-crl --key /media/stick/root.key", "quicklime ca sign-crl --request request.json",
                        "quicklime ca sign-crl --sign request.json --key root.key --passphrase-file passphrase.txt --out root-1.crl",
                        "quicklime ca sign-crl --import root-1.crl"},
           .options = {{.name = "--key",
                        .value = "FILE",
                        .help = "the authority's key, PEM (default, but for --sign: ca/root.key of the data directory)"},
                       {.name = "--passphrase-file", .value = "FILE", .help = "its first line decrypts the key"},
                       {.name = "--days", .value = "N", .help = "how long until the one after it must be there (default: 365)"},
                       {.name = "--lifetime", .value = "DURATION", .help = "the same in other units: 720h"},
                       {.name = "--authority", .value = "ID", .help = "whose CRL (default: the one authority whose key is not here)"},
                       {.name = "--request", .value = "FILE", .help = "write what is to be signed to this file, and sign nothing"},
                       {.name = "--sign",
                        .value = "REQUEST",
                        .help = "sign what --request wrote, on any machine and without a data directory; with --key and --out"},
                       {.name = "--out", .value = "FILE", .help = "with --sign: where to write the CRL, PEM"},
                       {.name = "--import", .value = "FILE", .help = "publish what --sign wrote; it is checked first"}},
           .run = run_sign_crl},
          {.name = "ca revoke",
           .purpose = "Revoke an issuing authority: for good, and with it all that it has issued, as soon as its parent's CRL says so",
           .examples = {"quicklime ca revoke issuing-1 --reason cACompromise"},
           .options = {{.name = "AUTHORITY", .value = "ID", .help = "which one; a root cannot be revoked", .required = true},
                       {.name = "--reason",
                        .value = "REASON",
                        .help = "cACompromise, superseded, cessationOfOperation, affiliationChanged, privilegeWithdrawn, keyCompromise, "
                                "aACompromise; any letter case",
                        .required = true}},
           .run = run_revoke_authority}};
}

}  // namespace quicklime::command_line
