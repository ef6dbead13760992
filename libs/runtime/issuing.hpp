#pragma once
// What a process needs to issue: the authority that is in use, its key, and the rules of the configuration.

#include <map>
#include <memory>
#include <vector>

#include "ca/authority.hpp"
#include "ca/issue.hpp"
#include "installation/data_directory.hpp"
#include "settings/configuration.hpp"

namespace quicklime::runtime {

struct Issuing {
  // Of every issuing authority that is not retired and whose key is here: older ones go on publishing CRLs.
  std::map<AuthorityId, std::shared_ptr<const crypto::Signer>> signers;
  // The newest of them that is in use. "issuing-key-missing" when there is none.
  ca::Authority authority;
  std::shared_ptr<const crypto::Signer> signer;
};
Result<Issuing> load_issuing(const installation::DataDirectory& directory, const std::vector<ca::Authority>& authorities);

Result<ca::IssuePolicy> issue_policy(const settings::Configuration& configuration);

}  // namespace quicklime::runtime
