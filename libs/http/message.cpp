#include "http/message.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace quicklime::http {
namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool same_name(std::string_view one, std::string_view other) {
  return one.size() == other.size() &&
         std::equal(one.begin(), one.end(), other.begin(), [](char a, char b) { return lower(a) == lower(b); });
}

// As forms and URLSearchParams write it: a plus is a space.
std::optional<std::string> query_decode(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return percent_decode(spaced);
}

}  // namespace

std::string_view name(Method method) {
  switch (method) {
    case Method::get: return "GET";
    case Method::head: return "HEAD";
    case Method::post: return "POST";
    case Method::put: return "PUT";
    case Method::patch: return "PATCH";
    case Method::delete_: return "DELETE";
    case Method::other: return "other";
  }
  return "other";
}

void Headers::set(std::string_view name, std::string value) {
  std::erase_if(all_, [name](const auto& header) { return same_name(header.first, name); });
  add(name, std::move(value));
}

void Headers::add(std::string_view name, std::string value) { all_.emplace_back(name, std::move(value)); }

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (const auto& [key, value] : all_) {
    if (same_name(key, name)) return value;
  }
  return std::nullopt;
}

Result<void> split_target(Request& request) {
  std::string_view target = request.target;
  if (!target.starts_with('/') && target != "*") {
    const std::size_t scheme = target.find("://");
    if (scheme == std::string_view::npos) {
      return fail(ErrorCode::invalid, "target-malformed", "The request target is not a path.");
    }
    const std::size_t path = target.find_first_of("/?", scheme + 3);
    target = path == std::string_view::npos ? "/" : target.substr(path);
  }
  const std::size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (request.path.empty()) request.path = "/";
  if (mark == std::string_view::npos) return {};
  for (std::string_view rest = target.substr(mark + 1); !rest.empty();) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = query_decode(pair.substr(0, equals));
    auto value = query_decode(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value) {
      return fail(ErrorCode::invalid, "target-malformed", "The query holds a % that two hexadecimal digits do not follow.",
                  std::string(pair.substr(0, equals)));
    }
    request.query.insert_or_assign(std::move(*name), std::move(*value));
  }
  return {};
}

Response Response::json(unsigned status, std::string body) { return of(status, "application/json", std::move(body)); }

Response Response::of(unsigned status, std::string content_type, std::string body) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", std::move(content_type));
  response.body = std::move(body);
  return response;
}

// Not strftime: its names of days and months follow the locale.
std::string http_date(Instant instant) {
  constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = instant.seconds();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  const int length = std::snprintf(
      text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT", days[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
      months[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace quicklime::http
