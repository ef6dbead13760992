#pragma once
// How a process of this CA is known to its peers: by the URI "quicklime:role/gateway" in a certificate of the internal
// profile role-peer (architecture section 8). DNS names, which requests ask for, mean nothing.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "pki/certificate.hpp"
#include "pki/name.hpp"

namespace quicklime::ca {

inline constexpr const char* kRolePeerProfile = "role-peer";

// "name-malformed": a role's name has letters a-z, digits and '-'.
Result<pki::AlternativeName> role_uri(std::string_view role);
// Of the scheme quicklime: certified by the internal profile alone, where a grant names it in full.
bool is_role_uri(const pki::AlternativeName& name);
// The role of a certificate for TLS clients; nullopt: it names none, or more than one.
std::optional<std::string> role_of(const pki::Certificate& certificate);

// What is larger is no peer's certificate, and is not parsed to find that out: strangers may show what they like.
inline constexpr std::size_t kLargestPeer = 8 * 1024;

}  // namespace quicklime::ca
