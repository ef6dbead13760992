#pragma once
// Which revocation keys the certificates in the log count on, as part of the views of the roles that hold such keys: a wrong or
// missing key file is then named when the process starts, and not when somebody must revoke.

#include <optional>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "ca/revocation_secret.hpp"
#include "views/projection.hpp"

namespace quicklime::ca {

struct RevocationKeyUse {
  std::string id;
  Instant until;  // the last notAfter of a certificate whose secret it made, rounded up to a whole day
};

// One space, with one point that has all of them.
views::Space revocation_key_space();
views::PointKey revocation_keys_key();
Result<void> fold_revocation_key(const events::Event& event, views::Fold& fold);  // reads that point
// In the order in which they came to be used.
Result<std::vector<RevocationKeyUse>> decode_revocation_keys(const std::optional<std::string>& value);

// Ids of keys that certificates still count on, and that are neither held nor given up by name.
std::vector<RevocationKeyUse> missing_revocation_keys(const std::vector<RevocationKeyUse>& used, const std::vector<std::string>& held_ids,
                                                      Instant now);

}  // namespace quicklime::ca
