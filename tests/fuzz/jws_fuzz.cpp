// Properties: a token that is taken has no second text; nobody's key verifies what it did not sign.
#include <cstdlib>
#include <string_view>

#include "base/encoding.hpp"
#include "crypto/jws.hpp"

// What the two keys of the standards' examples signed.
constexpr std::string_view kSigned[] = {"{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}",
                                        "Example of Ed25519 signing"};

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace quicklime;
  const std::string text(reinterpret_cast<const char*>(data), size);
  static const auto keys = crypto::read_jwks(
      R"({"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},)"
      R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})");
  if (const auto jws = crypto::Jws::parse(text)) {
    const std::size_t dot = text.find('.');
    if (base64url_encode(jws->unverified()) != text.substr(dot + 1, text.rfind('.') - dot - 1)) std::abort();
    const auto verified = jws->verified(*keys);
    if (verified && *verified != kSigned[0] && *verified != kSigned[1]) std::abort();
  }
  (void)crypto::read_jwks(text);
  (void)crypto::read_jws_header(text);
  return 0;
}
