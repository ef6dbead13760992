#include "identity/assertion.hpp"

#include <algorithm>

#include "base/printable.hpp"

namespace quicklime::identity {
namespace {

constexpr Milliseconds kLeeway = std::chrono::seconds(60);

Failure not_taken_now(std::string reason, std::string detail) {
  return fail(ErrorCode::unauthenticated, std::move(reason), std::move(detail));
}

std::string listed_audience(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + printable(text);
  return list.empty() ? "nobody" : list;
}

}  // namespace

Result<void> check_assertion(const Assertion& assertion, const std::string& issuer, const std::string& audience, Instant now) {
  if (assertion.issuer != issuer) {
    return not_taken_now("assertion-issuer",
                         "the token is from " + printable(assertion.issuer) + ", and " + issuer + " is who is believed");
  }
  if (std::find(assertion.audience.begin(), assertion.audience.end(), audience) == assertion.audience.end()) {
    return not_taken_now("assertion-audience",
                         "the token is for " + listed_audience(assertion.audience) + "; ask for one whose audience is " + audience);
  }
  if (!assertion.ends) return not_taken_now("assertion-time", "the token does not say when it ends (exp)");
  const std::string here = "it is " + now.rfc3339_seconds() + " here";
  if (*assertion.ends + kLeeway <= now) {
    return not_taken_now("assertion-time", "the token ended at " + assertion.ends->rfc3339_seconds() + " by its provider's clock, and " +
                                               here + "; get a new one, or compare the clocks");
  }
  if (assertion.begins && *assertion.begins > now + kLeeway) {
    return not_taken_now("assertion-time", "the token begins at " + assertion.begins->rfc3339_seconds() + " by its provider's clock, and " +
                                               here + "; compare the clocks");
  }
  return {};
}

}  // namespace quicklime::identity
