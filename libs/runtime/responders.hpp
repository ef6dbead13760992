#pragma once
// The OCSP responders of this process: one for each issuing authority whose key is here, replaced as certificates renew.

#include <map>
#include <memory>
#include <mutex>

#include "base/id.hpp"
#include "pki/ocsp.hpp"

namespace quicklime::runtime {

// Any thread.
class Responders {
 public:
  void set(const AuthorityId& issuer, std::shared_ptr<const pki::OcspResponder> responder) {
    std::lock_guard lock(mutex_);
    current_[issuer] = std::move(responder);
  }
  // Null: this process has none for the issuer.
  std::shared_ptr<const pki::OcspResponder> get(const AuthorityId& issuer) const {
    std::lock_guard lock(mutex_);
    const auto found = current_.find(issuer);
    return found == current_.end() ? nullptr : found->second;
  }

 private:
  mutable std::mutex mutex_;
  std::map<AuthorityId, std::shared_ptr<const pki::OcspResponder>> current_;
};

}  // namespace quicklime::runtime
