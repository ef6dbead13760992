#include "runtime/issuing.hpp"

#include <optional>

#include "runtime/process_settings.hpp"
#include "runtime/profiles.hpp"

namespace quicklime::runtime {

Result<Issuing> load_issuing(const installation::DataDirectory& directory, const std::vector<ca::Authority>& authorities) {
  auto keys = installation::load_issuing_keys(directory, authorities);
  if (!keys) return forward(keys);
  std::map<AuthorityId, std::shared_ptr<const crypto::Signer>> signers;
  for (const auto& key : *keys) signers.emplace(key.authority, key.signer);

  const ca::Authority* newest = nullptr;
  for (const auto& authority : authorities) {
    if (authority.parent && !authority.retired && signers.contains(authority.id)) newest = &authority;
  }
  if (newest == nullptr) {
    return fail(ErrorCode::not_found, "issuing-key-missing", "no issuing authority of this log has its key in " + directory.ca().string());
  }
  auto signer = signers.at(newest->id);
  return Issuing{std::move(signers), *newest, std::move(signer)};
}

Result<ca::IssuePolicy> issue_policy(const settings::Configuration& configuration) {
  const auto& shared = configuration.of<SharedSettings>();
  auto names = ca::NamePolicy::make(shared.names_allow, shared.names_deny);
  if (!names) return forward(names);
  ca::IssuePolicy policy;
  policy.profiles = configured_profiles(shared);
  policy.names = std::move(*names);
  policy.backdate = shared.backdate;
  policy.stale_limit = shared.write_stale_limit;
  policy.verdict_wait = shared.verdict_wait;
  policy.public_url = configuration.of<ProcessSettings>().public_url;
  return policy;
}

}  // namespace quicklime::runtime
