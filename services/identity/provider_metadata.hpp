#pragma once
// What a provider says of itself and in answers, read strictly. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace quicklime::identity {

// OpenID Connect Discovery 1.0 section 3.
struct ProviderMetadata {
  std::string keys_url;             // jwks_uri
  std::string authorization_url{};  // may be empty: nobody signs in by a browser
  std::string token_url{};
  std::string userinfo_url{};  // may be empty
  std::vector<std::string> scopes{};
  bool secret_in_body = false;  // it takes client_secret_post alone
  bool names_itself = false;    // authorization_response_iss_parameter_supported (RFC 9207)
};
// "provider-answer" (unavailable): not JSON, another issuer than this one, or a URL that is_provider_url refuses.
Result<ProviderMetadata> read_provider_metadata(std::string_view json, const std::string& issuer);

// https://..., or http:// on this machine: what passes there in clear text is seen by nobody else.
bool is_provider_url(std::string_view url);

// RFC 6749 sections 5.1 and 5.2.
struct TokenAnswer {
  std::string id_token{};
  Secret access_token{};
  std::string error{};  // "invalid_grant"; nothing else is there then
};
Result<TokenAnswer> read_token_answer(std::string_view json);

}  // namespace quicklime::identity
