#pragma once
// What a provider's signed token says (RFC 7519, RFC 9068, OpenID Connect Core section 2), once its signature is verified. Pure. Every
// Error is `unauthenticated`.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "identity/person.hpp"

namespace quicklime::identity {

struct Assertion {
  std::string issuer;                 // iss
  std::string subject;                // sub
  std::vector<std::string> audience;  // aud: one text or a list
  std::string authorized_party{};     // azp
  std::string nonce{};
  std::string name{};               // `name`, else `preferred_username`; may be empty
  std::optional<Instant> ends{};    // exp
  std::optional<Instant> begins{};  // the later of nbf and iat
  // Every claim as texts; a list has one for each element, numbers and booleans as JSON writes them. A member of an object goes by its JSON
  // pointer (RFC 6901): "/realm_access/roles".
  Claims claims{};
};

// "assertion-malformed": not one JSON object with claims of the right kinds. groups: the claim that becomes "groups" of the claims, its
// name or pointer; what else is called so is left out. "groups-not-sent": the provider says that there are groups and sends a reference
// instead of them (`_claim_names`, `hasgroups`), as Entra ID does from 200 groups on; who is taken for somebody without groups is demoted
// unseen.
Result<Assertion> read_assertion(std::string_view json, const std::string& groups);

// iss alone, of what nobody has verified; empty where there is none.
std::string issuer_in(std::string_view json);

// It is for this audience, of this issuer and good now, with 60 s of leeway: "assertion-issuer", "assertion-audience", "assertion-time",
// which names both clocks.
Result<void> check_assertion(const Assertion& assertion, const std::string& issuer, const std::string& audience, Instant now);

}  // namespace quicklime::identity
