#include "runtime/issuing.hpp"

#include <optional>

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

Result<ca::IssuePolicy> issue_policy(const Configuration& configuration) {
  auto names = ca::NamePolicy::make(configuration.names_allow, configuration.names_deny);
  if (!names) return forward(names);
  ca::IssuePolicy policy;
  policy.profiles = ca::default_profiles();
  for (auto& profile : policy.profiles) {
    const auto lifetimes = [&](Milliseconds by_default, Milliseconds maximum) {
      profile.default_lifetime = by_default;
      profile.maximum_lifetime = maximum;
    };
    if (profile.name == "tls-server") lifetimes(configuration.tls_server_default_lifetime, configuration.tls_server_maximum_lifetime);
    if (profile.name == "tls-client") lifetimes(configuration.tls_client_default_lifetime, configuration.tls_client_maximum_lifetime);
    if (profile.name == "tls-peer") lifetimes(configuration.tls_peer_default_lifetime, configuration.tls_peer_maximum_lifetime);
  }
  policy.names = std::move(*names);
  policy.backdate = configuration.backdate;
  policy.stale_limit = configuration.write_stale_limit;
  policy.verdict_wait = configuration.verdict_wait;
  policy.public_url = configuration.public_url;
  return policy;
}

}  // namespace quicklime::runtime
