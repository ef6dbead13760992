#include "api/identity_limit.hpp"

namespace quicklime::api {

IdentityLimit::IdentityLimit(std::uint32_t per_second, metrics::Registry& metrics, CountsPerSecond::MonotonicSeconds seconds)
    : per_second_(per_second),
      counts_(seconds),
      of_front_ends_(std::move(seconds)),
      stopped_(
          metrics.counter("quicklime_requests_limited_total", "Requests of somebody known who had asked too often in this second", {})) {}

Result<void> IdentityLimit::admit(const events::Actor& who, const std::optional<std::string>& on_behalf_of) {
  if (per_second_ == 0 || who.kind == events::Actor::Kind::control) return {};
  const std::string own = std::string(events::name(who.kind)) + '\0' + who.id;
  const std::string asking = own + '\0' + on_behalf_of.value_or("");
  const bool admitted = counts_.add(asking, per_second_) && (!on_behalf_of || of_front_ends_.add(own, per_second_ * kRequestersOfOne));
  if (admitted) return {};
  stopped_.add();
  return fail(Error{ErrorCode::too_many, "identity-limited",
                    "more than " + std::to_string(per_second_) + " requests in this second by " +
                        (on_behalf_of ? *on_behalf_of + ", for whom " : "") + who.id + (on_behalf_of ? " asks" : "") +
                        "; nothing was done, ask again in a second",
                    "", 1});
}

}  // namespace quicklime::api
