#include "crypto/jws.hpp"

#include <openssl/x509.h>

#include "base/encoding.hpp"
#include "base/work.hpp"
#include "crypto/der.hpp"
#include "crypto/key.hpp"
#include "crypto/openssl.hpp"

namespace quicklime::crypto {
namespace {
using namespace std::string_view_literals;

constexpr std::string_view kRsa = "\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01"sv;  // rsaEncryption, RFC 3279 section 2.3.1
constexpr std::string_view kEc = "\x2A\x86\x48\xCE\x3D\x02\x01"sv;           // id-ecPublicKey, RFC 5480 section 2.1.1
constexpr std::string_view kP256 = "\x2A\x86\x48\xCE\x3D\x03\x01\x07"sv;     // secp256r1
constexpr std::string_view kP384 = "\x2B\x81\x04\x00\x22"sv;                 // secp384r1
constexpr std::string_view kEd25519 = "\x2B\x65\x70"sv;                      // RFC 8410 section 3
constexpr std::size_t kLargestSet = 2;                                       // of keys that are tried

struct AlgorithmRow {
  JwsAlgorithm algorithm;
  std::string_view name;
  const EVP_MD* (*hash)();  // EdDSA has its own
  std::size_t coordinate;   // octets of one integer of an ECDSA signature
};
constexpr AlgorithmRow kAlgorithms[] = {{JwsAlgorithm::rs256, "RS256", EVP_sha256, 0},
                                        {JwsAlgorithm::es256, "ES256", EVP_sha256, 32},
                                        {JwsAlgorithm::es384, "ES384", EVP_sha384, 48},
                                        {JwsAlgorithm::eddsa, "EdDSA", nullptr, 0}};
const AlgorithmRow& row_of(JwsAlgorithm algorithm) { return kAlgorithms[static_cast<std::size_t>(algorithm)]; }

const unsigned char* octets_of(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

std::string spki_of(const std::string& algorithm, std::string_view key) {
  return der(Tag::sequence, der(Tag::sequence, algorithm) + der_bit_string(key));
}

Failure no_key(std::string detail) { return fail(ErrorCode::invalid, "key-malformed", std::move(detail)); }

Failure not_taken(std::string reason, std::string detail) { return fail(ErrorCode::unauthenticated, std::move(reason), std::move(detail)); }

// One text for one value: the alphabet of RFC 4648 section 5 alone, no padding, nothing in the bits that are left.
std::optional<std::string> part(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
  return base64_decode(text);
}

}  // namespace

std::string_view name(JwsAlgorithm algorithm) { return row_of(algorithm).name; }

std::optional<JwsAlgorithm> jws_algorithm(std::string_view text) {
  if (text == "Ed25519") return JwsAlgorithm::eddsa;  // RFC 9864 section 2.2
  for (const AlgorithmRow& row : kAlgorithms) {
    if (text == row.name) return row.algorithm;
  }
  return std::nullopt;
}

struct JwsKey::Handle {
  KeyPointer key;
};

Result<JwsKey> JwsKey::from_spki(std::string id, JwsAlgorithm algorithm, const std::string& spki) {
  const unsigned char* next = octets_of(spki);
  KeyPointer key(d2i_PUBKEY(nullptr, &next, static_cast<long>(spki.size())));
  if (!key) {
    drain_errors();
    return no_key("OpenSSL does not take the key: its point is not on the curve");
  }
  return JwsKey(std::move(id), algorithm, std::make_shared<const Handle>(Handle{std::move(key)}));
}

Result<JwsKey> JwsKey::rsa(std::string id, std::string_view modulus, std::string_view exponent) {
  const std::string spki =
      spki_of(der(Tag::object_identifier, kRsa) + der(Tag::null, ""), der(Tag::sequence, der_integer(modulus) + der_integer(exponent)));
  if (const auto checked = PublicKey::from_spki(spki); !checked) return forward(checked);
  return from_spki(std::move(id), JwsAlgorithm::rs256, spki);
}

namespace {

Result<std::string> point_spki(std::string_view curve, std::size_t size, std::string_view x, std::string_view y) {
  if (x.size() != size || y.size() != size) return no_key("the coordinates are not as long as the curve has them");
  return spki_of(der(Tag::object_identifier, kEc) + der(Tag::object_identifier, curve), "\x04" + std::string(x) + std::string(y));
}

}  // namespace

Result<JwsKey> JwsKey::p256(std::string id, std::string_view x, std::string_view y) {
  const auto spki = point_spki(kP256, row_of(JwsAlgorithm::es256).coordinate, x, y);
  if (!spki) return forward(spki);
  return from_spki(std::move(id), JwsAlgorithm::es256, *spki);
}

Result<JwsKey> JwsKey::p384(std::string id, std::string_view x, std::string_view y) {
  const auto spki = point_spki(kP384, row_of(JwsAlgorithm::es384).coordinate, x, y);
  if (!spki) return forward(spki);
  return from_spki(std::move(id), JwsAlgorithm::es384, *spki);
}

Result<JwsKey> JwsKey::ed25519(std::string id, std::string_view x) {
  if (x.size() != 32) return no_key("an Ed25519 key has 32 octets");
  return from_spki(std::move(id), JwsAlgorithm::eddsa, spki_of(der(Tag::object_identifier, kEd25519), x));
}

bool JwsKey::verifies(std::string_view message, std::string_view signature) const {
  work::count(work::Kind::signature_checked);
  const AlgorithmRow& row = row_of(algorithm_);
  std::string ecdsa;  // ECDSA-Sig-Value, RFC 3279 section 2.2.3
  if (row.coordinate != 0) {
    if (signature.size() != 2 * row.coordinate) return false;
    ecdsa = der(Tag::sequence, der_integer(signature.substr(0, row.coordinate)) + der_integer(signature.substr(row.coordinate)));
    signature = ecdsa;
  }
  const DigestContext context(EVP_MD_CTX_new());
  require(context != nullptr, "no digest context");
  const EVP_MD* hash = row.hash == nullptr ? nullptr : row.hash();
  const bool good = EVP_DigestVerifyInit(context.get(), nullptr, hash, nullptr, handle_->key.get()) == 1 &&
                    EVP_DigestVerify(context.get(), octets_of(signature), signature.size(), octets_of(message), message.size()) == 1;
  if (!good) drain_errors();
  return good;
}

Result<Jws> Jws::parse(std::string compact) {
  if (compact.size() > kLongestJws) return not_taken("jws-malformed", "a token has at most " + std::to_string(kLongestJws) + " characters");
  const std::size_t first = compact.find('.');
  const std::size_t second = first == std::string::npos ? first : compact.find('.', first + 1);
  if (second == std::string::npos || compact.find('.', second + 1) != std::string::npos) {
    return not_taken("jws-malformed", "a signed token is three parts with a dot between them: header, payload, signature");
  }
  const std::string_view text = compact;
  const auto header_text = part(text.substr(0, first));
  auto payload = part(text.substr(first + 1, second - first - 1));
  auto signature = part(text.substr(second + 1));
  if (!header_text || !payload || !signature) {
    return not_taken("jws-malformed", "a part of the token is not base64url without padding (RFC 7515 section 2)");
  }
  auto header = read_jws_header(*header_text);
  if (!header) return forward(header);
  Jws jws(*std::move(header));
  jws.payload_ = *std::move(payload);
  jws.signature_ = *std::move(signature);
  compact.resize(second);
  jws.signed_ = std::move(compact);
  return jws;
}

Result<std::string> Jws::verified(const std::vector<JwsKey>& keys) const {
  std::vector<const JwsKey*> fitting;
  bool known = false;
  for (const JwsKey& key : keys) {
    if (header_.key_id && key.id() != *header_.key_id) continue;
    known = true;
    if (key.algorithm() == header_.algorithm) fitting.push_back(&key);
  }
  if (!known || fitting.size() > kLargestSet) {
    return not_taken("jws-key-unknown", header_.key_id ? "no key of its issuer has the id by which the token is signed"
                                                       : "the token does not say by which of its issuer's keys it is signed");
  }
  for (const JwsKey* key : fitting) {
    if (key->verifies(signed_, signature_)) return payload_;
  }
  return not_taken("jws-signature-invalid", fitting.empty()
                                                ? "the key that the token names is not for " + std::string(name(header_.algorithm))
                                                : "the signature of the token is not that of its issuer's key");
}

}  // namespace quicklime::crypto
