#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/printable.hpp"
#include "base/strict_json.hpp"
#include "identity/provider_metadata.hpp"

namespace quicklime::identity {
namespace {

Failure bad_provider_answer(std::string detail) { return fail(ErrorCode::unavailable, "provider-answer", std::move(detail)); }

// What is not there or no text is empty.
std::string member_text(const nlohmann::json& object, const char* member) {
  const auto found = object.find(member);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::vector<std::string> member_texts(const nlohmann::json& object, const char* member) {
  std::vector<std::string> texts;
  const auto found = object.find(member);
  if (found == object.end() || !found->is_array()) return texts;
  for (const auto& one : *found) {
    if (one.is_string()) texts.push_back(one.get<std::string>());
  }
  return texts;
}

}  // namespace

bool is_provider_url(std::string_view url) {
  if (std::any_of(url.begin(), url.end(), [](char c) { return c <= ' ' || c == '\x7f' || c == '#' || c == '\\' || c == '@'; }))
    return false;
  if (url.starts_with("https://")) return url.size() > 8 && url[8] != '/';
  if (!url.starts_with("http://")) return false;
  const std::string_view authority = url.substr(7, url.find('/', 7) - 7);
  const std::string_view host =
      authority.starts_with('[') ? authority.substr(0, authority.find(']') + 1) : authority.substr(0, authority.find(':'));
  return host == "127.0.0.1" || host == "localhost" || host == "[::1]";
}

Result<ProviderMetadata> read_provider_metadata(std::string_view json, const std::string& issuer) {
  if (!is_strict_json_object(json)) return bad_provider_answer(issuer + " does not answer with a JSON object where its metadata should be");
  const auto object = nlohmann::json::parse(json);
  if (const std::string named = member_text(object, "issuer"); named != issuer) {
    return bad_provider_answer("the provider at " + issuer + " calls itself \"" + printable(named) +
                               "\"; write the issuer in the configuration as it does");
  }
  ProviderMetadata metadata{member_text(object, "jwks_uri"), member_text(object, "authorization_endpoint"),
                            member_text(object, "token_endpoint"), member_text(object, "userinfo_endpoint"),
                            member_texts(object, "scopes_supported")};
  if (metadata.keys_url.empty()) return bad_provider_answer(issuer + " does not say where its keys are (jwks_uri)");
  for (const std::string& url : {metadata.keys_url, metadata.authorization_url, metadata.token_url, metadata.userinfo_url}) {
    if (!url.empty() && !is_provider_url(url))
      return bad_provider_answer(issuer + " names the address " + printable(url) + ", which is not https://");
  }
  const auto ways = member_texts(object, "token_endpoint_auth_methods_supported");
  const auto takes = [&](const char* way) { return std::find(ways.begin(), ways.end(), way) != ways.end(); };
  metadata.secret_in_body = takes("client_secret_post") && !takes("client_secret_basic");
  const auto names_itself = object.find("authorization_response_iss_parameter_supported");
  metadata.names_itself = names_itself != object.end() && names_itself->is_boolean() && names_itself->get<bool>();
  return metadata;
}

Result<TokenAnswer> read_token_answer(std::string_view json) {
  if (!is_strict_json_object(json)) return bad_provider_answer("the provider does not answer with a JSON object where it gives tokens");
  const auto object = nlohmann::json::parse(json);
  return TokenAnswer{member_text(object, "id_token"), Secret(member_text(object, "access_token")), member_text(object, "error")};
}

}  // namespace quicklime::identity
