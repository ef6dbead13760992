#include "dashboard_api/question.hpp"

#include <algorithm>
#include <charconv>

#include "api/request_input.hpp"
#include "ca/subject.hpp"

namespace quicklime::dashboard_api {
namespace {

using Status = Question::Status;
using Kind = ca::Status::Kind;
constexpr std::size_t kSha256Digits = 64;
constexpr std::size_t kLongestText = 400;

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

Result<void> read_prefix(const std::string& text, Question& question) {
  if (text.empty() || text.size() > kLongestText || text.find('\0') != std::string::npos) {
    return malformed("search-malformed", "what names begin with is 1 to 400 characters", "prefix");
  }
  question.prefix = lower_case(text);
  return {};
}

// 64 hex digits, with colons or without.
std::optional<std::string> sha256_of(const std::string& text) {
  std::string digits = lower_case(text);
  std::erase(digits, ':');
  const bool is_hex = digits.find_first_not_of("0123456789abcdef") == std::string::npos;
  return is_hex && digits.size() == kSha256Digits ? std::optional(digits) : std::nullopt;
}

Result<void> read_sha256(const std::string& text, Question& question) {
  question.sha256 = sha256_of(text);
  if (!question.sha256) return malformed("sha256-malformed", "sha256 is 64 hex digits, with colons or without", "sha256");
  return {};
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

Result<void> read_search(const std::string& given, Question& question) {
  const std::string text(trimmed(given));
  if (text.empty() || text.size() > kLongestText || text.find('\0') != std::string::npos) {
    return malformed("search-malformed", "search for a serial, a fingerprint, a name, or what it begins with, in 1 to 400 characters",
                     "search");
  }
  if (auto sha256 = sha256_of(text)) {
    question.sha256 = std::move(sha256);
    return {};
  }
  if (const auto hex = SerialNumber::from_hex(text)) question.serials.push_back(*hex);
  if (const auto decimal = SerialNumber::from_decimal(text)) question.serials.push_back(*decimal);
  if (text.starts_with('.') && read_name(text, question)) return {};
  question.is_suffix = false;
  question.name.clear();
  return read_prefix(text, question);
}

Result<void> read_status(const std::string& text, Question& question) {
  constexpr std::pair<const char*, Status> known[] = {
      {"good", Status::good}, {"held", Status::held}, {"revoked", Status::revoked}, {"expired", Status::expired}};
  for (const auto& [name, status] : known) {
    if (text == name) question.status = status;
  }
  if (!question.status) return malformed("status-unknown", "status is one of good, held, revoked, expired", "status");
  return {};
}

Result<void> read_renewal(const std::string& text, Question& question) {
  if (text != "overdue") return malformed("renewal-unknown", "renewal is overdue, or left out", "renewal");
  question.overdue = true;
  return {};
}

template <std::optional<Instant> Question::*Member>
Result<void> read_time(const std::string& text, Question& question) {
  const auto instant = Instant::parse(text);
  if (!instant) return forward(instant);
  question.*Member = *instant;
  return {};
}

Result<void> read_as_of(const std::string& text, Question& question) {
  auto moment = parse_moment(text);
  if (!moment) return forward(moment);
  question.as_of = *std::move(moment);
  return {};
}

template <Field F>
Result<void> read_value(const std::string& text, Question& question) {
  question.values[F] = text;
  return {};
}

Result<void> read_cursor(const std::string& text, Question& question) {
  question.cursor = text;
  return {};
}

struct Reader {
  const char* name;
  Result<void> (*read)(const std::string&, Question&);
};
constexpr Reader kFilters[] = {{"name", read_name},
                               {"prefix", read_prefix},
                               {"search", read_search},
                               {"sha256", read_sha256},
                               {"status", read_status},
                               {"renewal", read_renewal},
                               {"service", read_value<Field::service>},
                               {"node", read_value<Field::node>},
                               {"profile", read_value<Field::profile>},
                               {"authority", read_value<Field::authority>},
                               {"key", read_value<Field::key>},
                               {"requester", read_value<Field::requester>},
                               {"issued_after", read_time<&Question::issued_after>},
                               {"issued_before", read_time<&Question::issued_before>},
                               {"expires_after", read_time<&Question::expires_after>},
                               {"expires_before", read_time<&Question::expires_before>},
                               {"as_of", read_as_of}};

Result<void> read(const Reader& reader, const http::Request& request, Question& question) {
  const auto found = request.query.find(reader.name);
  if (found == request.query.end()) return {};
  auto fits = reader.read(found->second, question);
  if (!fits && fits.error().field.empty()) fits.error().field = reader.name;
  return fits;
}

Result<Question> read_filters(const http::Request& request, const access::Identity& who) {
  Question question;
  if (access::row(who.role).sees != access::Sees::everything) question.whose = ca::requester_text(who.actor);
  for (const Reader& reader : kFilters) {
    if (auto fits = read(reader, request, question); !fits) return forward(fits);
  }
  const bool twice = request.query.contains("search") && (request.query.contains("name") || request.query.contains("prefix"));
  if (twice || (request.query.contains("name") && request.query.contains("prefix"))) {
    return malformed("search-malformed", "search, name and prefix are three ways to say one thing: send one of them", "search");
  }
  return question;
}

bool has_status(const Certificate& certificate, Status status, Instant now) {
  const bool expired = certificate.not_after < now;
  switch (status) {
    case Status::good: return certificate.status.kind == Kind::good && !expired;
    case Status::held: return certificate.status.kind == Kind::held && !expired;
    case Status::revoked: return certificate.status.kind == Kind::revoked;
    case Status::expired: return expired;
  }
  return false;
}

}  // namespace

Result<Question> read_question(const http::Request& request, const access::Identity& who) {
  const auto known = api::only_parameters(
      request, {"limit", "cursor", "name", "prefix", "search", "sha256", "status", "renewal", "service", "node", "profile", "authority",
                "key", "requester", "issued_after", "issued_before", "expires_after", "expires_before", "as_of"});
  if (!known) return forward(known);
  auto question = read_filters(request, who);
  if (!question) return question;
  for (const Reader& reader : {Reader{"limit", read_limit}, Reader{"cursor", read_cursor}}) {
    if (auto fits = read(reader, request, *question); !fits) return forward(fits);
  }
  return question;
}

Result<Question> read_question_of_all(const http::Request& request, const access::Identity& who) {
  const auto known = api::only_parameters(
      request, {"format", "name", "prefix", "search", "sha256", "status", "renewal", "service", "node", "profile", "authority", "key",
                "requester", "issued_after", "issued_before", "expires_after", "expires_before", "as_of"});
  if (!known) return forward(known);
  return read_filters(request, who);
}

std::optional<std::string> matching_name(const Certificate& certificate, const Question& question) {
  std::optional<std::string> first;
  for (const auto& name : certificate.names) {
    const std::string group = question.prefix.empty() ? name_group(name) : text_group(name);
    const bool matches = !question.prefix.empty() ? group.starts_with(question.prefix)
                         : question.is_suffix     ? group.starts_with(question.name)
                                                  : group == question.name;
    if (matches && (!first || group < *first)) first = group;
  }
  return first;
}

bool matches(const Certificate& certificate, const Question& question, Instant now) {
  if (question.whose && ca::requester_text(certificate.requester) != *question.whose) return false;
  if (question.status && !has_status(certificate, *question.status, now)) return false;
  if (question.overdue && (!needs_successor(certificate) || certificate.not_after < now || renewal_due(certificate) > now)) return false;
  for (const auto& [field, value] : question.values) {
    if (value_of(certificate, field) != value) return false;
  }
  if (question.issued_after && certificate.issued_at < *question.issued_after) return false;
  if (question.issued_before && certificate.issued_at >= *question.issued_before) return false;
  if (question.expires_after && certificate.not_after < *question.expires_after) return false;
  if (question.expires_before && certificate.not_after >= *question.expires_before) return false;
  return (question.name.empty() && question.prefix.empty()) || matching_name(certificate, question);
}

}  // namespace quicklime::dashboard_api
