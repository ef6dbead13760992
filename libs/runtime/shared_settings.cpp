#include "runtime/shared_settings.hpp"

#include "ca/name_policy.hpp"
#include "crypto/key_kind.hpp"
#include "runtime/profiles.hpp"
#include "settings/rows.hpp"

namespace quicklime::runtime {
namespace {

using settings::Row;
using settings::Rows;
using settings::Things;

Failure wrong(std::string key, std::string why) { return fail(ErrorCode::invalid, "setting-invalid", std::move(why), std::move(key)); }

Result<void> check_shared(const SharedSettings& shared) {
  if (auto allow = ca::NamePolicy::make(shared.names_allow, {}); !allow) return wrong("names.allow", allow.error().detail);
  if (auto deny = ca::NamePolicy::make({}, shared.names_deny); !deny) return wrong("names.deny", deny.error().detail);
  const auto profiles = make_profiles(shared);
  if (!profiles) return forward(profiles);
  return {};
}

}  // namespace

SharedSettings::SharedSettings() {
  for (const auto& profile : ca::default_profiles()) {
    if (!profile.internal()) {
      profiles[profile.name].default_lifetime = profile.default_lifetime;
      profiles[profile.name].maximum_lifetime = profile.maximum_lifetime;
    }
  }
}

std::vector<Row<ProfileSettings>> profile_rows() {
  return {
      {"like", &ProfileSettings::like,
       "Of a profile with a name of yours: the one, of any name, whose rules hold where this one says nothing. docs/profiles.md lists "
       "those that "
       "come along. Daemons: the same in issuance, renewal, identity and dashboard-api."},
      {"meaning", &ProfileSettings::meaning, "What it is for, in one sentence."},
      {"key_usages", &ProfileSettings::key_usages,
       "`digitalSignature`, `contentCommitment`, `keyEncipherment`, `dataEncipherment`, `keyAgreement`, `keyCertSign`, `cRLSign`; each "
       "kind of key "
       "is given those of them that it can serve."},
      {"extended_key_usages", &ProfileSettings::extended_key_usages,
       "`serverAuth`, `clientAuth`, `codeSigning` and so on, or object identifiers; `none`: any use."},
      {"critical_extended_key_usage", &ProfileSettings::critical_extended_key_usage, "As timeStamping must be."},
      {"names", &ProfileSettings::names,
       "Kinds of names: `dns`, `ip`, `email`, `uri`, `upn`, `kerberos`; `none`: the subject says who it is."},
      {"minimum_names", &ProfileSettings::minimum_names, "How many names it has at least, where the subject alone could say who it is.", 0,
       100},
      {"maximum_names", &ProfileSettings::maximum_names, "How many names a certificate may have; 0: any number.", 0, 100},
      {"uri_schemes", &ProfileSettings::uri_schemes, "Of names that are URIs: `spiffe`; nothing: any."},
      {"subject", &ProfileSettings::subject,
       "What of the request's subject stands in the certificate: `CN`, `O`, `OU`, `C`, `L`, `ST`, `serialNumber` and so on. No pattern "
       "bounds "
       "it, so let such a profile be for `named`. Nothing: the CN is one of the names."},
      {"key_kinds", &ProfileSettings::key_kinds, "Nothing: all of " + crypto::key_kind_list() + "."},
      {"who", &ProfileSettings::who,
       "`granted`: whose grant covers it, `*` too; `named`: whose grant names it; `administrator`: nobody else. At first granted."},
      {"ca", &ProfileSettings::ca, "Certificates of authorities."},
      {"path_length", &ProfileSettings::path_length, "Of an authority: how many may stand below it.", 0, 10},
      {"default_lifetime", &ProfileSettings::default_lifetime, "Of a certificate that is asked for without a lifetime.", settings::kSecond,
       3650 * settings::kDay},
      {"maximum_lifetime", &ProfileSettings::maximum_lifetime, "More is refused, not trimmed.", settings::kSecond, 3650 * settings::kDay},
      {"make_keys", &ProfileSettings::make_keys,
       "Whether the CA makes the key too where no CSR is sent (docs/cfssl.md). A key that was on another machine first is known to that "
       "machine: for who cannot make one. Each profile says it for itself. Daemons: the same in issuance and renewal."},
  };
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
      {"issuing.profiles", &SharedSettings::shipped,
       "Of the profiles that come along, those that are switched on: `code-signing`, `smime-sign` and so on (docs/profiles.md). A table of "
       "the "
       "name switches one on, too, and changes it."},
      {"renewal.after_expiry", &SharedSettings::renewal_after_expiry,
       "How long after its notAfter a certificate may still be renewed; never longer than it lived.", 0, 365 * settings::kDay},
      {"listen.gateway", &SharedSettings::gateway,
       "The role of the TLS client whose header `Client-Cert` is believed, as its certificate names it (`quicklime:role/...`); whoever has "
       "that can renew in anyone's name, and sign in as any certificate. Empty: nobody's with `quicklime serve`, that of `gateway` with "
       "daemons."},
      {"ocsp.stale_limit", &SharedSettings::ocsp_stale_limit,
       "OCSP says tryLater when its view is older than this, and a process that reads a view is not ready.", 1, settings::kDay},
  };
  std::vector<Things<SharedSettings>> things;
  things.emplace_back("profiles", &SharedSettings::profiles, profile_rows());
  return Rows::of<SharedSettings>(std::move(rows), std::move(things), check_shared);
}

}  // namespace quicklime::runtime
