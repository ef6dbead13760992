#include "crypto/jws.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/encoding.hpp"
#include "crypto/hash.hpp"
#include "unit/crypto/token_maker.hpp"

namespace quicklime::crypto {
namespace {

using test::TokenMaker;

constexpr std::string_view kClaims = R"({"iss":"https://login.internal","sub":"alice"})";

// "good", or why not.
std::string verdict(const std::string& token, const std::vector<JwsKey>& keys) {
  const auto jws = Jws::parse(token);
  if (!jws) return jws.error().code == ErrorCode::unauthenticated ? jws.error().reason : "not a refusal";
  const auto payload = jws->verified(keys);
  if (!payload) return payload.error().code == ErrorCode::unauthenticated ? payload.error().reason : "not a refusal";
  return *payload == jws->unverified() ? "good" : "another payload";
}

// One of each algorithm for all tests: keys take time to make.
const TokenMaker& maker(const std::string& algorithm) {
  static std::map<std::string, TokenMaker> makers;
  return makers.try_emplace(algorithm, algorithm, "key of " + algorithm).first->second;
}
std::vector<JwsKey> keys_of(const std::string& algorithm) { return read_jwks(maker(algorithm).jwks()).value(); }

constexpr const char* kAll[] = {"RS256", "ES256", "ES384", "EdDSA"};

TEST(Jws, VerifiesTheExamplesOfTheStandards) {
  const std::string claims = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  // RFC 7515 appendix A.2
  const auto rsa = read_jwks(
      R"({"keys":[{"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}]})");
  ASSERT_TRUE(rsa) << rsa.error().detail;
  EXPECT_EQ(verdict("eyJhbGciOiJSUzI1NiJ9." + claims +
                        ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
                        "O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"
                        "nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-"
                        "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
                    *rsa),
            "good");
  // RFC 7515 appendix A.3
  const auto ec = read_jwks(
      R"({"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})");
  ASSERT_TRUE(ec) << ec.error().detail;
  EXPECT_EQ(
      verdict("eyJhbGciOiJFUzI1NiJ9." + claims + ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
              *ec),
      "good");
  // RFC 8037 appendix A.4
  const auto ed = read_jwks(R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})");
  ASSERT_TRUE(ed) << ed.error().detail;
  EXPECT_EQ(verdict("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
                    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
                    *ed),
            "good");
}

