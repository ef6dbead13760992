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

inline constexpr Milliseconds kRootLifetime = std::chrono::hours(24 * 3650);
inline constexpr Milliseconds kIssuingLifetime = std::chrono::hours(24 * 1825);

// What everyone may know of an authority.
struct Authority {
  AuthorityId id;
  std::optional<AuthorityId> parent;  // none: a root
  pki::Certificate certificate;
  bool retired = false;
  Status status{};                        // of its certificate, by its parent; nobody can revoke a root
  std::optional<AuthorityId> succeeds{};  // of a root: the one that it takes the place of
};

// Null: none of them.
const Authority* find_authority(const AuthorityId& id, const std::vector<Authority>& all);
// Made to issue to others than authorities: neither a root nor one whose path length leaves room for authorities below it.
bool is_issuing(const Authority& authority);
// Whether it may issue at this moment, its key apart: made for it, not retired, within its dates, and nothing above it revoked.
bool may_issue(const Authority& authority, const std::vector<Authority>& all, Instant now);
// The last that was added of those that may; else of those that are made for it. Null: there is none.
const Authority* newest_issuing(const std::vector<Authority>& all, Instant now);

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

// Whether every authority from this one up lets a certificate bear the name: "name-constrained" names the one that does not.
Result<void> require_within_constraints(const AuthorityId& issuer, const std::vector<Authority>& all, const pki::AlternativeName& name);

// ---- making them (authority_making.cpp)

// What is to be made, its key apart. Names are distinct per key: "Acme Corp Issuing CA 2 (3f2a)".
struct FurtherAuthority {
  AuthorityId id;                         // "issuing-2", which also says what it is called
  std::string organization;               // 1 to 40 bytes of printable text: "organization-malformed"
  std::string public_url;                 // "http://ca.internal:8080"
  Milliseconds lifetime;                  // ends with its parent at the latest
  std::optional<unsigned> path_length{};  // how many authorities may stand below it before what is issued; none: any number
  std::optional<pki::NameConstraints> permitted{};
};
Result<pki::Name> name_of(const FurtherAuthority& what, const crypto::PublicKey& key);
Result<pki::Certificate> sign_root(const FurtherAuthority& what, const crypto::PrivateKey& key, Instant now);
// With a CRL URL (the parent's) but no OCSP URL. "authority-path-length": the parent's path length leaves no room for it.
struct Parent {
  const AuthorityId& id;
  const pki::Certificate& certificate;
  const crypto::Signer& signer;  // "key-file-wrong": not of its certificate
};
Result<pki::Certificate> sign_below(const FurtherAuthority& what, const crypto::PublicKey& key, const Parent& parent, Instant now);
// The next free one: "issuing-2".
AuthorityId next_id(const std::string& kind, const std::vector<AuthorityId>& taken);

// What `init` makes: a root, an issuing authority below it.
struct NewAuthority {
  AuthorityId id;
  crypto::PrivateKey key;
  pki::Certificate certificate;
};
struct AuthorityPlan {
  std::string organization;  // "Acme Corp": CN "Acme Corp Root CA 1 (3f2a)", O "Acme Corp"
  std::string public_url;    // "http://ca.internal:8080"
  crypto::KeyKind key_kind = crypto::KeyKind::p256;
  Milliseconds root_lifetime = kRootLifetime;
  Milliseconds issuing_lifetime = kIssuingLifetime;
  std::optional<pki::NameConstraints> permitted{};  // of both: in critical nameConstraints
};
Result<NewAuthority> make_root(const AuthorityPlan& plan, Instant now);
// Path length 0.
Result<NewAuthority> make_issuing(const AuthorityPlan& plan, const NewAuthority& root, Instant now);

// Where things are published, from public_url: never from a replica.
std::string ocsp_url(std::string_view public_url);                                       // <public_url>/ocsp
std::string crl_url(std::string_view public_url, const AuthorityId& authority);          // <public_url>/crl/<authority>.crl
std::string certificate_url(std::string_view public_url, const AuthorityId& authority);  // <public_url>/ca/<authority>.crt

}  // namespace quicklime::ca
