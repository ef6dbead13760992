#include "base/file.hpp"
#include "runtime/data_directory.hpp"

namespace quicklime::runtime {
Result<std::vector<IssuingKey>> load_issuing_keys(const DataDirectory& directory, const std::vector<ca::Authority>& authorities) {
  std::vector<IssuingKey> keys;
  for (const ca::Authority& authority : authorities) {
    const std::filesystem::path file = directory.authority_key(authority.id);
    std::error_code ignored;
    if (!authority.parent || authority.retired || !std::filesystem::exists(file, ignored)) continue;

    auto pem = read_key_file(file);
    if (!pem) return forward(pem);
    auto key = crypto::PrivateKey::from_pem(*pem);
    if (!key) return fail(key.error().code, key.error().reason, file.string() + ": " + key.error().detail);
    if (key->public_key().spki() != authority.certificate.spki()) {
      return fail(ErrorCode::conflict, "key-file-wrong",
                  file.string() + " is not the key of the certificate of " + authority.id.text() + " in the log; put the right one there");
    }
    keys.push_back({authority.id, std::make_shared<crypto::KeySigner>(std::move(*key))});
  }
  return keys;
}

Result<ca::RevocationKey> load_revocation_key(const DataDirectory& directory) {
  constexpr std::size_t kOctets = 32;
  const std::filesystem::path file = directory.revocation_key();
  auto key = read_key_file(file);
  if (!key) return forward(key);
  if (key->reveal().size() != kOctets) {
    return fail(ErrorCode::invalid, "key-file-wrong",
                file.string() + " holds " + std::to_string(key->reveal().size()) + " octets and not 32; restore it from the backup of ca/");
  }
  return ca::RevocationKey(std::move(*key));
}

}  // namespace quicklime::runtime
