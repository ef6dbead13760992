#include "identity/settings.hpp"

#include "settings/rows.hpp"

namespace quicklime::identity {
namespace {

std::vector<settings::Row<DirectorySettings>> directory_rows() {
  using S = DirectorySettings;
  return {
      {"url", &S::url, "ldaps://HOST:636, or ldap://HOST:389, where StartTLS is demanded."},
      {"roots", &S::roots, "PEM file of the roots that its certificate is checked by; without, those of the system."},
      {"bind_dn", &S::bind_dn, "The service account that looks people up; without, they bind by user_dn."},
      {"bind_password_file", &S::bind_password_file, "File with its password."},
      {"user_dn", &S::user_dn, "Without a service account: the DN of whoever signs in, with {name} for what was typed."},
      {"user_base", &S::user_base, "Where people are looked for."},
      {"user_filter", &S::user_filter, "How one is found, with {name} for what was typed, escaped."},
      {"id_attribute", &S::id_attribute, "Who he is from then on, as the directory has it."},
      {"name_attribute", &S::name_attribute, "His name for people."},
      {"group_base", &S::group_base, "Where groups are looked for; without, nobody has groups."},
      {"group_filter", &S::group_filter, "Those of one member, with {dn} for his DN, or a group's."},
      {"group_attribute", &S::group_attribute, "The name of a group, for rules."},
      {"nested", &S::nested, "Whether the groups of groups count."},
  };
}

std::vector<settings::Row<ProviderSettings>> provider_rows() {
  using S = ProviderSettings;
  return {
      {"issuer", &S::issuer, "The provider, as its tokens say it: https://login.internal."},
      {"client_id", &S::client_id, "Who this CA is there."},
      {"client_secret_file", &S::client_secret_file, "File with its secret; without, a public client with PKCE alone."},
      {"audience", &S::audience, "What the tokens of programs must be for; without, client_id."},
      {"groups", &S::groups, "The claim that has a person's groups."},
      {"keys_file", &S::keys_file,
       "The provider's keys (JWKS) in a file, where only a proxy reaches it; nobody signs in by a browser then."},
      {"roots", &S::roots, "PEM file of the roots that its certificate is checked by; without, those of the system."},
  };
}

}  // namespace

settings::Rows rows() {
  using S = Settings;
  std::vector<settings::Row<S>> rows{
      {"access.session", &S::session, "A session ends after this, whatever happens.", settings::kMinute, 7 * settings::kDay},
      {"access.idle", &S::idle, "A session in a browser ends when nothing was done for this long.", settings::kMinute, settings::kDay},
      {"access.recheck", &S::recheck, "How often the directory is asked again for whoever is signed in.", settings::kSecond,
       settings::kDay},
      {"access.failures", &S::failures, "After so many wrong passwords for one name, or from one address, nothing is tried for a while.", 1,
       1000},
      {"access.failure_window", &S::failure_window, "For how long.", settings::kSecond, settings::kDay},
      {"access.failure_floor", &S::failure_floor, "No failure is answered sooner than this.", 0, 10 * settings::kSecond},
      {"access.password_memory", &S::password_memory, "Argon2id: KiB for one password.", 8'192, 1'048'576},
      {"access.password_passes", &S::password_passes, "Argon2id: passes.", 1, 16},
      {"access.password_threads", &S::password_threads, "Passwords that are checked at a time.", 1, 16},
      {"access.basic", &S::basic, "Whether Authorization: Basic is taken (curl -u)."},
      {"access.client_certificates", &S::client_certificates, "Whether a client certificate of this CA signs in (curl --cert)."},
      {"access.banner_file", &S::banner_file, "Text that is shown before signing in; the session records its hash."},
  };
  std::vector<settings::Things<S>> things;
  things.emplace_back("ldap", &S::ldap, directory_rows());
  things.emplace_back("oidc", &S::oidc, provider_rows());
  return settings::Rows::of<S>(std::move(rows), std::move(things));
}

}  // namespace quicklime::identity
