#include "runtime/issuing.hpp"

#include "runtime/process_settings.hpp"
#include "runtime/profiles.hpp"

namespace quicklime::runtime {
namespace {

constexpr Milliseconds kLookAtAuthorities{1'000};

}  // namespace

std::shared_ptr<ca::SigningKeys> signing_keys(const installation::DataDirectory& directory) {
  std::vector<std::unique_ptr<ca::KeySource>> sources;
  sources.push_back(std::make_unique<installation::KeyFiles>(directory));
  return std::make_shared<ca::SigningKeys>(std::move(sources));
}

Result<void> require_issuing_key(const ca::SigningKeys& keys, const std::vector<ca::Authority>& authorities,
                                 const installation::DataDirectory& directory) {
  for (const auto& authority : authorities) {
    if (ca::is_issuing(authority) && !authority.retired && keys.of(authority.id)) return {};
  }
  return fail(ErrorCode::not_found, "issuing-key-missing", "no issuing authority of this log has its key in " + directory.ca().string());
}

async::Task<void> keep_authorities(ca::Authorities& authorities, std::shared_ptr<ca::SigningKeys> keys, views::View& view,
                                   views::Complete complete, async::Pools& pools) {
  for (;;) {
    (void)co_await authorities.read(view, complete);  // else what was known holds
    if (keys) {
      const auto refresh = [keys, all = authorities.now()] { return keys->refresh(*all); };  // which logs what is wrong
      (void)co_await pools.files.run(refresh);
    }
    co_await async::sleep_for(kLookAtAuthorities);
  }
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
