#include <charconv>
#include <cstdio>

#include "all_in_one/roles.hpp"
#include "base/file.hpp"
#include "command_line/add_authority.hpp"
#include "command_line/authority_key.hpp"
#include "command_line/output.hpp"
#include "pki/csr.hpp"
#include "pki/pem.hpp"
#include "runtime/process.hpp"
#include "runtime/process_settings.hpp"
#include "settings/configuration.hpp"

namespace quicklime::command_line {
namespace {

using runtime::Arguments;
using runtime::ExitCode;

constexpr const char* kAdd = "ca add";

std::vector<AuthorityId> ids_of(const std::vector<AuthoritySummary>& all, const installation::DataDirectory& directory) {
  std::vector<AuthorityId> ids;
  for (const auto& one : all) ids.emplace_back(one.id);
  // A key that waits for its certificate has its id already.
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory.ca(), ignored)) {
    if (entry.path().extension() == ".key") ids.emplace_back(entry.path().stem().string());
  }
  return ids;
}

Result<pki::Certificate> certificate_in(const AuthoritySummary& one) {
  auto all = pki::certificates_in(one.certificate);
  if (!all) return forward(all);
  return std::move(all->front());
}

Result<std::string> public_url_of(const installation::DataDirectory& directory) {
  const auto configuration = settings::load_configuration(directory.configuration(), all_in_one::known_settings(all_in_one::roles()));
  if (!configuration) return forward(configuration);
  return configuration->of<runtime::ProcessSettings>().public_url;
}

Result<std::optional<pki::NameConstraints>> constraints_of(const Arguments& arguments, const std::optional<pki::Certificate>& otherwise) {
  if (!arguments.has("--permit-dns") && !arguments.has("--permit-ip"))
    return otherwise ? otherwise->name_constraints() : std::optional<pki::NameConstraints>();
  auto given = pki::NameConstraints::permitting(arguments.texts("--permit-dns"), arguments.texts("--permit-ip"));
  if (!given) return forward(given);
  return std::optional(*std::move(given));
}

Result<std::optional<unsigned>> number_of(const Arguments& arguments, const char* option) {
  if (!arguments.has(option)) return std::optional<unsigned>();
  const std::string text = arguments.text(option);
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > 36'500)
    return wrong_use(std::string(option) + " is a number, and not '" + text + "'");
  return std::optional(value);
}

// What is to be made, from the options and what is there. like: whose organization and name constraints it has, unless an option says
// otherwise.
Result<Making> planned(const Arguments& arguments, const std::vector<AuthoritySummary>& all, const std::optional<AuthoritySummary>& like) {
  const auto directory = installation::find_data_directory(arguments.text("--data"));
  const bool is_root = arguments.has("--root");
  auto path_length = number_of(arguments, "--path-length");
  const auto days = number_of(arguments, "--days");
  if (!path_length) return forward(path_length);
  if (!days) return forward(days);
  if (!is_root && !*path_length) *path_length = 0U;
  std::optional<pki::Certificate> certificate;
  if (like) {
    auto parsed = certificate_in(*like);
    if (!parsed) return forward(parsed);
    certificate = *std::move(parsed);
  }
  auto permitted = constraints_of(arguments, certificate);
  if (!permitted) return forward(permitted);
  const auto public_url = public_url_of(directory);
  if (!public_url) return forward(public_url);
  const std::string kind = is_root ? "root" : path_length->value_or(0) > 0 ? "intermediate" : "issuing";
  const auto id = arguments.has("--id") ? AuthorityId(arguments.text("--id")) : ca::next_id(kind, ids_of(all, directory));
  const auto above = certificate ? certificate->public_key() : Result<crypto::PublicKey>(fail(ErrorCode::not_found, "", ""));
  const auto key_kind = arguments.has("--key-kind") ? crypto::parse_key_kind(arguments.text("--key-kind"))
                                                    : Result<crypto::KeyKind>(above ? above->kind() : crypto::KeyKind::p256);
  if (!key_kind) return forward(key_kind);
  const Milliseconds lifetime = *days ? Milliseconds(std::chrono::hours(24 * **days)) : is_root ? ca::kRootLifetime : ca::kIssuingLifetime;
  return Making{.what = {.id = id,
                         .organization = arguments.text("--name", certificate ? certificate->subject().organization() : "Quicklime"),
                         .public_url = *public_url,
                         .lifetime = lifetime,
                         .path_length = *path_length,
                         .permitted = *std::move(permitted)},
                .key_kind = *key_kind,
                .key_out = arguments.has("--key-out") ? std::filesystem::path(arguments.text("--key-out")) : directory.authority_key(id)};
}

