#pragma once
// Profiles: what a certificate of a kind looks like and may contain. Data, not code.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "crypto/key.hpp"
#include "pki/certificate.hpp"
#include "pki/csr.hpp"

namespace quicklime::ca {

// Who may have certificates of a profile.
enum class MayAsk : std::uint8_t {
  granted,        // whose grant covers the profile, "*" too
  named,          // whose grant names it: its subjects, which no pattern bounds, come from the request
  administrator,  // nobody else
  the_ca          // its own processes, which a bootstrap token names
};
std::string_view name(MayAsk who);
Result<MayAsk> parse_may_ask(std::string_view text);  // of the first three; "profile-malformed"

struct Profile {
  std::string name;
  std::string meaning{};                         // one sentence
  std::vector<pki::KeyUsage> key_usages;         // of them each kind of key is given those that it can serve (usages_for)
  std::vector<std::string> extended_key_usages;  // dotted OIDs; none: any use
  bool critical_extended_key_usage = false;
  Milliseconds default_lifetime;
  Milliseconds maximum_lifetime;
  std::vector<pki::NameKind> name_kinds;      // which kinds of subjectAltName; none: the subject alone says who it is
  std::size_t minimum_names = 0;              // beside what the subject says; where that says nothing, one
  std::size_t maximum_names = 0;              // 0: any number
  std::vector<std::string> uri_schemes{};     // of names that are URIs; none: any
  std::vector<crypto::KeyKind> key_kinds{};   // none: all
  std::vector<std::string> subject_fields{};  // taken from the request: "CN", "O", "OU", "C"; none: the CN is a name of the certificate
  MayAsk who = MayAsk::granted;
  bool is_ca = false;
  std::uint64_t path_length = 0;  // of a CA: how many authorities may stand below it
  bool ocsp_no_check = false;
  bool revocation_urls = true;  // OCSP and CRL URLs; not in a responder's own certificate
  bool makes_keys = false;      // this CA may make the key, too: for who cannot. Told once, and not kept

  bool internal() const { return who == MayAsk::the_ca; }
  bool takes(crypto::KeyKind kind) const;
  // keyEncipherment and dataEncipherment for RSA, keyAgreement for EC, the rest for all (RFC 3279, 8410, 8813).
  std::vector<pki::KeyUsage> usages_for(crypto::KeyFamily family) const;

  // All of it as a table of quicklime.toml, every key in a fixed order: what stands in the log (profile.defined).
  std::string definition() const;
  // Hex SHA-256 of that: stands in each event, so that it is known for ever under which rules a certificate was issued.
  std::string content_sha256() const;
};

// "profile-malformed": what no request could satisfy, or no client would take: no usage for a kind of key that it takes, a default lifetime
// beyond the maximum, timeStamping beside others, an authority whose key signs no certificates, neither names nor a subject.
Result<void> check(const Profile& profile);

// tls-server, tls-client, tls-peer (both), and the internal role-peer (ca/role_uri.hpp) and ocsp-signing.
const std::vector<Profile>& default_profiles();
// "profile-unknown" names those that anybody may ask for.
Result<const Profile*> find_profile(const std::vector<Profile>& profiles, std::string_view name);
// "profile-unknown": a name that is none of these, with the one that was probably meant.
Error unknown_profile(std::string_view name, const std::vector<std::string>& known, std::string field);

// Does the CSR ask only for what this profile gives? Refused whole, naming the field, never trimmed:
// "csr-asks-for-ca", "csr-key-usage", "csr-subject" (attributes that the profile does not take, or a CN that is not one of the names),
// "key-kind-not-taken", "name-kind", "name-reserved" (a role outside of role-peer), "names-missing", "too-many-names", "lifetime-too-long",
// "lifetime-too-short". Weak keys were refused when the CSR was parsed. A CSR without subjectAltName whose CN is a well-formed name of an
// allowed kind gets that as its only name.
struct Asked {
  std::vector<pki::AlternativeName> names;  // in the CSR's order, never empty but where the subject says who it is
  pki::Name subject;  // CN = first DNS name when it fits (64 characters), else empty; the CSR's where fields are taken
  Milliseconds lifetime;
};
// Instead of what the CSR says. A renewal is for whom its predecessor was: its names and its subject; a front end may ask for names beside
// the CSR.
struct Instead {
  std::vector<pki::AlternativeName> names;
  std::optional<pki::Name> subject{};
};
Result<Asked> check_against(const Profile& profile, const pki::Csr& csr, const std::optional<Milliseconds>& lifetime,
                            const std::optional<Instead>& instead = {});

// Is what is about to be signed what the profile says? "lint-failed", with the rule: "profile-key-usage", "profile-extended-key-usage",
// "profile-lifetime", "profile-ca".
Result<void> lint_against(const Profile& profile, const pki::Linted& linted, Milliseconds backdate);

}  // namespace quicklime::ca
