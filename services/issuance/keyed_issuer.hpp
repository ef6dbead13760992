#pragma once
// Certificates whose key is made here, for who cannot make one, where their profile allows it. The key is in the answer and nowhere else:
// what is not known to have been sent is revoked, for nobody can ask for that key again.

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "api/context.hpp"
#include "api/route.hpp"
#include "ca/issue.hpp"
#include "issuance/key_request.hpp"

namespace quicklime::issuance {

struct MadeKey {
  Secret pem;  // PKCS#8
  pki::Csr csr;
};

// Certificates whose answers are under way, or lost. Any thread.
class AnswersUnderWay {
 public:
  void lost(const SerialNumber& serial);
  struct Lost {
    SerialNumber serial;
    std::chrono::steady_clock::time_point since;
  };
  std::vector<Lost> take();  // those that are to be revoked
  void again(Lost lost);     // it could not be done now

 private:
  std::mutex mutex_;
  std::vector<Lost> lost_;
};

// One per process. Any loop.
class KeyedIssuer {
 public:
  KeyedIssuer(const api::ServiceContext& context, std::shared_ptr<ca::Issuer> issuer);

  // "profile-unknown", "keys-not-made-here" (403).
  Result<void> makes_keys_for(const std::string& profile) const;
  async::Task<Result<MadeKey>> make_key(const KeyRequest& request) const;

  struct Issue {
    std::string profile;
    std::optional<Milliseconds> lifetime{};
    std::optional<std::string> service{};
    std::optional<std::string> node{};
  };
  // The body of the answer, of which the Secret is wiped when it was sent.
  using Render = Secret (*)(const ca::Issued& issued, const MadeKey& key);
  // Of somebody identified. "idempotency-key-refused" (400), "keys-not-made-here", and what Issuer::issue says.
  async::Task<api::Answer> issue(api::Call& call, const KeyRequest& request, Issue asked, unsigned status, Render render);

  // One pass over what was lost; how many were revoked. An answer that the log has not confirmed is looked for as long as it may still
  // land.
  async::Task<Result<std::size_t>> revoke_lost();
  // For ever: a pass each second.
  static async::Task<void> keep_revoking(std::shared_ptr<KeyedIssuer> self);

 private:
  enum class Revoked : bool { no, yes };
  async::Task<Result<Revoked>> revoke(SerialNumber serial);

  const api::ServiceContext context_;
  std::shared_ptr<ca::Issuer> issuer_;
  std::shared_ptr<AnswersUnderWay> under_way_ = std::make_shared<AnswersUnderWay>();
};

}  // namespace quicklime::issuance
