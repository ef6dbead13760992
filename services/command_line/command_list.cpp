// list, show: what exists.

#include <charconv>
#include <cstdio>

#include "command_line/certificate_choice.hpp"
#include "command_line/commands.hpp"
#include "command_line/output.hpp"

namespace quicklime::command_line {
namespace {

using runtime::Arguments;
using runtime::ExitCode;

constexpr std::size_t kPage = 500;

Result<std::size_t> limit_of(const Arguments& arguments) {
  const std::string text = arguments.text("--limit", "100");
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error == std::errc() && end == text.data() + text.size() && limit > 0) return limit;
  return wrong_use("--limit takes a number from 1, not '" + text + "'");
}

std::string filters(const Arguments& arguments) {
  std::string query;
  for (const auto& [option, parameter] :
       {std::pair{"--name", "name"}, std::pair{"--status", "status"}, std::pair{"--service", "service"}, std::pair{"--node", "node"},
        std::pair{"--requester", "requester"}, std::pair{"--expires-before", "expires_before"}}) {
    if (const auto value = arguments.text(option); !value.empty())
      query += "&" + std::string(parameter) + "=" + http::percent_encode(value);
  }
  return query;
}

ExitCode run_list(const Arguments& arguments) {
  const auto limit = limit_of(arguments);
  if (!limit) return report(limit.error());
  auto remote = Remote::connect(arguments, "list");
  if (!remote) return report(remote.error());

  std::vector<std::string> bodies;
  CertificatePage all;
  while (all.certificates.size() < *limit) {
    std::string target = "/v1/certificates?limit=" + std::to_string(std::min(kPage, *limit - all.certificates.size())) + filters(arguments);
    if (!all.next.empty()) target += "&cursor=" + http::percent_encode(all.next);
    auto body = (*remote)->get(std::move(target));
    if (!body) return report(body.error());
    auto page = decode_certificates(*body);
    if (!page) return report(page.error());
    page->certificates.insert(page->certificates.begin(), std::make_move_iterator(all.certificates.begin()),
                              std::make_move_iterator(all.certificates.end()));
    all = std::move(*page);
    bodies.push_back(std::move(*body));
    if (all.next.empty()) break;
  }
  if (arguments.text("--output") == "json") {
    std::printf("%s\n", merge_pages(bodies, "certificates").c_str());
    return ExitCode::ok;
  }
  if (all.certificates.empty()) {
    std::printf("No certificates%s.\n", filters(arguments).empty() ? " yet" : " like that");
  } else {
    std::printf("%s", certificate_table(all.certificates).c_str());
  }
  std::fprintf(stderr, "%zu certificate%s as of position %s%s\n", all.certificates.size(), all.certificates.size() == 1 ? "" : "s",
               all.position.c_str(), all.next.empty() ? "" : "; there are more: --limit N");
  return ExitCode::ok;
}

void print(const CertificateDetail& detail) {
  const auto& one = detail.summary;
  std::vector<std::vector<std::string>> rows{
      {"serial", one.serial}, {"names", joined(one.names, " ")}, {"status", one.status == "good" ? status_text(one) : one.status}};
  const auto row = [&](const char* name, const std::string& value) {
    if (!value.empty()) rows.push_back({name, value});
  };
  row("reason", one.reason);
  row("revoked", one.revoked_at);
  row("profile", one.profile);
  row("signed by", one.authority);
  row("valid from", one.not_before);
  row("valid until", one.not_after);
  row("service", one.service);
  row("node", one.node);
  row("requester", one.requester);
  row("requested for", one.requested_for);
  row("issued", one.issued_at);
  row("replaces", detail.replaces);
  row("replaced by", one.replaced_by);
  row("SHA-256", detail.sha256);
  row("key SHA-256", detail.key_sha256);
  row("as of", detail.position);
  std::printf("%s%s", table(rows).c_str(), detail.certificate.c_str());
}

ExitCode run_show(const Arguments& arguments) {
  auto remote = Remote::connect(arguments, "show");
  if (!remote) return report(remote.error());
  const auto which = arguments.text("CERTIFICATE");
  const auto choice = choose_certificate(**remote, which);
  if (!choice) return report(choice.error());
  if (choice->serial.empty()) return report_candidates(*choice, which, "show");
  const auto body = (*remote)->get("/v1/certificates/" + choice->serial);
  if (!body) return report(body.error());
  const auto detail = decode_certificate(*body);
  if (!detail) return report(detail.error());
  if (arguments.text("--output") == "json") {
    std::printf("%s\n", body->c_str());
  } else {
    print(*detail);
  }
  return ExitCode::ok;
}

}  // namespace

std::vector<runtime::Command> list_commands() {
  return {{.name = "list",
           .purpose = "List certificates, newest first",
           .examples = {"quicklime list", "quicklime list --name .internal --status good",
                        "quicklime list --expires-before 2027-01-01T00:00:00Z -o json"},
           .options = {{.name = "--name", .value = "NAME", .help = "a name, or a domain suffix: .internal"},
                       {.name = "--status",
                        .value = "STATUS",
                        .help = "good (also when a renewal has replaced it: it is valid until it ends), held, revoked or expired",
                        .choices = {"good", "held", "revoked", "expired"}},
                       {.name = "--service", .value = "SERVICE", .help = "as recorded when it was issued"},
                       {.name = "--node", .value = "NODE", .help = "likewise"},
                       {.name = "--requester", .value = "WHO", .help = "who asked for it, as `show` says it: token:4f1c0a2b3c4d5e6f"},
                       {.name = "--expires-before", .value = "TIME", .help = "RFC 3339; sorted by expiry then"},
                       {.name = "--limit", .value = "N", .help = "at most so many (default: 100)"}},
           .run = run_list},
          {.name = "show",
           .purpose = "Show one certificate",
           .examples = {"quicklime show api.internal", "quicklime show 5f:0c:2a:9e:41:b7:d3:c8:0d:1e:2f:3a:4b:5c:6d:7e",
                        "quicklime show api.internal.crt -o json"},
           .options = {{.name = "CERTIFICATE", .value = "SERIAL|NAME|FILE", .help = "which one", .required = true}},
           .run = run_show}};
}

}  // namespace quicklime::command_line
