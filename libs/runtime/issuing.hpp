#pragma once
// What a process needs to issue: the keys of its authorities, and the rules of the configuration.

#include <memory>

#include "async/pools.hpp"
#include "ca/authorities.hpp"
#include "ca/issue.hpp"
#include "installation/data_directory.hpp"
#include "settings/configuration.hpp"

namespace quicklime::runtime {

// From where this process has the keys of authorities: files of ca/.
std::shared_ptr<ca::SigningKeys> signing_keys(const installation::DataDirectory& directory);
// "issuing-key-missing": none of these is of an authority that issues.
Result<void> require_issuing_key(const ca::SigningKeys& keys, const std::vector<ca::Authority>& authorities,
                                 const installation::DataDirectory& directory);

// For ever: each second what the view says of the authorities, and which of their keys are here. keys: null for a process that holds none.
// All of it lives as long as the task.
async::Task<void> keep_authorities(ca::Authorities& authorities, std::shared_ptr<ca::SigningKeys> keys, views::View& view,
                                   views::Complete complete, async::Pools& pools);

Result<ca::IssuePolicy> issue_policy(const settings::Configuration& configuration);

}  // namespace quicklime::runtime