ExitCode print_added(const Arguments& arguments, const Making& making, const std::string& parent, const pki::Certificate& certificate) {
  const std::string id = making.what.id.text();
  if (as_json(arguments)) {
    std::printf("%s\n",
                encode(MadeAuthority{id, parent, pki::pem_encode("CERTIFICATE", certificate.der()), making.key_out.string()}).c_str());
    return ExitCode::ok;
  }
  std::printf("Added %s, \"%s\", until %s\n  key: %s\n", id.c_str(), certificate.subject().common_name().c_str(),
              date_text(certificate.not_after()).c_str(), making.key_out.c_str());
  if (parent.empty()) {
    std::printf(
        "Take its key offline. Clients are to trust it before anything below it issues: quicklime ca bundle\n"
        "Then: quicklime ca add --parent %s --key FILE\n",
        id.c_str());
  } else if (certificate.path_length().value_or(0) > 0) {
    std::printf("Next: quicklime ca add --parent %s\n", id.c_str());
  } else {
    std::printf("It issues as soon as its key is where issuing, renewing and publishing go on: here within a second.\n");
  }
  return ExitCode::ok;
}

// ---- an authority whose parent is elsewhere

ExitCode run_request_authority(const Arguments& arguments, Remote& remote) {
  const auto all = authorities_here(remote);
  if (!all) return report(all.error());
  const auto like = newest_root(*all);
  const auto making = planned(arguments, *all, like ? std::optional(*like) : std::nullopt);
  if (!making) return report(making.error());
  const auto key = crypto::PrivateKey::generate(making->key_kind);
  if (!key) return report(key.error());
  const auto name = ca::name_of(making->what, key->public_key());
  if (!name) return report(name.error());
  const auto csr = pki::Csr::make(*name, {}, *key);
  if (!csr) return report(csr.error());
  const auto pem = key->to_pem();
  if (!pem) return report(pem.error());
  if (auto written = write_file(making->key_out, pem->reveal(), FileMode::private_, Overwrite::no); !written)
    return report(written.error());
  const std::string file = arguments.text("--request");
  if (auto written = write_file(file, pki::pem_encode("CERTIFICATE REQUEST", csr->der()), FileMode::public_, Overwrite::yes); !written)
    return report(written.error());
  if (as_json(arguments)) {
    std::printf("%s\n", encode(MadeAuthority{making->what.id.text(), "", "", making->key_out.string()}).c_str());
    return ExitCode::ok;
  }
  std::printf("%s: what the other CA is to sign, as a subordinate CA of path length 0, \"%s\"\n  key: %s\n", file.c_str(),
              name->common_name().c_str(), making->key_out.c_str());
  std::printf("Next, with its answer: quicklime ca add --import ANSWER --above ROOT\n");
  return ExitCode::ok;
}

// The file of ca/ whose key is that of the certificate: its name is the id.
std::string id_by_key(const installation::DataDirectory& directory, const pki::Certificate& certificate) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory.ca(), ignored)) {
    if (entry.path().extension() != ".key") continue;
    const auto pem = read_secret_file(entry.path());
    if (!pem) continue;
    const auto key = crypto::PrivateKey::from_pem(*pem);
    if (key && key->public_key().spki() == certificate.spki()) return entry.path().stem().string();
  }
  return {};
}

const pki::Certificate* issuer_among(const pki::Certificate& certificate, const std::vector<pki::Certificate>& others) {
  for (const auto& one : others) {
    const auto key = one.public_key();
    if (one.subject() == certificate.issuer() && key && certificate.signed_by(*key)) return &one;
  }
  return nullptr;
}

// From the certificate up to one that is known, or to a root: those that are to be added, the lowest first, and below whom they stand.
struct Path {
  std::vector<pki::Certificate> unknown;
  std::string known;  // id; empty: the last of the unknown ones is a root
};
Result<Path> path_of(const std::vector<pki::Certificate>& brought, const std::vector<AuthoritySummary>& all) {
  Path path;
  path.unknown.push_back(brought.front());
  for (std::size_t steps = 0; steps <= brought.size(); ++steps) {
    const pki::Certificate lowest = path.unknown.back();
    if (lowest.subject() == lowest.issuer()) return path;
    for (const auto& one : all) {
      const auto certificate = certificate_in(one);
      if (certificate && issuer_among(lowest, {*certificate})) {
        path.known = one.id;
        return path;
      }
    }
    const auto* issuer = issuer_among(lowest, brought);
    if (issuer == nullptr) {
      return fail(ErrorCode::invalid, "authority-certificate",
                  "who has issued " + lowest.subject().text() + ", \"" + lowest.issuer().text() +
                      "\", is not known here: bring its certificate, and those up to its root (--above FILE)");
    }
    path.unknown.push_back(*issuer);
  }
  return fail(ErrorCode::invalid, "authority-certificate", "the certificates above it go in a circle");
}

