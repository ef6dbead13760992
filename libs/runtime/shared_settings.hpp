#pragma once
// The rules of the CA that more than one role goes by. What only one role reads is in its folder: services/<role>/settings.hpp.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.hpp"

namespace quicklime::settings {
struct Rows;
}

namespace quicklime::runtime {

// [profiles.NAME]. Of the CA's own profiles (tls-server, tls-client, tls-peer) the lifetimes; any other is made from one of these.
struct ProfileSettings {
  std::string like;                                // of a further one: "tls-server"
  std::optional<Milliseconds> default_lifetime{};  // of a further one: else those of the profile it is like
  std::optional<Milliseconds> maximum_lifetime{};
  std::string authority{};  // id of the one that issues it; empty: the newest that may
  bool make_keys = false;
};

struct SharedSettings {
  SharedSettings();

  std::vector<std::string> names_allow{"*"};
  std::vector<std::string> names_deny{};
  Milliseconds backdate{60'000};
  Milliseconds write_stale_limit{5'000};
  Milliseconds verdict_wait{2'000};
  std::size_t unfolded_limit = 256;  // events. More: who waits for a verdict waits longer; fewer: fold and signing take turns
  Milliseconds admission_wait{2'000};
  Milliseconds renewal_after_expiry{7LL * 86'400'000};
  std::string gateway{};  // empty: nobody; a daemon: "gateway", runtime/site.cpp
  Milliseconds ocsp_stale_limit{60'000};
  std::map<std::string, ProfileSettings> profiles;  // at first the CA's own, with their lifetimes
};
settings::Rows shared_rows();

}  // namespace quicklime::runtime
