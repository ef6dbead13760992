#include <charconv>

#include "api/request_input.hpp"
#include "ca/subject.hpp"
#include "dashboard_api/list.hpp"

namespace quicklime::dashboard_api {
namespace {

Failure malformed(const char* reason, const char* detail, const char* field) { return fail(ErrorCode::invalid, reason, detail, field); }

Result<void> read_limit(const std::string& text, Question& question) {
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error != std::errc{} || end != text.data() + text.size() || limit < 1 || limit > kMaximumPage) {
    return malformed("limit-malformed", "limit is a number from 1 to 500", "limit");
  }
  question.limit = limit;
  return {};
}

// ".internal": everything below; "api.internal", "*.api.internal", "10.0.0.7", "ops@example.com": this name.
Result<void> read_name(const std::string& text, Question& question) {
  question.is_suffix = text.starts_with('.');
  auto name = question.is_suffix ? pki::AlternativeName::make(pki::NameKind::dns, "x" + text) : pki::AlternativeName::guess(text);
  if (!name) {
    name.error().field = "name";
    return forward(name);
  }
  question.name = question.is_suffix ? suffix_group(std::string_view(name->value).substr(1)) : name_group(name->text());
  return {};
}

Result<void> read_status(const std::string& text, Question& question) {
  using Status = Question::Status;
  constexpr std::pair<const char*, Status> known[] = {
      {"good", Status::good}, {"held", Status::held}, {"revoked", Status::revoked}, {"expired", Status::expired}};
  for (const auto& [name, status] : known) {
    if (text == name) question.status = status;
  }
  if (!question.status) return malformed("status-unknown", "status is one of good, held, revoked, expired", "status");
  return {};
}

Result<void> read_expires_before(const std::string& text, Question& question) {
  auto instant = Instant::parse(text);
  if (!instant) {
    instant.error().field = "expires_before";
    return forward(instant);
  }
  question.expires_before = *instant;
  return {};
}

Result<void> read_service(const std::string& text, Question& question) {
  question.service = text;
  return {};
}

Result<void> read_node(const std::string& text, Question& question) {
  question.node = text;
  return {};
}

Result<void> read_requester(const std::string& text, Question& question) {
  question.requester = text;
  return {};
}

Result<void> read_cursor(const std::string& text, Question& question) {
  question.cursor = text;
  return {};
}

Result<Question> read_known(const http::Request& request, const access::Identity& who) {
  constexpr std::pair<const char*, Result<void> (*)(const std::string&, Question&)> readers[] = {
      {"limit", read_limit},     {"cursor", read_cursor}, {"name", read_name},           {"status", read_status},
      {"service", read_service}, {"node", read_node},     {"requester", read_requester}, {"expires_before", read_expires_before}};
  Question question;
  if (access::row(who.role).sees != access::Sees::everything) question.whose = ca::requester_text(who.actor);
  for (const auto& [name, read] : readers) {
    const auto found = request.query.find(name);
    if (found == request.query.end()) continue;
    if (auto fits = read(found->second, question); !fits) return forward(fits);
  }
  if (question.requester && question.whose == kEverybody) question.whose = *question.requester;
  return question;
}

}  // namespace

Result<Question> read_question(const http::Request& request, const access::Identity& who) {
  const auto known = api::only_parameters(request, {"limit", "cursor", "name", "status", "service", "node", "requester", "expires_before"});
  if (!known) return forward(known);
  return read_known(request, who);
}

Result<Question> read_question_of_all(const http::Request& request, const access::Identity& who) {
  const auto known = api::only_parameters(request, {"format", "name", "status", "service", "node", "requester", "expires_before"});
  if (!known) return forward(known);
  return read_known(request, who);
}

}  // namespace quicklime::dashboard_api
