#include "identity/settings.hpp"

#include <algorithm>

#include "settings/rows.hpp"

namespace quicklime::identity {
namespace {

bool holds(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

// ldap://HOST[:PORT] or ldaps://HOST[:PORT], IPv6 in brackets, and nothing behind.
bool is_directory_url(const std::string& url) {
  const std::size_t scheme = url.starts_with("ldaps://") ? 8 : url.starts_with("ldap://") ? 7 : 0;
  if (scheme == 0) return false;
  const std::size_t colon = url.find(':', url[scheme] == '[' ? std::min(url.find(']', scheme), url.size()) : scheme);
  const std::string host = url.substr(scheme, colon == std::string::npos ? colon : colon - scheme);
  const bool in_brackets = host.size() > 2 && host.starts_with('[') && host.ends_with(']');
  const char* const allowed =
      in_brackets ? "0123456789abcdefABCDEF:.[]" : "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._";
  if (host.empty() || host.find_first_not_of(allowed) != std::string::npos) return false;
  if (colon == std::string::npos) return true;
  const std::string port = url.substr(colon + 1);
  return !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos && std::stoul(port) >= 1 &&
         std::stoul(port) <= 65'535;
}

bool is_filter(const std::string& filter) {
  return filter.starts_with('(') && filter.ends_with(')') &&
         std::count(filter.begin(), filter.end(), '(') == std::count(filter.begin(), filter.end(), ')');
}

bool is_attribute(const std::string& attribute) {
  return !attribute.empty() &&
         attribute.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-;.") == std::string::npos;
}

Result<void> check_directory(const std::string& name, const DirectorySettings& directory) {
  const auto wrong = [&](const char* key, std::string why) {
    return fail(ErrorCode::invalid, "setting-invalid", std::move(why), "ldap." + name + "." + key);
  };
  if (!is_directory_url(directory.url)) {
    return wrong("url", "ldaps://HOST, ldap://HOST, or one with a port is expected, and nothing behind it, not '" + directory.url + "'");
  }
  if (holds(directory.url, "//localhost")) {
    return wrong("url", "write 127.0.0.1: of localhost, the certificate would be compared with this machine's own name");
  }
  const bool by_service = !directory.bind_dn.empty();
  if (by_service == !directory.user_dn.empty()) {
    return wrong("bind_dn", "either a service account looks people up (bind_dn, bind_password_file, user_base), or they bind by user_dn");
  }
  if (by_service != !directory.bind_password_file.empty()) {
    return wrong("bind_password_file", by_service ? "the service account needs one: without a password it would be nobody"
                                                  : "there is no service account (bind_dn) that it would be the password of");
  }
  if (by_service && directory.user_base.empty())
    return wrong("user_base", "it says below which entry the service account looks for people");
  if (!by_service && (!holds(directory.user_dn, "={name}"))) {
    return wrong("user_dn",
                 "a DN with {name} as a value is expected: uid={name},ou=people,dc=acme. Whoever binds by another name (Active "
                 "Directory's alice@acme) need not be who a search for it finds: use a service account");
  }
  if (!is_filter(directory.user_filter) || !holds(directory.user_filter, "{name}")) {
    return wrong("user_filter", "a filter in parentheses with {name} is expected: (&(objectClass=person)(uid={name}))");
  }
  if (holds(directory.user_filter, ":={name}")) {
    return wrong("user_filter", "{name} cannot stand behind a matching rule: who is signed in is looked up again with * in its place");
  }
  if (!is_filter(directory.group_filter) || holds(directory.group_filter, "{dn}") == holds(directory.group_filter, "{name}")) {
    return wrong("group_filter", "a filter in parentheses with either {dn} or {name} is expected: (member={dn}), (memberUid={name})");
  }
  if (directory.nested && holds(directory.group_filter, "{name}")) {
    return wrong("nested", "groups that list names ({name} in group_filter) hold no groups: nested = false");
  }
  if (!is_attribute(directory.id_attribute) || directory.id_attribute == "dn")
    return wrong("id_attribute", "the name of an attribute is expected");
  if (!is_attribute(directory.name_attribute)) return wrong("name_attribute", "the name of an attribute is expected");
  if (!is_attribute(directory.group_attribute)) return wrong("group_attribute", "the name of an attribute is expected, or dn");
  return {};
}

// What is not configured has these names, and what somebody is there he would be here.
Result<void> check_provider_name(const std::string& table, const std::string& name) {
  for (const std::string_view reserved : {"local", "certificate", "one-time"}) {
    if (name == reserved)
      return fail(ErrorCode::invalid, "setting-invalid",
                  "a provider cannot be called " + name + ", which is a way of this CA itself; use another name", table + "." + name);
  }
  return {};
}

Result<void> check_identity(const Settings& settings) {
  for (const auto& [name, provider] : settings.oidc) {
    if (auto checked = check_provider_name("oidc", name); !checked) return checked;
    if (settings.ldap.contains(name))
      return fail(ErrorCode::invalid, "setting-invalid",
                  "there is an [ldap." + name + "] too, and people of both would be the same; use another name", "oidc." + name);
  }
  for (const auto& [name, directory] : settings.ldap) {
    if (auto checked = check_provider_name("ldap", name); !checked) return checked;
    if (auto checked = check_directory(name, directory); !checked) return checked;
  }
  return {};
}

std::vector<settings::Row<DirectorySettings>> directory_rows() {
  using S = DirectorySettings;
  return {
      {"url", &S::url, "`ldaps://HOST:636`, or `ldap://HOST:389`, where StartTLS is demanded."},
      {"roots", &S::roots, "PEM file of the roots that its certificate is checked by; without, those of the system."},
      {"bind_dn", &S::bind_dn, "The service account that looks people up; without, they bind by user_dn."},
      {"bind_password_file", &S::bind_password_file, "Its password is the first line of this file, which is read at every use."},
      {"user_dn", &S::user_dn, "Without a service account: the DN of whoever signs in, with {name} for what was typed."},
      {"user_base", &S::user_base, "Where people are looked for."},
      {"user_filter", &S::user_filter, "How one is found, with {name} for what was typed; it must hold for whoever binds by user_dn, too."},
      {"id_attribute", &S::id_attribute, "Who he is from then on, as the directory has it."},
      {"name_attribute", &S::name_attribute, "His name for people."},
      {"group_base", &S::group_base, "Where groups are looked for; without, nobody has groups."},
      {"group_filter", &S::group_filter, "Those of one member, with {dn} for his DN, or a group's; or with {name} for his id."},
      {"group_attribute", &S::group_attribute, "The name of a group, for rules; `dn`: its whole DN."},
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
      {"access.failure_floor", &S::failure_floor,
       "No failure is answered sooner than this after the password was looked at: what a directory needs besides says nothing of a name.",
       0, 10 * settings::kSecond},
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
  return settings::Rows::of<S>(std::move(rows), std::move(things), check_identity);
}

}  // namespace quicklime::identity
