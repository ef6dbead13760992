#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/strict_json.hpp"
#include "identity/assertion.hpp"

namespace quicklime::identity {
namespace {

using ClaimsJson = nlohmann::json;

constexpr std::size_t kLongestSubject = 255;  // OpenID Connect Core section 2

Failure malformed_assertion(std::string detail) { return fail(ErrorCode::unauthenticated, "assertion-malformed", std::move(detail)); }

std::string pointer_part(const std::string& name) {  // RFC 6901 section 3
  std::string escaped;
  for (const char c : name) escaped += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return "/" + escaped;
}

std::optional<std::string> text_of_claim(const ClaimsJson& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number() || value.is_boolean()) return value.dump();
  return std::nullopt;
}

void add_claim(Claims& claims, const std::string& name, const ClaimsJson& value, const std::string& pointer) {
  if (value.is_object()) {
    for (const auto& [member, inner] : value.items()) {
      const std::string at = pointer + pointer_part(member);
      add_claim(claims, at, inner, at);
    }
  } else if (value.is_array()) {
    for (const ClaimsJson& element : value) {
      if (auto text = text_of_claim(element)) claims[name].push_back(*std::move(text));
    }
  } else if (auto text = text_of_claim(value)) {
    claims[name].push_back(*std::move(text));
  }
}

// NumericDate, RFC 7519 section 2. false: there, and none.
bool read_time_claim(const ClaimsJson& token, const char* claim, std::optional<Instant>& into) {
  const auto found = token.find(claim);
  if (found == token.end()) return true;
  constexpr double kLatest = 253'402'300'799;  // the end of the year 9999
  if (!found->is_number()) return false;
  const double seconds = found->get<double>();
  if (!(seconds >= 0 && seconds <= kLatest)) return false;
  into = Instant::from_milliseconds(static_cast<std::int64_t>(std::floor(seconds * 1000)));
  return true;
}

// false: there, and no text.
bool read_text_claim(const ClaimsJson& token, const char* claim, std::string& into) {
  const auto found = token.find(claim);
  if (found == token.end()) return true;
  if (!found->is_string()) return false;
  into = found->get<std::string>();
  return true;
}

bool read_audience(const ClaimsJson& token, std::vector<std::string>& into) {
  const auto found = token.find("aud");
  if (found == token.end()) return true;
  if (found->is_string()) {
    into.push_back(found->get<std::string>());
    return true;
  }
  if (!found->is_array()) return false;
  for (const ClaimsJson& one : *found) {
    if (!one.is_string()) return false;
    into.push_back(one.get<std::string>());
  }
  return true;
}

bool groups_are_elsewhere(const ClaimsJson& token, const std::string& groups) {
  const auto elsewhere = token.find("_claim_names");
  if (elsewhere != token.end() && elsewhere->is_object() && elsewhere->contains(groups)) return true;
  const auto has = token.find("hasgroups");
  return has != token.end() && has->is_boolean() && has->get<bool>() && !token.contains(groups);
}

}  // namespace

Result<Assertion> read_assertion(std::string_view json, const std::string& groups) {
  if (!is_strict_json_object(json)) return malformed_assertion("the token's payload is not one JSON object, with no member twice");
  const ClaimsJson token = ClaimsJson::parse(json);
  Assertion assertion;
  std::optional<Instant> issued;
  std::string user_name;
  const bool texts = read_text_claim(token, "iss", assertion.issuer) && read_text_claim(token, "sub", assertion.subject) &&
                     read_text_claim(token, "azp", assertion.authorized_party) && read_text_claim(token, "nonce", assertion.nonce) &&
                     read_text_claim(token, "name", assertion.name) && read_text_claim(token, "preferred_username", user_name);
  if (!texts || !read_audience(token, assertion.audience)) return malformed_assertion("a claim of the token that must be text is none");
  if (!read_time_claim(token, "exp", assertion.ends) || !read_time_claim(token, "nbf", assertion.begins) ||
      !read_time_claim(token, "iat", issued)) {
    return malformed_assertion("exp, nbf and iat are seconds since 1970 (RFC 7519 section 2)");
  }
  if (assertion.subject.empty() || assertion.subject.size() > kLongestSubject) {
    return malformed_assertion("the token is about nobody: sub is 1 to 255 characters");
  }
  if (issued && (!assertion.begins || *assertion.begins < *issued)) assertion.begins = issued;
  if (assertion.name.empty()) assertion.name = std::move(user_name);

  if (groups_are_elsewhere(token, groups)) {
    return fail(ErrorCode::unauthenticated, "groups-not-sent",
                "the provider sends a reference instead of the claim " + groups +
                    " (_claim_names), because there are too many groups; have "
                    "it send only those that are assigned to this application");
  }
  for (const auto& [name, value] : token.items()) {
    if (!name.starts_with('/')) add_claim(assertion.claims, name, value, pointer_part(name));
  }
  if (groups != "groups") {
    const auto found = assertion.claims.find(groups);
    std::vector<std::string> has = found == assertion.claims.end() ? std::vector<std::string>() : found->second;
    assertion.claims.erase("groups");
    if (!has.empty()) assertion.claims["groups"] = std::move(has);
  }
  return assertion;
}

std::string issuer_in(std::string_view json) {
  std::string issuer;
  if (is_strict_json_object(json)) read_text_claim(ClaimsJson::parse(json), "iss", issuer);
  return issuer;
}

}  // namespace quicklime::identity
