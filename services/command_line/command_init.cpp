// up, init, serve: making a CA and running it.

#include <cstdio>

#include "all_in_one/roles.hpp"
#include "all_in_one/serve.hpp"
#include "base/encoding.hpp"
#include "command_line/authority_key.hpp"
#include "command_line/bodies.hpp"
#include "command_line/commands.hpp"
#include "command_line/log_place.hpp"
#include "command_line/output.hpp"
#include "installation/data_directory.hpp"
#include "installation/init.hpp"
#include "runtime/process.hpp"
#include "runtime/shared_settings.hpp"
#include "settings/configuration.hpp"
#include "settings/documentation.hpp"

namespace quicklime::command_line {
namespace {

using runtime::Arguments;
using runtime::ExitCode;
using runtime::Option;

std::vector<Option> init_options() {
  return {
      {.name = "--name", .value = "ORGANIZATION", .help = "whose CA it is, as its certificates say (default: Quicklime)"},
      {.name = "--public-url",
       .value = "URL",
       .help = "where clients reach OCSP and CRLs over plain HTTP; stands in every certificate "
               "(default: http://<this machine>:8080)"},
      {.name = "--key-kind", .value = "KIND", .help = "of the authorities' keys (default: P-256)", .choices = crypto::key_kind_names()},
      {.name = "--root-key-out", .value = "FILE", .help = "write the root key there (a stick that leaves with you) instead of ca/root.key"},
      {.name = "--root-key-passphrase-file", .value = "FILE", .help = "encrypt the root key with the first line of this file"}};
}

std::vector<Option> log_options() {
  return {
      {.name = "--log",
       .value = "WHERE",
       .help = "sqlite: in the directory, for `quicklime serve` (default); kafka: in a topic that is made now, for the daemons",
       .choices = {"sqlite", "kafka"}},
      {.name = "--bootstrap-servers", .value = "HOST:PORT,...", .help = "with --log kafka (default: 127.0.0.1:9092)"},
      {.name = "--topic", .value = "NAME", .help = "with --log kafka (default: quicklime)"},
      {.name = "--allow-single-replica", .value = "", .help = "with --log kafka: one broker, for trying it out"},
      {.name = "--flush-every-event",
       .value = "",
       .help = "with --log kafka: brokers write each event to their disks before it counts, so that it outlives a power cut that takes all "
               "of them at once; docs/operations.md says what it costs"}};
}

std::vector<Option> serve_options() {
  return {{.name = "--https", .value = "ADDRESS:PORT", .help = "instead of listen.https; port 0 takes any free one"},
          {.name = "--http", .value = "ADDRESS:PORT", .help = "instead of listen.http"},
          {.name = "--admin", .value = "ADDRESS:PORT", .help = "instead of listen.admin"}};
}

// Of `init --log kafka`: where the daemons find the log.
std::map<std::string, std::string> daemon_settings(const Arguments& arguments) {
  std::map<std::string, std::string> given{
      {"kafka.bootstrap_servers", settings::in_quotes(arguments.text("--bootstrap-servers", "127.0.0.1:9092"))},
      {"kafka.topic", settings::in_quotes(arguments.text("--topic", "quicklime"))}};
  if (arguments.has("--allow-single-replica")) given["kafka.allow_single_replica"] = "true";
  if (arguments.has("--flush-every-event")) given["kafka.flush_every_event"] = "true";
  return given;
}

enum class For : bool { serve, daemons };

Result<installation::MadeAuthorities> make(const Arguments& arguments, For whom) {
  runtime::harden();
  const auto key_kind = crypto::parse_key_kind(arguments.text("--key-kind", "P-256"));
  if (!key_kind) return forward(key_kind);
  auto secret = read_passphrase(arguments.text("--root-key-passphrase-file"));
  if (!secret) return forward(secret);
  const auto public_url = arguments.text("--public-url", installation::derived_public_url());
  const auto known = all_in_one::known_settings(all_in_one::roles());
  auto given = whom == For::daemons ? daemon_settings(arguments) : std::map<std::string, std::string>();
  given["public_url"] = settings::in_quotes(public_url);
  auto toml = settings::initial_configuration(known, given);
  const auto configuration = settings::parse_configuration(toml, "--public-url", known);
  if (!configuration) return forward(configuration);
  return installation::init({.directory = installation::find_data_directory(arguments.text("--data")),
                             .organization = arguments.text("--name", "Quicklime"),
                             .public_url = public_url,
                             .configuration = std::move(toml),
                             .backdate = configuration->of<runtime::SharedSettings>().backdate,
                             .key_kind = *key_kind,
                             .root_key_out = arguments.text("--root-key-out"),
                             .root_key_passphrase = std::move(*secret),
                             .for_daemons = whom == For::daemons});
}

// A log that begins moves like any other.
Result<void> bring_to_kafka(const installation::DataDirectory& directory) {
  const auto imported = installation::import_log(installation::first_events(directory), log_place(directory, LogIn::kafka), {});
  if (!imported) return forward(imported);
  std::error_code ignored;
  std::filesystem::remove(installation::first_events(directory), ignored);
  return {};
}

void print_made(const installation::MadeAuthorities& made, const installation::DataDirectory& directory, const Arguments& arguments) {
  std::printf("Made a new certificate authority in %s\n", directory.root.c_str());
  for (const auto* authority : {&made.root, &made.issuing}) {
    std::printf("  %s  \"%s\", until %s\n", authority == &made.root ? "root   " : "issuing", authority->subject().common_name().c_str(),
                date_text(authority->not_after()).c_str());
  }
  std::printf("  root SHA-256 %s\n", hex_encode(crypto::view(made.root.fingerprint())).c_str());
  if (arguments.text("--public-url").empty()) {
    std::printf("Its certificates will say that OCSP and CRLs are at %s (--public-url says otherwise)\n",
                installation::derived_public_url().c_str());
  }
  std::printf("Take the root key offline: move %s to a medium that you keep elsewhere. Serving never needs it.\n", made.root_key.c_str());
}

// $QUICKLIME_SERVER is for the commands that ask one.
Result<void> refuse_server(const Arguments& arguments, const std::string& command) {
  if (!arguments.on_the_line("--server")) return {};
  return wrong_use("quicklime " + command + " works in a data directory of this machine: --data DIR, not --server");
}

ExitCode run_init(const Arguments& arguments) {
  if (auto here = refuse_server(arguments, "init"); !here) return report(here.error());
  const auto directory = installation::find_data_directory(arguments.text("--data"));
  const bool in_kafka = arguments.text("--log") == "kafka";
  std::error_code ignored;
  if (in_kafka && std::filesystem::exists(installation::first_events(directory), ignored)) {
    // An init that could not reach Kafka: what it made is whole, only its events are still here.
    if (auto brought = bring_to_kafka(directory); !brought) return report(brought.error());
    if (arguments.text("--output") == "json") {
      std::printf("%s\n", with_member("{}", "data", directory.root.string()).c_str());
    } else {
      std::printf("The log of %s is in Kafka now, where its quicklime.toml says.\n", directory.root.c_str());
    }
    return ExitCode::ok;
  }
  const auto made = make(arguments, in_kafka ? For::daemons : For::serve);
  if (!made) return report(made.error());
  if (in_kafka) {
    if (auto brought = bring_to_kafka(directory); !brought) {
      std::fprintf(stderr,
                   "The CA is made in %s, but its log is not in Kafka yet: the same command again goes on from here, with what its "
                   "quicklime.toml says.\n",
                   directory.root.c_str());
      return report(brought.error());
    }
  }
  if (arguments.text("--output") == "json") {
    std::printf("%s\n", encode(Made{.data = directory.root.string(),
                                    .root = made->root.subject().common_name(),
                                    .issuing = made->issuing.subject().common_name(),
                                    .root_sha256 = hex_encode(crypto::view(made->root.fingerprint())),
                                    .root_key = made->root_key.string()})
                            .c_str());
    return ExitCode::ok;
  }
  print_made(*made, directory, arguments);
  if (in_kafka) {
    std::printf("Its log is the topic %s. Next: hand each daemon its files of %s, as docs/operations.md says\n",
                arguments.text("--topic", "quicklime").c_str(), directory.root.c_str());
    return ExitCode::ok;
  }
  std::printf("Next: quicklime serve%s\n", installation::data_option(directory).c_str());
  return ExitCode::ok;
}

all_in_one::ServeOptions options_for(const Arguments& arguments, const std::string& command) {
  all_in_one::ServeOptions options{.directory = installation::find_data_directory(arguments.text("--data")),
                                   .command = "quicklime " + command};
  if (arguments.has("--https")) options.https = arguments.text("--https");
  if (arguments.has("--http")) options.http = arguments.text("--http");
  if (arguments.has("--admin")) options.admin = arguments.text("--admin");
  options.json = arguments.text("--output") == "json";
  return options;
}

ExitCode run_serve(const Arguments& arguments) {
  if (auto here = refuse_server(arguments, "serve"); !here) return report(here.error());
  return all_in_one::serve(options_for(arguments, "serve"));
}

ExitCode run_up(const Arguments& arguments) {
  if (auto here = refuse_server(arguments, "up"); !here) return report(here.error());
  const auto options = options_for(arguments, "up");
  std::error_code ignored;
  if (!std::filesystem::exists(options.directory.root, ignored) || std::filesystem::is_empty(options.directory.root, ignored)) {
    const auto made = make(arguments, For::serve);
    if (!made) return report(made.error());
    if (!options.json) print_made(*made, options.directory, arguments);
  }
  return all_in_one::serve(options);
}

std::vector<Option> with_log() {
  auto options = init_options();
  for (auto& option : log_options()) options.push_back(std::move(option));
  return options;
}

std::vector<Option> both() {
  auto options = init_options();
  for (auto& option : serve_options()) options.push_back(std::move(option));
  return options;
}

}  // namespace

std::vector<runtime::Command> init_commands() {
  return {{.name = "up",
           .purpose = "Make a CA when there is none, and serve it",
           .examples = {"quicklime up", "quicklime up --name 'Acme Corp' --public-url http://ca.internal:8080"},
           .options = both(),
           .run = run_up},
          {.name = "init",
           .purpose = "Make a CA: a root, an issuing authority below it, a configuration, a log",
           .examples = {"quicklime init --name 'Acme Corp' --public-url http://ca.internal:8080",
                        "quicklime init --root-key-out /media/stick/root.key",
                        "quicklime init --log kafka --bootstrap-servers kafka-1:9092,kafka-2:9092"},
           .options = with_log(),
           .run = run_init},
          {.name = "serve",
           .purpose = "Serve the CA until SIGTERM",
           .examples = {"quicklime serve", "quicklime serve --https :8443 --http :8080 --admin 127.0.0.1:9090"},
           .options = serve_options(),
           .run = run_serve}};
}

}  // namespace quicklime::command_line
