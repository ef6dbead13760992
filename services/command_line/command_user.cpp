// user create, list, show, disable, enable, password, grant, one-time: people of this CA, and those of directories.

#include <cstdio>

#include "access/role.hpp"
#include "command_line/client.hpp"
#include "command_line/commands.hpp"
#include "command_line/output.hpp"
#include "command_line/people.hpp"
#include "command_line/saved_session.hpp"
#include "command_line/secret_line.hpp"

namespace quicklime::command_line {
namespace {

using runtime::Arguments;
using runtime::ExitCode;
using runtime::Option;

// "alice" is "local:alice"; people of directories and providers are named with theirs.
std::string user_target(const std::string& user, const std::string& act = "") {
  const std::string id = user.find(':') == std::string::npos ? "local:" + user : user;
  return "/v1/users/" + http::percent_encode(id) + (act.empty() ? "" : "/" + act);
}

// `--names ''` takes all of them away.
std::optional<std::vector<std::string>> list_given(const Arguments& arguments, const std::string& option) {
  if (!arguments.has(option)) return std::nullopt;
  auto given = arguments.texts(option);
  std::erase(given, "");
  return given;
}

GrantBody grant_of(const Arguments& arguments) {
  GrantBody grant{.profiles = list_given(arguments, "--profiles"), .names = list_given(arguments, "--names")};
  if (arguments.has("--name")) grant.name = arguments.text("--name");
  if (arguments.has("--role")) grant.role = arguments.text("--role");
  return grant;
}

void print_user(const UserSummary& user) {
  std::printf("%s%s\n  role:     %s\n  profiles: %s\n  names:    %s\n  state:    %s%s\n", user.user.c_str(),
              user.name.empty() ? "" : (" (" + user.name + ")").c_str(), or_dash(user.role).c_str(),
              or_dash(joined(user.profiles, " ")).c_str(), or_dash(joined(user.names, " ")).c_str(), user.enabled ? "enabled" : "disabled",
              user.has_password ? "" : ", without a password");
  if (!user.created.empty()) std::printf("  created:  %s\n  changed:  %s\n", user.created.c_str(), or_dash(user.changed).c_str());
}

// The user that an answer is, for programs or for people with a remark.
ExitCode print_user_answer(const Arguments& arguments, const Result<std::string>& answer, const char* remark) {
  if (!answer) return report(answer.error());
  const auto user = decode_user(*answer);
  if (!user) return report(user.error());
  if (arguments.text("--output") == "json") {
    std::printf("%s\n", answer->c_str());
    return ExitCode::ok;
  }
  print_user(*user);
  if (*remark != '\0') std::fprintf(stderr, "%s\n", remark);
  return ExitCode::ok;
}

ExitCode print_one_time(const Arguments& arguments, const Result<std::string>& answer, const std::string& for_whom) {
  if (!answer) return report(answer.error());
  const auto one_time = decode_one_time(*answer);
  if (!one_time) return report(one_time.error());
  if (arguments.text("--output") == "json") {
    std::printf("%s\n", answer->c_str());
    return ExitCode::ok;
  }
  std::printf("%s\n", one_time->url.c_str());
  std::fprintf(stderr,
               "The URL above is shown only here, and works once%s%s. Hand it to %s, who sets a password there: it is as good as one.\n",
               one_time->not_after.empty() ? ", within a day" : ", until ", one_time->not_after.c_str(), for_whom.c_str());
  return ExitCode::ok;
}

ExitCode run_user_create(const Arguments& arguments) {
  auto remote = Remote::connect(arguments, "user create");
  if (!remote) return report(remote.error());
  const auto user = arguments.text("USER");
  return print_one_time(arguments, (*remote)->post("/v1/users", encode_user(user, grant_of(arguments))), user);
}

ExitCode run_user_one_time(const Arguments& arguments) {
  auto remote = Remote::connect(arguments, "user one-time");
  if (!remote) return report(remote.error());
  const auto user = arguments.text("USER");
  return print_one_time(arguments, (*remote)->post(user_target(user, "one-time"), "{}"), user);
}

ExitCode run_user_list(const Arguments& arguments) {
  auto remote = Remote::connect(arguments, "user list");
  if (!remote) return report(remote.error());
  const auto answer = (*remote)->get("/v1/users");
  if (!answer) return report(answer.error());
  const auto users = decode_users(*answer);
  if (!users) return report(users.error());
  if (arguments.text("--output") == "json") {
    std::printf("%s\n", answer->c_str());
    return ExitCode::ok;
  }
  std::vector<std::vector<std::string>> rows{{"USER", "NAME", "ROLE", "STATE", "PASSWORD", "PROFILES", "NAMES"}};
  for (const auto& user : *users) {
    rows.push_back({user.user, or_dash(user.name), or_dash(user.role), user.enabled ? "enabled" : "disabled",
                    user.has_password ? "set" : "-", or_dash(joined(user.profiles, " ")), or_dash(joined(user.names, " "))});
  }
  std::printf("%s", users->empty() ? "No users yet.\n" : table(rows).c_str());
  return ExitCode::ok;
}

ExitCode run_user_show(const Arguments& arguments) {
  auto remote = Remote::connect(arguments, "user show");
  if (!remote) return report(remote.error());
  return print_user_answer(arguments, (*remote)->get(user_target(arguments.text("USER"))), "");
}

ExitCode disable_or_enable(const Arguments& arguments, const std::string& act, const char* remark) {
  auto remote = Remote::connect(arguments, "user " + act);
  if (!remote) return report(remote.error());
  return print_user_answer(arguments, (*remote)->post(user_target(arguments.text("USER"), act), "{}"), remark);
}

ExitCode run_user_grant(const Arguments& arguments) {
  const auto grant = grant_of(arguments);
  if (!grant.name && !grant.role && !grant.profiles && !grant.names) {
    return report(wrong_use("say what changes: --role, --profiles, --names or --name").value());
  }
  auto remote = Remote::connect(arguments, "user grant");
  if (!remote) return report(remote.error());
  return print_user_answer(arguments, (*remote)->post(user_target(arguments.text("USER"), "grant"), encode(grant)),
                           "What changes a person ends that person's sessions.");
}

// Whose password, when nobody is named: of who asks.
Result<std::string> own_user(Remote& remote) {
  const auto answer = remote.get("/v1/me");
  if (!answer) return forward(answer);
  const auto me = decode_me(*answer);
  if (!me) return forward(me);
  if (me->session) return me->session->user;
  return wrong_use("say whose password: who asks here is " + me->kind + ":" + me->id + ", which has none");
}

// All sessions of the user have ended, and the one that is kept with them.
void forget_if_ended(const Arguments& arguments, const std::string& user) {
  const auto session = load_session();
  if (!session || !*session || (*session)->user != user || !is_of(**session, arguments.text("--server"))) return;
  if (auto forgotten = forget_session(); !forgotten) report(forgotten.error());
}

ExitCode run_user_password(const Arguments& arguments) {
  const auto password = read_secret_line(arguments.text("--password-file"));
  if (!password) return report(password.error());
  auto old_password = arguments.has("--old-password-file") ? read_secret_line(arguments.text("--old-password-file")) : Secret();
  if (!old_password) return report(old_password.error());
  auto remote = Remote::connect(arguments, "user password");
  if (!remote) return report(remote.error());
  const auto user = arguments.has("USER") ? arguments.text("USER") : own_user(**remote);
  if (!user) return report(user.error());
  const auto answer = (*remote)->put(user_target(*user, "password"), encode_password(*password, *old_password));
  if (answer) {
    if (const auto changed = decode_user(*answer)) forget_if_ended(arguments, changed->user);
  }
  return print_user_answer(arguments, answer, "All sessions of this user have ended: quicklime login signs in by the new password.");
}

Option which_user(bool required = true) {
  return {.name = "USER", .value = "USER", .help = "alice of this CA, or with the directory or provider: acme:alice", .required = required};
}

std::vector<Option> grant_options(std::vector<Option> options) {
  std::vector<std::string> names;
  for (const auto& row : access::roles()) {
    if (!row.of_daemons) names.emplace_back(row.name);
  }
  options.push_back(
      {.name = "--role", .value = "ROLE", .help = "what this person may do (default of a new one: requester)", .choices = names});
  options.push_back({.name = "--names",
                     .value = "PATTERN",
                     .help = "which names may be asked for: api.internal, *.load.internal, **.internal, 10.0.0.0/8",
                     .many = true});
  options.push_back({.name = "--profiles", .value = "PROFILE", .help = "which profiles", .many = true});
  options.push_back({.name = "--name", .value = "TEXT", .help = "for people: 'Alice Smith'"});
  return options;
}

}  // namespace

std::vector<runtime::Command> user_commands() {
  return {
      {.name = "user create",
       .purpose = "Create a user; the one-time URL by which a password is set is shown once",
       .examples = {"quicklime user create alice --name 'Alice Smith' --role administrator",
                    "quicklime user create bob --names '*.bob.internal' --profiles tls-server"},
       .options = grant_options({{.name = "USER", .value = "NAME", .help = "alice: signs in by it", .required = true}}),
       .run = run_user_create},
      {.name = "user list",
       .purpose = "List the users, and who of a directory was disabled here",
       .examples = {"quicklime user list"},
       .options = {},
       .run = run_user_list},
      {.name = "user show",
       .purpose = "Show a user",
       .examples = {"quicklime user show alice"},
       .options = {which_user()},
       .run = run_user_show},
      {.name = "user disable",
       .purpose = "Disable a user: the sessions end, and no new ones begin. Certificates stay valid",
       .examples = {"quicklime user disable alice", "quicklime user disable acme:bob"},
       .options = {which_user()},
       .run =
           [](const Arguments& arguments) {
             return disable_or_enable(arguments, "disable",
                                      "The sessions of this user have ended. API tokens and certificates live on: quicklime token list, "
                                      "quicklime list");
           }},
      {.name = "user enable",
       .purpose = "Enable a user that was disabled",
       .examples = {"quicklime user enable alice"},
       .options = {which_user()},
       .run = [](const Arguments& arguments) { return disable_or_enable(arguments, "enable", ""); }},
      {.name = "user password",
       .purpose = "Set one's own password; all one's sessions end",
       .examples = {"quicklime user password --password-file new.txt --old-password-file old.txt",
                    "quicklime user password --password-file new.txt  # signed in by a one-time URL"},
       .options = {which_user(false),
                   {.name = "--password-file", .value = "FILE", .help = "the new one is its first line", .required = true},
                   {.name = "--old-password-file", .value = "FILE", .help = "the present one; not after signing in by a one-time URL"}},
       .run = run_user_password},
      {.name = "user grant",
       .purpose = "Change what a user may do; what is not given stays",
       .examples = {"quicklime user grant alice --role auditor", "quicklime user grant bob --names '*.bob.internal' --names bob.internal"},
       .options = grant_options({which_user()}),
       .run = run_user_grant},
      {.name = "user one-time",
       .purpose = "Make a one-time URL for a user who has lost the password; it is shown once",
       .examples = {"quicklime user one-time alice"},
       .options = {which_user()},
       .run = run_user_one_time}};
}

}  // namespace quicklime::command_line