// tests/data/tokens: made once by jose 6 (Node) and by PyJWT 2.6, each token named by its algorithm.
TEST(Jws, VerifiesWhatOtherLibrariesSign) {
  const std::filesystem::path data = std::filesystem::path(QUICKLIME_SOURCE_DIR) / "tests/data/tokens";
  const auto text = [](const std::filesystem::path& path) {
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  int tokens = 0;
  for (const char* library : {"jose", "pyjwt"}) {
    const auto keys = read_jwks(text(data / library / "jwks.json"));
    ASSERT_TRUE(keys) << keys.error().detail;
    for (const auto& entry : std::filesystem::directory_iterator(data / library)) {
      if (entry.path().extension() != ".jwt") continue;
      EXPECT_EQ(verdict(text(entry.path()), *keys), "good") << entry.path();
      EXPECT_EQ(Jws::parse(text(entry.path()))->header().algorithm, jws_algorithm(entry.path().stem().string()));
      ++tokens;
    }
  }
  EXPECT_EQ(tokens, 9);
}

TEST(Jws, VerifiesWhatOpensslSigns) {
  for (const char* algorithm : kAll) {
    const std::string token = maker(algorithm).token(kClaims);
    EXPECT_EQ(verdict(token, keys_of(algorithm)), "good") << algorithm;
    EXPECT_EQ(*Jws::parse(token)->verified(keys_of(algorithm)), kClaims);
    EXPECT_EQ(Jws::parse(token)->header().key_id, "key of " + std::string(algorithm));
  }
  const std::string token = maker("EdDSA").token(R"({"alg":"Ed25519","kid":"key of EdDSA"})", kClaims);
  EXPECT_EQ(verdict(token, keys_of("EdDSA")), "good") << "the name of RFC 9864";
}

// An integer of an ECDSA signature is short once in 128 signatures.
TEST(Jws, VerifiesSignaturesWithShortNumbers) {
  for (int i = 0; i < 1000; ++i) {
    const std::string token = maker("ES256").token(R"({"n":)" + std::to_string(i) + "}");
    ASSERT_EQ(verdict(token, keys_of("ES256")), "good");
    const std::string signature = *base64_decode(token.substr(token.rfind('.') + 1));
    if (signature[0] == 0 || signature[32] == 0) return;
  }
  FAIL() << "openssl made none";
}

TEST(Jws, HasOneTextForOneToken) {
  for (const char* algorithm : kAll) {
    const auto keys = keys_of(algorithm);
    const std::string good = maker(algorithm).token(kClaims);
    for (std::size_t at = 0; at < good.size(); ++at) {
      for (const char other : {'A', 'B', '_', '-', '.', '=', ' '}) {
        std::string changed = good;
        if (changed[at] == other) continue;
        changed[at] = other;
        ASSERT_NE(verdict(changed, keys), "good") << algorithm << " with " << other << " at " << at;
      }
    }
  }
}

// The kinds of bad tokens of which two common libraries take some.
TEST(Jws, RefusesEveryKindOfMalformedToken) {
  const TokenMaker& rs = maker("RS256");
  const TokenMaker& es = maker("ES256");
  auto keys = keys_of("RS256");
  for (const char* more : {"ES256", "ES384", "EdDSA"}) {
    const auto others = keys_of(more);
    keys.insert(keys.end(), others.begin(), others.end());
  }
  const std::string good = rs.token(kClaims);
  const std::string first = good.substr(0, good.find('.')), last = good.substr(good.rfind('.') + 1);
  const std::string payload = base64url_encode(kClaims);
  const auto signed_by = [](const TokenMaker& signer, const std::string& header) { return signer.token(header, kClaims); };
  const auto unsigned_token = [&](const std::string& header, const std::string& signature) {
    return base64url_encode(header) + "." + payload + "." + base64url_encode(signature);
  };
  const std::string hmac_header = R"({"alg":"HS256","kid":"key of RS256"})";
  const std::string hmac_text = base64url_encode(hmac_header) + "." + payload;
  const std::string es_text = base64url_encode(es.header()) + "." + payload;
  ASSERT_EQ(verdict(good, keys), "good");

  const struct {
    const char* kind;
    std::string token;
    const char* reason;
  } bad[] = {
      {"1. nothing signed (alg none)", unsigned_token(R"({"alg":"none"})", ""), "jws-algorithm-unsupported"},
      {"2. none in other letters", unsigned_token(R"({"alg":"nOnE","kid":"key of RS256"})", ""), "jws-algorithm-unsupported"},
      {"3. HMAC with the public key", hmac_text + "." + base64url_encode(view(hmac_sha256(Secret(rs.shop().read("key.der")), hmac_text))),
       "jws-algorithm-unsupported"},
      {"4. PS256 by a key for RS256", signed_by(rs, R"({"alg":"PS256","kid":"key of RS256"})"), "jws-algorithm-unsupported"},
      {"5. RS512", signed_by(rs, R"({"alg":"RS512","kid":"key of RS256"})"), "jws-algorithm-unsupported"},
      {"6. an algorithm that the key is not for", signed_by(es, R"({"alg":"ES256","kid":"key of RS256"})"), "jws-signature-invalid"},
      {"7. no algorithm", signed_by(rs, R"({"kid":"key of RS256"})"), "jws-algorithm-unsupported"},
      {"8. a key that nobody has", signed_by(rs, R"({"alg":"RS256","kid":"another"})"), "jws-key-unknown"},
      {"9. another's signature", signed_by(TokenMaker("RS256", "key of RS256"), rs.header()), "jws-signature-invalid"},
      {"10. another payload", first + "." + base64url_encode(R"({"sub":"bob"})") + "." + last, "jws-signature-invalid"},
      {"11. no signature", first + "." + payload + ".", "jws-signature-invalid"},
      {"12. an extension that must be understood", signed_by(rs, rs.header(R"(,"crit":["b64"],"b64":false)")), "jws-malformed"},
      {"13. padding", first + "=." + payload + "." + last, "jws-malformed"},
      {"14. bits that stray", good.substr(0, good.size() - 1) + static_cast<char>(good.back() + 1), "jws-malformed"},
      {"15. white space", first + "." + payload + "." + last + "\n", "jws-malformed"},
      {"16. four parts", good + ".AA", "jws-malformed"},
      {"17. a member of the header twice", signed_by(rs, R"({"alg":"none","alg":"RS256","kid":"key of RS256"})"), "jws-malformed"},
      {"18. a key that the token brings itself",
       signed_by(TokenMaker("EdDSA"), R"({"alg":"EdDSA","jwk":)" + TokenMaker("EdDSA").jwk() + "}"), "jws-signature-invalid"},
      {"19. ECDSA in DER", es_text + "." + base64url_encode(es.der_signature(es_text)), "jws-signature-invalid"},
      {"20. ECDSA of zeros (CVE-2022-21449)", es_text + "." + base64url_encode(std::string(64, '\0')), "jws-signature-invalid"},
      {"21. two parts", first + "." + payload, "jws-malformed"},
      {"22. a header that is no object", signed_by(rs, R"(["alg","RS256"])"), "jws-malformed"},
      {"23. bytes behind the header", signed_by(rs, rs.header() + "{}"), "jws-malformed"},
      {"24. a key id that is no text", signed_by(rs, R"({"alg":"RS256","kid":7})"), "jws-malformed"},
      {"25. more than anybody needs", rs.token(R"({"sub":")" + std::string(kLongestJws, 'a') + "\"}"), "jws-malformed"},
      {"26. a header in depth", signed_by(rs, rs.header(R"(,"x":)" + std::string(50, '[') + std::string(50, ']'))), "jws-malformed"},
      {"27. nothing", "", "jws-malformed"},
      {"28. dots", "..", "jws-malformed"},
  };
  for (const auto& [kind, token, reason] : bad) EXPECT_EQ(verdict(token, keys), reason) << kind;
}

