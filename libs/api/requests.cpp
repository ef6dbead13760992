#include "api/requests.hpp"

#include <algorithm>
#include <charconv>

#include "api/presented.hpp"
#include "base/encoding.hpp"

namespace quicklime::api {
namespace {

constexpr Milliseconds kLongestWait{10'000};
constexpr std::size_t kLargestOfStrangers = 4 * 1024;

bool equal_without_case(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), [&](char a, char b) { return lower(a) == lower(b); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// RFC 6750 section 2.1; the scheme in any letter case (RFC 9110 section 11.1).
std::optional<Secret> bearer_token(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (!equal_without_case(authorization.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  return Secret::copy_of(trimmed(authorization.substr(kScheme.size())));
}

// RFC 7617 section 2: user and password in base64, at the first colon; nullopt: another scheme, or nothing that can be read.
std::optional<access::Credentials::Password> basic_password(std::string_view authorization) {
  constexpr std::string_view kScheme = "basic ";
  if (!equal_without_case(authorization.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  auto decoded = base64_decode(trimmed(authorization.substr(kScheme.size())));
  if (!decoded) return std::nullopt;
  const auto colon = decoded->find(':');
  std::optional<access::Credentials::Password> read;
  if (colon != std::string::npos && colon > 0)
    read.emplace(decoded->substr(0, colon), Secret::copy_of(std::string_view(*decoded).substr(colon + 1)));
  wipe(*decoded);
  return read;
}

// RFC 6265 section 4.2: pairs behind a semicolon and a blank. A proxy of HTTP/2 may hand them on in several headers (RFC 9113
// section 8.2.3).
std::optional<Secret> cookie(const http::Request& request, std::string_view name) {
  for (const auto& [header, value] : request.headers.all()) {
    if (!equal_without_case(header, "Cookie")) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(';'), rest.size());
      const std::string_view pair = trimmed(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      const std::size_t equals = pair.find('=');
      if (equals != std::string_view::npos && pair.substr(0, equals) == name) return Secret::copy_of(pair.substr(equals + 1));
    }
  }
  return std::nullopt;
}

// Fetch Metadata, which every browser sends that has cookies of SameSite; an older one sends Origin at least.
bool is_same_origin(const http::Request& request) {
  if (const auto site = request.headers.get("Sec-Fetch-Site")) return *site == "same-origin";
  const auto origin = request.headers.get("Origin");
  const auto host = request.headers.get("Host");
  return origin && host && *origin == "https://" + std::string(*host);
}

}  // namespace

std::optional<std::string> cookie_of(const http::Request& request, std::string_view name) {
  const auto found = cookie(request, name);
  return found ? std::optional(std::string(found->reveal())) : std::nullopt;
}

access::Denials::Refusal refusal_of(const http::Request& request, Error error) {
  const bool of_serial = request.parameters.find("serial") != request.parameters.end();
  const auto serial = of_serial ? serial_parameter(request) : Result<SerialNumber>(fail(ErrorCode::invalid, "", ""));
  return {std::string(http::name(request.method)) + " " + request.route, serial ? serial->hex() : "", std::move(error)};
}

bool may_write(http::Method method) { return method != http::Method::get && method != http::Method::head; }

bool is_recorded(const Error& error, http::Method method) {
  switch (error.code) {
    case ErrorCode::unauthenticated:
    case ErrorCode::denied: return true;
    case ErrorCode::invalid:
    case ErrorCode::conflict:
    case ErrorCode::too_large:
    case ErrorCode::unsupported:
    case ErrorCode::unprocessable:
    case ErrorCode::verification_failed: return may_write(method);
    case ErrorCode::not_found:
    case ErrorCode::too_many:
    case ErrorCode::unavailable:
    case ErrorCode::outcome_unknown:
    case ErrorCode::internal: return false;
  }
  return false;
}

access::Credentials credentials_of(const http::Request& request, const std::vector<std::string>& vouching) {
  access::Credentials credentials;
  if (request.peer.transport == async::Peer::Transport::unix_socket) {
    credentials.control_socket_uid = request.peer.uid;
  } else {
    credentials.address = request.peer.address;
  }
  const auto authorization = request.headers.get("Authorization");
  if (authorization) credentials.bearer = bearer_token(*authorization);
  // What a browser sends along by itself, also for a page of somebody else (a cookie, a password that it remembers, a client certificate),
  // counts for a change only where it says that its own site asks.
  const bool sent_by_itself = !authorization || !credentials.bearer;
  if (sent_by_itself && may_write(request.method) && request.headers.get("Sec-Fetch-Site") && !is_same_origin(request)) {
    credentials.cross_site = true;
    return credentials;
  }
  if (authorization) {
    credentials.password = basic_password(*authorization);
  } else if (auto session = cookie(request, kSessionCookie)) {
    credentials.cross_site = may_write(request.method) && !is_same_origin(request);
    if (credentials.cross_site) return credentials;
    credentials.bearer = std::move(session);
  }
  if (credentials.bearer || credentials.password) {
    credentials.client_certificate = request.peer.certificate;
    return credentials;
  }
  // What a gateway says that cannot be read is nothing here.
  if (auto presented = presented_certificate(request, vouching); presented && *presented) {
    credentials.client_certificate = std::move((*presented)->certificate);
    credentials.voucher = std::move((*presented)->voucher);
  }
  return credentials;
}

async::Task<Result<void>> require_identity_for_large_body(const ServiceContext& context, const Call& call) {
  if (call.request.body.size() <= kLargestOfStrangers) co_return Result<void>();
  const access::Credentials credentials = call.credentials();
  const auto identity = co_await context.access.identify(credentials);
  if (!identity) co_return forward(identity);
  co_return Result<void>();
}

async::Task<Result<std::optional<Position>>> at_least_min_position(const ServiceContext& context, const http::Request& request,
                                                                   Milliseconds within) {
  const auto header = request.headers.get("Quicklime-Min-Position");
  if (!header) co_return std::optional<Position>();
  auto position = Position::parse(trimmed(*header));
  if (!position) {
    co_return fail(ErrorCode::invalid, position.error().reason, "Quicklime-Min-Position: " + position.error().detail,
                   "Quicklime-Min-Position");
  }
  if (auto reached = co_await context.view.reached(*position, within); !reached) co_return forward(reached);
  co_return std::optional(*position);
}

Milliseconds preferred_wait(const http::Request& request) {
  for (const auto& [name, value] : request.headers.all()) {
    if (!equal_without_case(name, "Prefer")) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find_first_of(",;"), rest.size());
      const std::string_view preference = trimmed(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      const std::size_t equals = preference.find('=');
      if (equals == std::string_view::npos || !equal_without_case(trimmed(preference.substr(0, equals)), "wait")) continue;
      const std::string_view digits = trimmed(preference.substr(equals + 1));
      std::uint32_t seconds = 0;
      const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
      // A preference that is not understood is ignored (RFC 7240 section 2).
      if (digits.empty() || parsed.ptr != digits.data() + digits.size()) continue;
      return parsed.ec == std::errc{} ? std::min<Milliseconds>(Seconds(seconds), kLongestWait) : kLongestWait;
    }
  }
  return Milliseconds(0);
}

void set_position(http::Response& response, Position position) { response.headers.set("Quicklime-Position", position.text()); }

Result<SerialNumber> serial_parameter(const http::Request& request) {
  const auto parameter = request.parameters.find("serial");
  if (parameter == request.parameters.end()) return fail(ErrorCode::internal, "route-wrong", "this route has no parameter {serial}");
  auto serial = SerialNumber::from_hex(parameter->second);
  if (!serial) return fail(ErrorCode::invalid, serial.error().reason, serial.error().detail, "serial");
  return serial;
}

}  // namespace quicklime::api
