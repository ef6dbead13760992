#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "base/printable.hpp"
#include "base/strict_json.hpp"
#include "crypto/jws.hpp"

namespace quicklime::crypto {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostKeys = 100;
constexpr std::size_t kLongestKeyId = 256;

Failure bad_set(std::string detail) { return fail(ErrorCode::invalid, "jwks-malformed", std::move(detail)); }
Failure unused(std::string detail) { return fail(ErrorCode::invalid, "key-kind-unsupported", std::move(detail)); }
Failure bad_header(std::string detail) { return fail(ErrorCode::unauthenticated, "jws-malformed", std::move(detail)); }

// Empty: not there. nullopt: there, and no text.
std::optional<std::string> text_of(const Json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end()) return "";
  if (!found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::optional<std::string> octets_in(const Json& key, const char* member) {
  const auto text = text_of(key, member);
  if (!text || text->empty() || text->find_first_of("+/=") != std::string::npos) return std::nullopt;
  return base64_decode(*text);
}

bool verifies_signatures(const Json& key) {
  if (text_of(key, "use") != "" && text_of(key, "use") != "sig") return false;
  const auto operations = key.find("key_ops");
  return operations == key.end() ||
         (operations->is_array() && std::find(operations->begin(), operations->end(), "verify") != operations->end());
}

Result<JwsKey> read_key(const Json& key) {
  if (!key.is_object()) return unused("a key is a JSON object");
  const auto id = text_of(key, "kid");
  const auto kind = text_of(key, "kty");
  const auto curve = text_of(key, "crv");
  const auto algorithm = text_of(key, "alg");
  if (!id || !kind || !curve || !algorithm || id->size() > kLongestKeyId) return unused("a member of the key is not a text");
  if (!verifies_signatures(key)) return unused("the key is not for signatures");
  if (key.contains("d")) return unused("the key is a private key, which nobody should publish");
  const auto n = octets_in(key, "n"), e = octets_in(key, "e"), x = octets_in(key, "x"), y = octets_in(key, "y");
  auto made = [&]() -> Result<JwsKey> {
    if (*kind == "RSA" && n && e) return JwsKey::rsa(*id, *n, *e);
    if (*kind == "EC" && *curve == "P-256" && x && y) return JwsKey::p256(*id, *x, *y);
    if (*kind == "EC" && *curve == "P-384" && x && y) return JwsKey::p384(*id, *x, *y);
    if (*kind == "OKP" && *curve == "Ed25519" && x) return JwsKey::ed25519(*id, *x);
    return unused("a key is RSA, EC over P-256 or P-384, or OKP over Ed25519, with its numbers in base64url");
  }();
  if (made && !algorithm->empty() && jws_algorithm(*algorithm) != made->algorithm()) {
    return unused("the key is for an algorithm other than RS256, ES256, ES384 and EdDSA");
  }
  return made;
}

}  // namespace

Result<std::vector<JwsKey>> read_jwks(std::string_view json) {
  if (!is_strict_json_object(json)) return bad_set("a key set is one JSON object, with no member twice");
  const Json set = Json::parse(json);
  const auto listed = set.find("keys");
  if (listed == set.end() || !listed->is_array()) return bad_set("a key set has its keys in an array \"keys\" (RFC 7517 section 5)");
  if (listed->size() > kMostKeys) return bad_set("a key set has at most " + std::to_string(kMostKeys) + " keys");
  std::vector<JwsKey> keys;
  std::string why = "it is empty";
  for (const Json& one : *listed) {
    auto key = read_key(one);
    if (key) {
      keys.push_back(*std::move(key));
    } else {
      why = key.error().detail;
    }
  }
  if (keys.empty()) return bad_set("no key of the set verifies signatures: " + why);
  return keys;
}

Result<JwsHeader> read_jws_header(std::string_view json) {
  if (!is_strict_json_object(json)) return bad_header("the header of the token is not one JSON object, with no member twice");
  const Json object = Json::parse(json);
  if (object.contains("crit")) return bad_header("the token demands that an extension be understood (crit), and none is here");
  const auto algorithm = text_of(object, "alg");
  auto id = text_of(object, "kid");
  auto type = text_of(object, "typ");
  if (!algorithm || !id || !type || id->size() > kLongestKeyId) return bad_header("a member of the token's header is not a text");
  const auto known = jws_algorithm(*algorithm);
  if (!known) {
    return fail(ErrorCode::unauthenticated, "jws-algorithm-unsupported",
                "the token is signed by \"" + printable(algorithm->substr(0, 32)) + "\"; accepted are RS256, ES256, ES384 and EdDSA");
  }
  JwsHeader header{*known};
  if (object.contains("kid")) header.key_id = *std::move(id);
  for (char& letter : *type) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  if (type->starts_with("application/")) type->erase(0, 12);
  header.type = *std::move(type);
  return header;
}

}  // namespace quicklime::crypto