ExitCode run_import_authority(const Arguments& arguments, Remote& remote) {
  const auto directory = installation::find_data_directory(arguments.text("--data"));
  std::vector<pki::Certificate> brought;
  for (const char* option : {"--import", "--above"}) {
    if (!arguments.has(option)) continue;
    const auto text = read_file(arguments.text(option));
    if (!text) return report(text.error());
    const auto read = pki::certificates_in(*text);
    if (!read) return report(read.error());
    brought.insert(brought.end(), read->begin(), read->end());
  }
  if (brought.empty())
    return report(Error{ErrorCode::invalid, "authority-certificate", arguments.text("--import") + " holds no certificate"});
  const auto all = authorities_here(remote);
  if (!all) return report(all.error());
  const std::string id = arguments.text("--id", id_by_key(directory, brought.front()));
  if (id.empty()) {
    return report(wrong_use("no key of " + directory.ca().string() +
                            " is that of the certificate; where the key is elsewhere, name the authority: --id issuing-2")
                      .value());
  }
  const auto path = path_of(brought, *all);
  if (!path) return report(path.error());
  // All of them before the first is added: what stands in the log stays there.
  for (const auto& one : path->unknown) {
    if (one.is_ca()) continue;
    return report(Error{
        ErrorCode::invalid, "authority-certificate",
        "\"" + one.subject().text() + "\" is no certificate of an authority: it lacks basicConstraints with CA:TRUE; nothing was added"});
  }
  auto ids = ids_of(*all, directory);
  std::string parent = path->known;
  for (auto one = path->unknown.rbegin(); one != path->unknown.rend(); ++one) {
    const bool is_the_one = one + 1 == path->unknown.rend();
    const std::string name = is_the_one ? id : ca::next_id("outside", ids).text();
    const std::string succeeds = parent.empty() ? arguments.text("--succeeds") : "";
    if (auto added = add_authority(remote, {name, parent, succeeds, *one}); !added) return report(added.error());
    if (!as_json(arguments)) std::printf("Added %s, \"%s\"\n", name.c_str(), one->subject().text().c_str());
    ids.emplace_back(name);
    parent = name;
  }
  if (as_json(arguments)) {
    std::printf("%s\n", encode(MadeAuthority{id, path->known, pki::pem_encode("CERTIFICATE", brought.front().der()),
                                             directory.authority_key(AuthorityId(id)).string()})
                            .c_str());
  }
  return ExitCode::ok;
}

// ---- by the key at hand

ExitCode run_add_root(const Arguments& arguments, Remote& remote) {
  const auto all = authorities_here(remote);
  if (!all) return report(all.error());
  std::optional<AuthoritySummary> like;
  if (arguments.has("--succeeds")) {
    auto one = authority_named(*all, arguments.text("--succeeds"));
    if (!one) return report(one.error());
    like = *std::move(one);
  }
  auto making = planned(arguments, *all, like);
  if (!making) return report(making.error());
  making->succeeds = arguments.text("--succeeds");
  const auto passphrase = read_passphrase(arguments.text("--passphrase-file"));
  if (!passphrase) return report(passphrase.error());
  const auto made = make_root(remote, *making, *passphrase);
  if (!made) return report(made.error());
  return print_added(arguments, *making, "", *made);
}

ExitCode run_add_below(const Arguments& arguments, Remote& remote) {
  const auto all = authorities_here(remote);
  if (!all) return report(all.error());
  const auto parent = arguments.has("--parent") ? authority_named(*all, arguments.text("--parent")) : newest_root(*all);
  if (!parent) return report(parent.error());
  std::string file = arguments.text("--key");
  if (file.empty()) {
    const auto found = key_file_of(installation::find_data_directory(arguments.text("--data")), parent->id);
    if (!found) return report(found.error());
    file = found->string();
  }
  const auto key = read_authority_key(file, arguments.text("--passphrase-file"));
  if (!key) return report(key.error());
  const auto making = planned(arguments, *all, *parent);
  if (!making) return report(making.error());
  const auto made = make_below(remote, *making, *parent, *key);
  if (!made) return report(made.error());
  return print_added(arguments, *making, parent->id, *made);
}

