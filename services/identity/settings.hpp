#pragma once
// How people and programs sign in: [access], and the connections [ldap.NAME] and [oidc.NAME]. What they may do stands in the log (rules).

#include <map>
#include <string>

#include "base/instant.hpp"

namespace quicklime::settings {
struct Rows;
}

namespace quicklime::identity {

struct DirectorySettings {
  std::string url;    // "ldaps://ldap.internal:636"; "ldap://...": StartTLS is demanded
  std::string roots;  // PEM; empty: those of the system
  std::string bind_dn;
  std::string bind_password_file;  // both empty: whoever signs in binds by himself, as user_dn says
  std::string user_dn;             // direct bind: "uid={name},ou=people,dc=acme"
  std::string user_base;
  std::string user_filter = "(uid={name})";
  std::string id_attribute = "uid";
  std::string name_attribute = "cn";
  std::string group_base;
  std::string group_filter = "(member={dn})";
  std::string group_attribute = "cn";
  bool nested = true;
};

struct ProviderSettings {
  std::string issuer;
  std::string client_id;
  std::string client_secret_file;
  std::string audience;  // of programs' assertions; empty: client_id
  std::string groups = "groups";
  std::string keys_file;  // instead of discovery, where only a proxy reaches the provider
  std::string roots;
};

struct Settings {
  Milliseconds session = std::chrono::hours(8);
  Milliseconds idle = std::chrono::minutes(30);
  Milliseconds recheck = std::chrono::minutes(15);
  std::size_t failures = 5;
  Milliseconds failure_window = std::chrono::minutes(15);
  Milliseconds failure_floor{500};
  std::size_t password_memory = 19'456;  // KiB
  std::size_t password_passes = 2;
  std::size_t password_threads = 1;
  bool basic = true;
  bool client_certificates = true;
  std::string banner_file;
  std::map<std::string, DirectorySettings> ldap{};
  std::map<std::string, ProviderSettings> oidc{};
};
settings::Rows rows();

}  // namespace quicklime::identity
