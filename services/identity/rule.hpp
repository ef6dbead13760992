#pragma once
// What whoever is shown by a directory or a provider may do: rules, pure.

#include <string>
#include <vector>

#include "access/role.hpp"
#include "base/result.hpp"
#include "identity/person.hpp"

namespace quicklime::identity {

struct Rule {
  std::string id;        // 1 to 64 letters, digits, '-' and '_'
  std::string provider;  // NAME of [ldap.NAME] or [oidc.NAME]
  // "claim=value", all of which must hold; of a claim that is a list, one value. Groups are compared without regard to case (ASCII), as
  // directories do; everything else exactly. "ref=refs/heads/*": any value that begins so.
  std::vector<std::string> when;
  access::Role role;
  std::vector<std::string> profiles{};
  std::vector<std::string> names{};  // ca/name_policy.hpp
};

// What may be made a rule; "rule-invalid" (invalid), naming the field. At least one claim besides `iss` and `aud` is given in full, for
// everybody's pipelines at one provider have the same issuer and may ask for any audience; a '*' stands at the end, behind something. Rules
// make nobody a process.
Result<void> check_rule(const Rule& rule);

// What the rules that match make of him together: the stronger role (in the order of access::roles()), all profiles and names.
struct Granted {
  access::Role role;
  std::vector<std::string> profiles;  // sorted, each once; so are names
  std::vector<std::string> names;
  std::vector<std::string> rules;  // ids of those that match, in the order given
};
// By the rules of his provider; those of others do not count. "no-rule-matches"; "roles-exclude", naming two rules that give roles of which
// nobody has both (access/role.hpp). Both are `unprocessable`.
Result<Granted> judge(const std::vector<Rule>& rules, const Person& person);

}  // namespace quicklime::identity
