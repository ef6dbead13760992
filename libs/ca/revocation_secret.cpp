#include "ca/revocation_secret.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "crypto/constant_time.hpp"
#include "crypto/hash.hpp"

namespace quicklime::ca {
namespace {

constexpr std::string_view kPrefix = "qlr_";

std::optional<SerialNumber> serial_in(std::string_view secret) {
  if (!secret.starts_with(kPrefix)) return std::nullopt;
  secret.remove_prefix(kPrefix.size());
  const auto serial = SerialNumber::from_hex(secret.substr(0, secret.find('_')));
  return serial ? std::optional(*serial) : std::nullopt;
}

}  // namespace

RevocationKey::RevocationKey(Secret key) : key_(std::move(key)) {
  crypto::Sha256 hash;
  hash.update("quicklime revocation key").update(key_.reveal());
  id_ = hex_encode(crypto::view(hash.finish())).substr(0, 8);
}

Secret RevocationKey::secret_for(const SerialNumber& serial) const {
  std::string text(kPrefix);
  text += serial.hex();
  text += '_';
  text += hex_encode(crypto::view(crypto::hmac_sha256(key_, serial.octets())));
  return Secret(std::move(text));
}

Result<SerialNumber> RevocationKey::verify(std::string_view secret) const {
  // What carries no serial costs the same HMAC and the same comparison: the time says nothing about how wrong it is.
  static const SerialNumber nobody = *SerialNumber::from_octets("\x01");
  const auto serial = serial_in(secret);
  const Secret expected = secret_for(serial.value_or(nobody));
  const bool equal = crypto::equal_in_constant_time(crypto::view(crypto::sha256(secret)), crypto::view(crypto::sha256(expected.reveal())));
  if (!serial || !equal) {
    return fail(ErrorCode::unauthenticated, "revocation-secret-wrong",
                "this is not a revocation secret of ours; it came with the certificate and looks like qlr_<serial>_<64 hex digits>");
  }
  return *serial;
}

RevocationKeys::RevocationKeys(RevocationKey current, std::vector<RevocationKey> others) {
  std::vector<RevocationKey> keys;
  keys.push_back(std::move(current));
  for (auto& key : others) {
    const auto same = [&](const RevocationKey& held) { return held.id() == key.id(); };
    if (std::none_of(keys.begin(), keys.end(), same)) keys.push_back(std::move(key));
  }
  keys_ = std::make_shared<const std::vector<RevocationKey>>(std::move(keys));
}

const RevocationKey* RevocationKeys::find(std::string_view id) const {
  const auto found = std::find_if(keys_->begin(), keys_->end(), [&](const RevocationKey& key) { return key.id() == id; });
  return found == keys_->end() ? nullptr : &*found;
}

Result<SerialNumber> RevocationKeys::verify(std::string_view secret) const {
  auto verified = current().verify(secret);
  for (auto key = keys_->begin() + 1; key != keys_->end(); ++key) {
    auto by_this = key->verify(secret);
    if (by_this) verified = std::move(by_this);
  }
  return verified;
}

}  // namespace quicklime::ca
