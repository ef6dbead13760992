#include "command_line/selection.hpp"

#include "command_line/certificate_choice.hpp"

namespace quicklime::command_line {
namespace {

struct Filter {
  const char* option;
  const char* value;
  const char* help;
  const char* parameter;
  const char* kind = "";  // of requester, before what is given
};
constexpr Filter kFilters[] = {
    {"--all", "NAME", "every live certificate for the name; .internal: for every name below", "name"},
    {"--service", "SERVICE", "every live certificate of the service, as recorded when it was issued", "service"},
    {"--node", "NODE", "of this node alone", "node"},
    {"--token", "ID", "every live certificate that the token asked for, and what was renewed from one", "requester", "token:"},
    {"--user", "USER", "the same of somebody signed in: alice, acme:alice", "requester", "user:"},
    {"--requester", "WHO", "the same of anybody, as `quicklime show` says it: token:4f1c0a2b3c4d5e6f", "requester"}};

// A user without a provider is a local one.
std::string spelled(const Filter& filter, const std::string& given) {
  const bool is_user = std::string_view(filter.kind) == "user:";
  return filter.kind + (is_user && given.find(':') == std::string::npos ? "local:" + given : given);
}

Result<CertificatePage> page_of(Remote& remote, const std::string& query) {
  const auto body = remote.get("/v1/certificates?" + query);
  if (!body) return forward(body);
  return decode_certificates(*body);
}

}  // namespace

std::vector<runtime::Option> selection_options() {
  std::vector<runtime::Option> options;
  for (const auto& filter : kFilters) options.push_back({.name = filter.option, .value = filter.value, .help = filter.help});
  return options;
}

std::string selection_of(const runtime::Arguments& arguments) {
  std::string query;
  for (const auto& filter : kFilters) {
    if (!arguments.has(filter.option)) continue;
    query += "&" + std::string(filter.parameter) + "=" + http::percent_encode(spelled(filter, arguments.text(filter.option)));
  }
  return query;
}

Result<std::vector<CertificateSummary>> live_ones(Remote& remote, const std::string& selection) {
  std::vector<CertificateSummary> all;
  for (const char* status : {"good", "held"}) {
    std::string next;
    do {
      auto page = page_of(
          remote, "limit=500&status=" + std::string(status) + selection + (next.empty() ? "" : "&cursor=" + http::percent_encode(next)));
      if (!page) return forward(page);
      for (auto& one : page->certificates) {
        if (!is_own(one)) all.push_back(std::move(one));
      }
      next = page->next;
    } while (!next.empty());
  }
  if (!all.empty()) return all;
  std::string next;
  do {  // a page may be empty and not the last
    const auto any = page_of(remote, "limit=1" + selection + (next.empty() ? "" : "&cursor=" + http::percent_encode(next)));
    if (!any) return forward(any);
    if (!any->certificates.empty()) return all;
    next = any->next;
  } while (!next.empty());
  return fail(ErrorCode::not_found, "certificate-unknown", "no certificate is like that; quicklime list shows what there is");
}

}  // namespace quicklime::command_line
