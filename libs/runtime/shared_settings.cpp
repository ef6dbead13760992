#include "runtime/shared_settings.hpp"

#include "ca/name_policy.hpp"
#include "runtime/profiles.hpp"
#include "settings/rows.hpp"

namespace quicklime::runtime {
namespace {

using settings::Row;
using settings::Rows;
using settings::Things;

Failure wrong(std::string key, std::string why) { return fail(ErrorCode::invalid, "setting-invalid", std::move(why), std::move(key)); }

const ca::Profile* built_in(const std::string& name) {
  for (const auto& profile : ca::default_profiles()) {
    if (profile.name == name) return &profile;
  }
  return nullptr;
}

Result<void> check_profile(const std::string& name, const ProfileSettings& settings) {
  const std::string table = "profiles." + name;
  const auto* own = built_in(name);
  if (own != nullptr && own->internal) return wrong(table, "it is for the certificates of the CA's own processes, and stays as it is");
  if (own != nullptr && !settings.like.empty()) return wrong(table + ".like", "it is one of the CA's own, and like no other");
  if (own != nullptr) return {};
  if (settings.like.empty()) {
    const auto one = ca::find_profile(ca::default_profiles(), name);
    return wrong(table, one.error().detail + ". A further one says which of these it is made from: like = \"tls-server\"");
  }
  const auto like = ca::find_profile(ca::default_profiles(), settings.like);
  if (!like) return wrong(table + ".like", like.error().detail);
  if ((*like)->internal) return wrong(table + ".like", settings.like + " is for the certificates of the CA's own processes");
  return {};
}

Result<void> check_shared(const SharedSettings& shared) {
  if (auto allow = ca::NamePolicy::make(shared.names_allow, {}); !allow) return wrong("names.allow", allow.error().detail);
  if (auto deny = ca::NamePolicy::make({}, shared.names_deny); !deny) return wrong("names.deny", deny.error().detail);
  for (const auto& [name, settings] : shared.profiles) {
    if (auto checked = check_profile(name, settings); !checked) return checked;
  }
  for (const auto& profile : configured_profiles(shared)) {
    if (profile.default_lifetime <= profile.maximum_lifetime) continue;
    return wrong("profiles." + profile.name, "the default lifetime (" + duration_text(profile.default_lifetime) +
                                                 ") is longer than the maximum (" + duration_text(profile.maximum_lifetime) +
                                                 "); set both");
  }
  return {};
}

}  // namespace

SharedSettings::SharedSettings() {
  for (const auto& profile : ca::default_profiles()) {
    if (!profile.internal) profiles[profile.name] = {{}, profile.default_lifetime, profile.maximum_lifetime};
  }
}

Rows shared_rows() {
  std::vector<Row<SharedSettings>> rows{
      {"names.allow", &SharedSettings::names_allow,
       "Which names this CA certifies at all, whatever a token grants: `api.internal`, `*.load.internal`, `**.internal`, `10.0.0.0/8`, "
       "`*@example.com`, `spiffe://td/*`."},
      {"names.deny", &SharedSettings::names_deny, "Which names it never certifies; wins over names.allow."},
      {"issuing.backdate", &SharedSettings::backdate, "How long before its making a certificate begins, for clocks that are behind.", 0,
       settings::kDay},
      {"issuing.stale_limit", &SharedSettings::write_stale_limit,
       "Writes are answered 503 when the view they decide by is older than this.", 1, settings::kHour},
      {"issuing.verdict_wait", &SharedSettings::verdict_wait,
       "How long a write waits to know whether it was the first of its kind; then 503.", 1, settings::kMinute},
      {"issuing.unfolded_limit", &SharedSettings::unfolded_limit,
       "How many events may stand in the log that a role's view has not folded, requests under way included, before its writes wait.", 1,
       1'000'000},
      {"issuing.admission_wait", &SharedSettings::admission_wait, "How long a write waits to be let in; then 503, and nothing was done.", 1,
       settings::kMinute},
      {"renewal.after_expiry", &SharedSettings::renewal_after_expiry,
       "How long after its notAfter a certificate may still be renewed; never longer than it lived.", 0, 365 * settings::kDay},
      {"listen.gateway", &SharedSettings::gateway,
       "The role of the TLS client whose header `Client-Cert` is believed, as its certificate names it (`quicklime:role/...`); whoever has "
       "that can renew in anyone's name, and sign in as any certificate. Empty: nobody's with `quicklime serve`, that of `gateway` with "
       "daemons."},
      {"ocsp.stale_limit", &SharedSettings::ocsp_stale_limit,
       "OCSP says tryLater when its view is older than this, and a process that reads a view is not ready.", 1, settings::kDay},
  };
  std::vector<Row<ProfileSettings>> of_profile{
      {"like", &ProfileSettings::like,
       "Of a profile with a name of yours: what its certificates are like: `tls-server`, `tls-client` or `tls-peer`, which have none. The "
       "lifetimes that it does not say are those of that one. Daemons: the same in issuance, renewal and dashboard-api."},
      {"default_lifetime", &ProfileSettings::default_lifetime, "Of a certificate that is asked for without a lifetime.", settings::kSecond,
       3650 * settings::kDay},
      {"maximum_lifetime", &ProfileSettings::maximum_lifetime, "More is refused, not trimmed.", settings::kSecond, 3650 * settings::kDay},
      {"authority", &ProfileSettings::authority, "Which authority issues it: `issuing-1`. Empty: the newest that may."},
      {"make_keys", &ProfileSettings::make_keys,
       "Whether the CA makes the key too where no CSR is sent (docs/cfssl.md). A key that was on another machine first is known to that "
       "machine: for who cannot make one. Daemons: the same in issuance and renewal."},
  };
  std::vector<Things<SharedSettings>> things;
  things.emplace_back("profiles", &SharedSettings::profiles, std::move(of_profile));
  return Rows::of<SharedSettings>(std::move(rows), std::move(things), check_shared);
}

}  // namespace quicklime::runtime
