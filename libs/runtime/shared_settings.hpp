#pragma once
// The rules of the CA that more than one role goes by. What only one role reads is in its folder: services/<role>/settings.hpp.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.hpp"

namespace quicklime::settings {
struct Rows;
template <class S>
struct Row;
}  // namespace quicklime::settings

namespace quicklime::runtime {

// [profiles.NAME], and a file of share/profiles: what a profile says otherwise than the one that it is like, or, like none, than one that
// gives nothing. A list that is empty says nothing; that a profile has none is said by "none".
struct ProfileSettings {
  std::string like;     // "tls-server"
  std::string meaning;  // one sentence
  std::vector<std::string> key_usages;
  std::vector<std::string> extended_key_usages;
  bool critical_extended_key_usage = false;
  std::vector<std::string> names;
  std::size_t minimum_names = 0;
  std::size_t maximum_names = 0;
  std::vector<std::string> uri_schemes;
  std::vector<std::string> subject;
  std::vector<std::string> key_kinds;
  std::string who;
  bool ca = false;
  std::size_t path_length = 0;
  std::optional<Milliseconds> default_lifetime{};
  std::optional<Milliseconds> maximum_lifetime{};
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
  std::vector<std::string> shipped{};               // of share/profiles, those that are switched on
  std::map<std::string, ProfileSettings> profiles;  // at first the CA's own, with their lifetimes
};
settings::Rows shared_rows();
std::vector<settings::Row<ProfileSettings>> profile_rows();

}  // namespace quicklime::runtime
