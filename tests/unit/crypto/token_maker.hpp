#pragma once
// Signed tokens by the openssl command: nothing of Quicklime's own signs what it verifies.

#include <stdexcept>
#include <string>
#include <string_view>

#include "base/encoding.hpp"
#include "crypto/der.hpp"
#include "unit/crypto/openssl_command.hpp"

namespace quicklime::test {

class TokenMaker {
 public:
  // algorithm: RS256, ES256, ES384 or EdDSA.
  explicit TokenMaker(std::string algorithm, std::string key_id = "k1") : algorithm_(std::move(algorithm)), key_id_(std::move(key_id)) {
    run("genpkey -out key.pem -algorithm " + std::string(is_rsa()     ? "RSA -pkeyopt rsa_keygen_bits:2048"
                                                         : is_eddsa() ? "ED25519"
                                                                      : "EC -pkeyopt ec_paramgen_curve:" + curve()));
    run("pkey -in key.pem -pubout -outform DER -out key.der");
  }

  const std::string& algorithm() const { return algorithm_; }
  // more: members besides those of the key itself, ",\"use\":\"sig\"".
  std::string jwk(const std::string& more = "") const {
    const std::string spki = shop_.read("key.der");
    crypto::DerReader outer(spki);
    auto fields = outer.enter(crypto::Tag::sequence);
    fields->any();
    std::string_view bits = *fields->bit_string();
    std::string members;
    if (is_rsa()) {
      auto numbers = *crypto::DerReader(bits).enter(crypto::Tag::sequence);
      const auto n = *numbers.unsigned_integer();
      members = R"("kty":"RSA","n":")" + base64url_encode(n) + R"(","e":")" + base64url_encode(*numbers.unsigned_integer()) + '"';
    } else if (is_eddsa()) {
      members = R"("kty":"OKP","crv":"Ed25519","x":")" + base64url_encode(bits) + '"';
    } else {
      bits.remove_prefix(1);
      members = R"("kty":"EC","crv":")" + curve() + R"(","x":")" + base64url_encode(bits.substr(0, bits.size() / 2)) + R"(","y":")" +
                base64url_encode(bits.substr(bits.size() / 2)) + '"';
    }
    return "{" + members + (key_id_.empty() ? "" : R"(,"kid":")" + key_id_ + '"') + more + "}";
  }
  std::string jwks() const { return R"({"keys":[)" + jwk() + "]}"; }

  std::string header(const std::string& more = "") const {
    return R"({"alg":")" + algorithm_ + '"' + (key_id_.empty() ? "" : R"(,"kid":")" + key_id_ + '"') + more + "}";
  }
  std::string token(std::string_view payload) const { return token(header(), payload); }
  std::string token(std::string_view header, std::string_view payload) const {
    const std::string text = base64url_encode(header) + "." + base64url_encode(payload);
    return text + "." + base64url_encode(signature(text));
  }
  // As JWS has it.
  std::string signature(std::string_view text) const {
    const std::string der = der_signature(text);
    if (is_rsa() || is_eddsa()) return der;
    auto numbers = *crypto::DerReader(der).enter(crypto::Tag::sequence);
    const auto r = *numbers.unsigned_integer();
    return in_full(r) + in_full(*numbers.unsigned_integer());
  }
  std::string der_signature(std::string_view text) const {
    shop_.write("text", text);
    run(is_eddsa() ? "pkeyutl -sign -rawin -inkey key.pem -in text -out signature"
                   : "dgst -sha" + std::string(algorithm_ == "ES384" ? "384" : "256") + " -sign key.pem -out signature text");
    return shop_.read("signature");
  }
  const Workshop& shop() const { return shop_; }

 private:
  bool is_rsa() const { return algorithm_ == "RS256"; }
  bool is_eddsa() const { return algorithm_ == "EdDSA"; }
  std::string curve() const { return algorithm_ == "ES384" ? "P-384" : "P-256"; }
  std::string in_full(std::string_view number) const {
    return std::string((algorithm_ == "ES384" ? 48 : 32) - number.size(), '\0') + std::string(number);
  }
  void run(const std::string& arguments) const {
    const auto output = shop_.openssl(arguments);
    if (output.status != 0) throw std::runtime_error(arguments + ": " + output.text);
  }

  std::string algorithm_, key_id_;
  Workshop shop_{};
};

}  // namespace quicklime::test
