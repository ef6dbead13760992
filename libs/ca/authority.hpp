#pragma once
// Authorities: who can sign for whom. The public half comes from the log, the keys from files.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "ca/status.hpp"
#include "crypto/signer.hpp"
#include "events/event.hpp"
#include "pki/certificate.hpp"
#include "views/projection.hpp"

namespace quicklime::ca {

// What everyone may know of an authority.
struct Authority {
  AuthorityId id;
  std::optional<AuthorityId> parent;  // none: a root
  pki::Certificate certificate;
  bool retired = false;
  Status status{};  // of its certificate, by its parent; nobody can revoke a root
};

// The first of this authority and those above it that is revoked: nothing that it has issued is live. Null: none.
const Authority* revoked_of(const AuthorityId& issuer, const std::vector<Authority>& all);
// "authority-revoked" (conflict).
Failure authority_revoked(const Authority& authority);

// Leaf's issuer first, root last; the root left out for what a server sends.
enum class Root { included, left_out };
std::vector<pki::Certificate> chain_of(const AuthorityId& issuer, const std::vector<Authority>& all, Root root);
std::string pem(const std::vector<pki::Certificate>& certificates);

// The authorities as part of a role's view: one space, which every role's projection includes.
inline constexpr const char* kAuthoritySpace = "authority";
views::Space authority_space();
void fold_authority(const events::Event& event, views::Fold& fold);
// What fold_authority gets.
std::vector<views::PointKey> authority_reads(const events::Event& event);
// All authorities, in the order they were added. The key of the space's point that holds them all is fixed:
// an installation has a handful, and one read then answers with everything at one position.
views::PointKey authorities_key();
Result<std::vector<Authority>> decode_authorities(const std::optional<std::string>& value);
// "authority-revoked" when revoked_of finds one. Asked for every request: reads no more of the value than whether any is revoked,
// when none is.
Result<void> require_not_revoked(const std::optional<std::string>& value, const AuthorityId& issuer);

// What `init` makes: a root, an issuing authority below it. Names are distinct per key.
struct NewAuthority {
  AuthorityId id;
  crypto::PrivateKey key;
  pki::Certificate certificate;
};
struct AuthorityPlan {
  std::string organization;  // "Acme Corp": CN "Acme Corp Root CA 1 (3f2a)", O "Acme Corp"
  std::string public_url;    // "http://ca.internal:8080"
  crypto::KeyKind key_kind = crypto::KeyKind::p256;
  Milliseconds root_lifetime = std::chrono::hours(24 * 3650);
  Milliseconds issuing_lifetime = std::chrono::hours(24 * 1825);
};
Result<NewAuthority> make_root(const AuthorityPlan& plan, Instant now);
// The issuing CA's certificate carries a CRL URL (the root's) but no OCSP URL; path length 0.
Result<NewAuthority> make_issuing(const AuthorityPlan& plan, const NewAuthority& root, Instant now);

// Where things are published, from public_url: never from a replica.
std::string ocsp_url(std::string_view public_url);                                       // <public_url>/ocsp
std::string crl_url(std::string_view public_url, const AuthorityId& authority);          // <public_url>/crl/<authority>.crl
std::string certificate_url(std::string_view public_url, const AuthorityId& authority);  // <public_url>/ca/<authority>.crt

}  // namespace quicklime::ca
