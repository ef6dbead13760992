#include "identity/auth_key.hpp"

#include "crypto/constant_time.hpp"
#include "crypto/hash.hpp"

namespace quicklime::identity {

Secret auth_key_of(const Secret& access_key, const TokenId& token) {
  return Secret(std::string(crypto::view(crypto::hmac_sha256(access_key, "cfssl" + token.text()))));
}

bool is_by_auth_key(const Secret& access_key, const access::SignedRequest& request) {
  const auto expected = crypto::hmac_sha256(auth_key_of(access_key, request.token), request.text);
  return crypto::equal_in_constant_time(crypto::view(expected), request.mac);
}

}  // namespace quicklime::identity
