// token create, list, revoke: who may ask over the network.

#include <sys/stat.h>

#include <algorithm>
#include <cstdio>

#include "access/role.hpp"
#include "all_in_one/roles.hpp"
#include "base/file.hpp"
#include "command_line/bodies.hpp"
#include "command_line/bootstrap_roles.hpp"
#include "command_line/client.hpp"
#include "command_line/commands.hpp"
#include "command_line/output.hpp"
#include "runtime/shared_settings.hpp"
#include "settings/configuration.hpp"

namespace quicklime::command_line {
namespace {

using runtime::Arguments;
using runtime::ExitCode;

ExitCode run_token_create(const Arguments& arguments) {
  auto remote = Remote::connect(arguments, "token create");
  if (!remote) return report(remote.error());
  const auto answer =
      (*remote)->post("/v1/tokens", encode(TokenBody{.name = arguments.text("NAME"),
                                                     .role = arguments.text("--role"),
                                                     .profiles = arguments.texts("--profiles"),
                                                     .names = arguments.texts("--names"),
                                                     .lifetime = arguments.has("--days") ? arguments.text("--days") + "d" : ""}));
  if (!answer) return report(answer.error());
  const auto token = decode_token_answer(*answer);
  if (!token) return report(token.error());
  if (arguments.text("--output") == "json") {
    std::printf("%s\n", answer->c_str());
    return ExitCode::ok;
  }
  std::printf("%s\n", token->token.c_str());
  std::fprintf(stderr,
               "The token above is shown only here. %s \"%s\" (id %s), until %s\n"
               "  profiles: %s\n  names:    %s\n"
               "Use it: QUICKLIME_TOKEN=... quicklime issue NAME --server https://HOST:8443 --roots roots.pem\n",
               token->role.c_str(), token->name.c_str(), token->id.c_str(), token->not_after.c_str(),
               or_dash(joined(token->profiles, " ")).c_str(), or_dash(joined(token->names, " ")).c_str());
  return ExitCode::ok;
}

Result<std::vector<TokenSummary>> tokens_of(Remote& remote, std::string& body) {
  auto answer = remote.get("/v1/tokens");
  if (!answer) return forward(answer);
  body = std::move(*answer);
  return decode_tokens(body);
}

ExitCode run_token_list(const Arguments& arguments) {
  auto remote = Remote::connect(arguments, "token list");
  if (!remote) return report(remote.error());
  std::string body;
  const auto tokens = tokens_of(**remote, body);
  if (!tokens) return report(tokens.error());
  if (arguments.text("--output") == "json") {
    std::printf("%s\n", body.c_str());
    return ExitCode::ok;
  }
  std::vector<std::vector<std::string>> rows{{"ID", "NAME", "ROLE", "STATUS", "UNTIL", "PROFILES", "NAMES"}};
  for (const auto& token : *tokens) {
    rows.push_back({token.id, token.name, token.role, token.status, token.not_after, or_dash(joined(token.profiles, " ")),
                    or_dash(joined(token.names, " "))});
  }
  std::printf("%s", tokens->empty() ? "No tokens yet.\n" : table(rows).c_str());
  return ExitCode::ok;
}

// A name that several live tokens have is asked back.
Result<std::string> token_id(Remote& remote, const std::string& text) {
  std::string body;
  const auto tokens = tokens_of(remote, body);
  if (!tokens) return forward(tokens);
  std::vector<std::string> named;
  for (const auto& token : *tokens) {
    if (token.id == text) return text;
    if (token.name == text && token.status == "live") named.push_back(token.id);
  }
  if (named.size() == 1) return named.front();
  if (named.empty())
    return fail(ErrorCode::not_found, "token-unknown", "no live token has the id or name '" + text + "'; quicklime token list shows them");
  return wrong_use("several tokens are named '" + text + "': say which by its id: " + joined(named, ", "));
}

ExitCode run_token_revoke(const Arguments& arguments) {
  auto remote = Remote::connect(arguments, "token revoke");
  if (!remote) return report(remote.error());
  const auto id = token_id(**remote, arguments.text("TOKEN"));
  if (!id) return report(id.error());
  const auto answer = (*remote)->remove("/v1/tokens/" + http::percent_encode(*id));
  if (!answer) return report(answer.error());
  if (arguments.text("--output") == "json") {
    std::printf("%s\n", answer->c_str());
  } else {
    std::printf("Revoked: token %s. What it issued stays valid; quicklime list shows it.\n", id->c_str());
  }
  return ExitCode::ok;
}

// The ids of the tokens that were revoked.
Result<std::vector<std::string>> revoke_older(Remote& remote, const std::string& name, const std::string& but) {
  std::string body;
  const auto tokens = tokens_of(remote, body);
  if (!tokens) return forward(tokens);
  std::vector<std::string> revoked_ids;
  for (const auto& token : *tokens) {
    if (token.name != name || token.role != "process" || token.status != "live" || token.id == but) continue;
    if (auto revoked = remote.remove("/v1/tokens/" + http::percent_encode(token.id)); !revoked) return forward(revoked);
    revoked_ids.push_back(token.id);
  }
  return revoked_ids;
}

// In the place of those that a machine has: made first, and only then, if asked, the older ones are taken back.
ExitCode run_token_bootstrap(const Arguments& arguments) {
  const auto data = installation::find_data_directory(arguments.text("--data"));
  const std::filesystem::path into = arguments.text("--into", installation::bootstrap_directory(data).string());
  const auto configuration =
      settings::load_configuration(data.configuration(), all_in_one::known_settings(all_in_one::roles()));  // none here: with --server
  const auto roles = bootstrap_roles(arguments.texts("ROLE"), configuration ? configuration->of<runtime::SharedSettings>().gateway : "");
  if (!roles) return report(roles.error());
  auto remote = Remote::connect(arguments, "token bootstrap");
  if (!remote) return report(remote.error());
  std::error_code ignored;
  if (!std::filesystem::is_directory(into, ignored) && ::mkdir(into.c_str(), 0700) != 0) {
    return report(Error{ErrorCode::internal, "file-error", "cannot make " + into.string()});
  }
  const bool json = arguments.text("--output") == "json";
  std::vector<BootstrapToken> made;
  for (const auto& role : *roles) {
    const auto grant = bootstrap_grant(role);
    const auto answer =
        (*remote)->post("/v1/tokens", encode(TokenBody{.name = grant.name,
                                                       .role = "process",
                                                       .profiles = grant.profiles,
                                                       .names = grant.names,
                                                       .lifetime = arguments.has("--days") ? arguments.text("--days") + "d" : ""}));
    if (!answer) return report(answer.error());
    const auto token = decode_token_answer(*answer);
    if (!token) return report(token.error());
    const auto file = into / (role + ".token");
    if (auto written = write_file(file, token->token + "\n", FileMode::private_, Overwrite::yes); !written) return report(written.error());
    made.push_back({role, file.string(), token->id, token->not_after});
    if (!json) std::printf("%s: for %s, until %s\n", file.c_str(), role.c_str(), token->not_after.c_str());
    if (!arguments.has("--revoke-older")) continue;
    auto revoked = revoke_older(**remote, grant.name, token->id);
    if (!revoked) return report(revoked.error());
    for (const auto& id : *revoked) {
      if (!json) std::printf("Revoked: %s, id %s\n", grant.name.c_str(), id.c_str());
    }
    made.back().revoked = *std::move(revoked);
  }
  if (json) {
    std::printf("%s\n", encode(made).c_str());
    return ExitCode::ok;
  }
  std::printf("Hand each to its process, as bootstrap.token in its directory. What has a certificate goes on by that meanwhile.\n");
  return ExitCode::ok;
}

}  // namespace

std::vector<runtime::Command> token_commands() {
  const auto role_names = [] {
    std::vector<std::string> names;
    for (const auto& row : access::roles()) names.emplace_back(row.name);
    return names;
  };
  return {
      {.name = "token create",
       .purpose = "Create an API token; its text is shown once",
       .examples = {"quicklime token create load --names '*.load.internal' --profiles tls-server --days 30",
                    "quicklime token create watch --role auditor -o json"},
       .options = {{.name = "NAME", .value = "NAME", .help = "for people: whom it is for", .required = true},
                   {.name = "--names",
                    .value = "PATTERN",
                    .help = "which names it may ask for: api.internal, *.load.internal, **.internal, 10.0.0.0/8",
                    .many = true},
                   {.name = "--profiles", .value = "PROFILE", .help = "which profiles (default: tls-server)", .many = true},
                   {.name = "--days", .value = "N", .help = "how long it lives"},
                   {.name = "--role", .value = "ROLE", .help = access::roles_text() + " (default: requester)", .choices = role_names()}},
       .run = run_token_create},
      {.name = "token bootstrap",
       .purpose = "Make bootstrap tokens, for a year: with what a daemon or a gateway gets its first certificate",
       .examples = {"quicklime token bootstrap", "quicklime token bootstrap gateway --into /etc/quicklime/gateway --revoke-older"},
       .options = {{.name = "ROLE",
                    .value = "ROLE",
                    .help = "a daemon, gateway or what listen.gateway names (default: every daemon's and the gateway's)",
                    .many = true},
                   {.name = "--into",
                    .value = "DIR",
                    .help = "where ROLE.token is written, over the one that is there (default: bootstrap/ in the data directory)"},
                   {.name = "--days", .value = "N", .help = "how long they live (default, and at most: 365)"},
                   {.name = "--revoke-older", .value = "", .help = "take back the ones before"}},
       .run = run_token_bootstrap},
      {.name = "token list",
       .purpose = "List the tokens, never their text",
       .examples = {"quicklime token list"},
       .options = {},
       .run = run_token_list},
      {.name = "token revoke",
       .purpose = "Revoke a token",
       .examples = {"quicklime token revoke load"},
       .options = {{.name = "TOKEN", .value = "ID|NAME", .help = "which one", .required = true}},
       .run = run_token_revoke}};
}

}  // namespace quicklime::command_line
