#pragma once
// Whom a way of signing in has shown, before rules say what he may do: the same for a directory's entry and for a provider's assertion.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.hpp"

namespace quicklime::identity {

// What the directory or the provider says of him, by name; a claim that is one text is a list of one. Of a directory: "groups" and "dn".
using Claims = std::map<std::string, std::vector<std::string>>;

struct Person {
  std::string provider;  // NAME of [ldap.NAME] or [oidc.NAME]
  std::string subject;   // as the directory or the provider has it, never as it was typed: "alice"
  std::string name;      // for people
  Claims claims;
  std::optional<Instant> until{};  // what showed him holds no longer than this
};

}  // namespace quicklime::identity