Result<void> check_add(const Arguments& arguments) {
  if (arguments.has("--root") + arguments.has("--request") + arguments.has("--import") + arguments.has("--parent") > 1) {
    return wrong_use("one of --parent (by its key), --root (by its own), --request and --import (by another CA)");
  }
  if (arguments.has("--succeeds") && !arguments.has("--root") && !arguments.has("--import")) {
    return wrong_use("--succeeds is of a root: authorities of one root go on with what the others have issued anyway");
  }
  if (arguments.has("--above") && !arguments.has("--import")) return wrong_use("--above goes with --import");
  if (arguments.has("--key") && (arguments.has("--root") || arguments.has("--request") || arguments.has("--import")))
    return wrong_use("--key is the key of the authority above, which signs nothing here");
  return {};
}

ExitCode run_add_authority(const Arguments& arguments) {
  runtime::harden();
  if (auto checked = check_add(arguments); !checked) return report(checked.error());
  const auto remote = Remote::connect_here(arguments, kAdd);
  if (!remote) return report(remote.error());
  if (arguments.has("--request")) return run_request_authority(arguments, **remote);
  if (arguments.has("--import")) return run_import_authority(arguments, **remote);
  return arguments.has("--root") ? run_add_root(arguments, **remote) : run_add_below(arguments, **remote);
}

}  // namespace

Result<std::string> add_successor(const Arguments& arguments, Remote& remote, const std::vector<AuthoritySummary>& all,
                                  const AuthoritySummary& parent, const crypto::PrivateKey& parent_key) {
  const auto directory = installation::find_data_directory(arguments.text("--data"));
  const auto above = certificate_in(parent);
  if (!above) return forward(above);
  const auto public_url = public_url_of(directory);
  if (!public_url) return forward(public_url);
  const auto id = ca::next_id("issuing", ids_of(all, directory));
  const Making making{.what = {.id = id,
                               .organization = above->subject().organization(),
                               .public_url = *public_url,
                               .lifetime = ca::kIssuingLifetime,
                               .path_length = 0U,
                               .permitted = above->name_constraints()},
                      .key_kind = parent_key.kind(),
                      .key_out = directory.authority_key(id)};
  const auto made = make_below(remote, making, parent, parent_key);
  if (!made) return forward(made);
  return id.text();
}

runtime::Command add_authority_command() {
  return {
      .name = kAdd,
      .purpose = "Add an authority: an issuing one by the root's key, a root, or one that another CA certifies",
      .examples = {"quicklime ca add --key /media/stick/root.key",
                   "quicklime ca add --root --succeeds root-1 --key-out /media/stick/root-2.key",
                   "quicklime ca add --parent root-1 --path-length 1", "quicklime ca add --request issuing-2.csr",
                   "quicklime ca add --import issuing-2.crt --above corporate-root.crt"},
      .options =
          {{.name = "--parent", .value = "ID", .help = "which authority signs it (default: the newest root that is not retired)"},
           {.name = "--key", .value = "FILE", .help = "the parent's key, PEM (default: in ca/ of the data directory)"},
           {.name = "--passphrase-file", .value = "FILE", .help = "its first line decrypts that key; with --root: encrypts the new one"},
           {.name = "--root", .value = "", .help = "a root, which signs itself"},
           {.name = "--succeeds",
            .value = "ID",
            .help = "of a root: whose place it takes, so that what was issued below that one is renewed below this one"},
           {.name = "--request", .value = "FILE", .help = "write a CSR for another CA to this file"},
           {.name = "--import", .value = "FILE", .help = "add what the other CA answered, PEM"},
           {.name = "--above", .value = "FILE", .help = "with --import: the certificates above it, up to the root, PEM"},
           {.name = "--id", .value = "ID", .help = "what it is called in URLs and files, for ever (default: issuing-2, root-2, ...)"},
           {.name = "--name", .value = "ORGANIZATION", .help = "whose it is (default: as its parent)"},
           {.name = "--key-kind", .value = "KIND", .help = "of its key (default: as its parent's)"},
           {.name = "--days", .value = "N", .help = "how long it lives (default: 1825, a root 3650); never past its parent"},
           {.name = "--path-length", .value = "N", .help = "how many authorities may stand below it (default: 0, a root any number)"},
           {.name = "--permit-dns",
            .value = "NAME",
            .help = "names that may stand below it, see init (default: as its parent)",
            .many = true},
           {.name = "--permit-ip", .value = "RANGE", .help = "addresses, likewise", .many = true},
           {.name = "--key-out", .value = "FILE", .help = "where its key is written (default: ca/<id>.key)"}},
      .run = run_add_authority};
}

}  // namespace quicklime::command_line