TEST(Jws, TriesTwoKeysAtMost) {
  const TokenMaker nameless("EdDSA", "");
  const std::string token = nameless.token(kClaims);
  const auto own = read_jwks(nameless.jwks()).value();
  auto keys = keys_of("EdDSA");
  keys.push_back(own.front());
  EXPECT_EQ(verdict(token, keys), "good") << "a token without a key id is tried by the keys of its algorithm";
  keys.push_back(keys.front());
  EXPECT_EQ(verdict(token, keys), "jws-key-unknown") << "as long as they are few";
}

TEST(Jws, KnowsItsTypeHoweverItIsWritten) {
  const auto type = [](const std::string& more) { return read_jws_header(R"({"alg":"RS256")" + more + "}")->type; };
  EXPECT_EQ(type(""), "");
  EXPECT_EQ(type(R"(,"typ":"JWT")"), "jwt");
  EXPECT_EQ(type(R"(,"typ":"application/AT+jwt")"), "at+jwt");
}

// What a set leaves of these keys; the reason when it leaves none.
std::string left_of(const std::string& keys) {
  const auto read = read_jwks(R"({"keys":[)" + keys + "]}");
  if (!read) return read.error().reason;
  std::string ids;
  for (const JwsKey& key : *read) ids += key.id() + " " + std::string(name(key.algorithm())) + ";";
  return ids;
}

TEST(Jwks, LeavesOutWhatVerifiesNoSignatures) {
  const TokenMaker& es = maker("ES256");
  const std::string good = maker("EdDSA").jwk();
  const auto beside = [&](const std::string& other) { return left_of(other + "," + good); };
  const std::string only = "key of EdDSA EdDSA;";
  EXPECT_EQ(beside(es.jwk(R"(,"use":"sig","alg":"ES256","key_ops":["verify"])")), "key of ES256 ES256;" + only);
  EXPECT_EQ(beside(es.jwk(R"(,"use":"enc")")), only) << "Keycloak publishes one";
  EXPECT_EQ(beside(es.jwk(R"(,"key_ops":["encrypt"])")), only);
  EXPECT_EQ(beside(es.jwk(R"(,"alg":"ECDH-ES")")), only);
  EXPECT_EQ(beside(maker("RS256").jwk(R"(,"alg":"PS256")")), only);
  EXPECT_EQ(beside(es.jwk(R"(,"d":"AAAA")")), only) << "a private key that was published";
  EXPECT_EQ(beside(R"({"kty":"oct","k":"AAAA"})"), only);
  EXPECT_EQ(beside(R"({"kty":"EC","crv":"P-521","x":"AAAA","y":"AAAA"})"), only);
  EXPECT_EQ(beside("7"), only);
}

TEST(Jwks, LeavesOutBrokenKeys) {
  std::string point = maker("ES256").jwk();
  const std::size_t x = point.find(R"("x":")") + 5;
  point[x] = point[x] == 'A' ? 'B' : 'A';
  EXPECT_EQ(left_of(point), "jwks-malformed") << "not on the curve";
  EXPECT_EQ(left_of(R"({"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"})"), "jwks-malformed");
  EXPECT_EQ(left_of(R"({"kty":"OKP","crv":"Ed25519","x":"AAAA"})"), "jwks-malformed");
  EXPECT_EQ(left_of(R"({"kty":"RSA","n":")" + base64url_encode("\x81" + std::string(126, 'a') + "\x01") + R"(","e":"AQAB"})"),
            "jwks-malformed")
      << "1024 bits";
  const auto weak = read_jwks(R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"AAAA"}]})");
  EXPECT_THAT(weak.error().detail, testing::HasSubstr("an Ed25519 key has 32 octets"));
}

TEST(Jwks, IsOneObjectWithItsKeysInAnArray) {
  const std::string key = maker("EdDSA").jwk();
  const std::vector<std::string> bad{"",
                                     "null",
                                     "{}",
                                     R"({"keys":{}})",
                                     R"({"keys":[]})",
                                     key,
                                     R"({"keys":[)" + key + "]} x",
                                     R"({"keys":[],"keys":[)" + key + "]}",
                                     R"({"keys":[{"kid":"a",)" + key.substr(1) + "]}"};
  for (const std::string& set : bad) {
    const auto read = read_jwks(set);
    ASSERT_FALSE(read) << set;
    EXPECT_EQ(read.error().reason, "jwks-malformed");
  }
}

}  // namespace
}  // namespace quicklime::crypto
