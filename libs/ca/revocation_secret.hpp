#pragma once
// The revocation secret: qlr_<serial>_<HMAC-SHA256(key, serial)>. Derived, so nothing is stored and a retry can return it
// again; enough by itself, because it carries the serial.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/serial_number.hpp"

namespace quicklime::ca {

class RevocationKey {
 public:
  // 32 random bytes, as `init` made them. id: first 8 hex digits of SHA-256("quicklime revocation key" ‖ key).
  explicit RevocationKey(Secret key);
  const std::string& id() const { return id_; }
  Secret secret_for(const SerialNumber& serial) const;
  // The serial it is for; "revocation-secret-wrong" (unauthenticated) for anything else, malformed or forged, in the same time.
  Result<SerialNumber> verify(std::string_view secret) const;

 private:
  Secret key_;
  std::string id_;
};

// The key that makes secrets, and others whose secrets still count: those it replaced, and in a cluster the one that comes next.
// Shared by its copies.
class RevocationKeys {
 public:
  RevocationKeys(RevocationKey current, std::vector<RevocationKey> others = {});
  const RevocationKey& current() const { return keys_->front(); }
  const std::vector<RevocationKey>& all() const { return *keys_; }  // the current one first
  const RevocationKey* find(std::string_view id) const;             // nullptr: not held
  // By any of them; each is asked, so that the time does not say which. "revocation-secret-wrong".
  Result<SerialNumber> verify(std::string_view secret) const;

 private:
  std::shared_ptr<const std::vector<RevocationKey>> keys_;
};

}  // namespace quicklime::ca
