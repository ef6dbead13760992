#include "ca/profile.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/nearest.hpp"
#include "ca/role_uri.hpp"
#include "crypto/hash.hpp"

namespace quicklime::ca {
namespace {

using pki::AlternativeName;
using pki::KeyUsage;
using pki::NameKind;

constexpr std::size_t kLongestCommonName = 64;  // ub-common-name, RFC 5280 appendix A.1

// Each part behind its length, so that no two contents read alike.
void add(std::string& text, std::string_view part) {
  text += std::to_string(part.size());
  text += ':';
  text += part;
}

Failure refused(std::string reason, std::string detail, std::string field) {
  return fail(ErrorCode::invalid, std::move(reason), std::move(detail), std::move(field));
}

std::string list(const std::vector<std::string>& texts) {
  std::string result;
  for (const std::string& text : texts) result += (result.empty() ? "" : ", ") + text;
  return result;
}

bool allows(const Profile& profile, NameKind kind) {
  return std::find(profile.name_kinds.begin(), profile.name_kinds.end(), kind) != profile.name_kinds.end();
}

// A CN says nothing that the names do not say: it is one of them, or it is the only one.
Result<std::vector<AlternativeName>> names_of(const pki::Csr& csr) {
  const std::string common_name = csr.subject().common_name();
  std::vector<AlternativeName> names = csr.alternative_names();
  if (names.empty() && !common_name.empty()) {
    if (auto name = AlternativeName::guess(common_name)) names.push_back(*std::move(name));
  } else if (!common_name.empty()) {
    const auto name = AlternativeName::guess(common_name);
    if (!name || std::find(names.begin(), names.end(), *name) == names.end()) {
      return refused("csr-subject",
                     "the common name \"" + common_name + "\" is not one of the subject alternative names: add it there or leave it out",
                     "csr.subject");
    }
  }
  if (names.empty()) {
    return refused("names-missing", "the CSR asks for no name: put names into its subjectAltName", "csr.subjectAltName");
  }
  return names;
}

Result<Milliseconds> lifetime_of(const Profile& profile, const std::optional<Milliseconds>& asked) {
  const Milliseconds lifetime = asked.value_or(profile.default_lifetime);
  if (lifetime < Seconds(1)) return refused("lifetime-too-short", "a certificate lives for at least a second", "/lifetime");
  if (lifetime > profile.maximum_lifetime) {
    return refused("lifetime-too-long",
                   "the profile " + profile.name + " allows at most " + duration_text(profile.maximum_lifetime) + ", asked were " +
                       duration_text(lifetime),
                   "/lifetime");
  }
  return lifetime;
}

}  // namespace

std::string Profile::content_sha256() const {
  std::string text;
  add(text, name);
  add(text, std::to_string(key_usages.size()));
  for (const KeyUsage usage : key_usages) add(text, std::to_string(static_cast<unsigned>(usage)));
  add(text, std::to_string(extended_key_usages.size()));
  for (const std::string& usage : extended_key_usages) add(text, usage);
  add(text, std::to_string(default_lifetime.count()));
  add(text, std::to_string(maximum_lifetime.count()));
  add(text, std::to_string(name_kinds.size()));
  for (const NameKind kind : name_kinds) add(text, pki::text(kind));
  add(text, internal ? "internal" : "");
  add(text, ocsp_no_check ? "ocsp-no-check" : "");
  add(text, revocation_urls ? "revocation-urls" : "");
  if (makes_keys) add(text, "makes-keys");  // what makes none has the hash that it had before there were such
  return hex_encode(crypto::view(crypto::sha256(text)));
}

const std::vector<Profile>& default_profiles() {
  using std::chrono::hours;
  const std::string server(pki::oid::server_auth), client(pki::oid::client_auth), ocsp(pki::oid::ocsp_signing);
  // 397 days: Apple's platforms refuse server certificates that live longer than 398, also private ones (HT211025).
  static const std::vector<Profile> profiles{
      {.name = "tls-server",
       .key_usages = {KeyUsage::digital_signature},
       .extended_key_usages = {server},
       .default_lifetime = hours(24 * 90),
       .maximum_lifetime = hours(24 * 397),
       .name_kinds = {NameKind::dns, NameKind::ip, NameKind::uri}},
      {.name = "tls-client",
       .key_usages = {KeyUsage::digital_signature},
       .extended_key_usages = {client},
       .default_lifetime = hours(24 * 90),
       .maximum_lifetime = hours(24 * 397),
       .name_kinds = {NameKind::dns, NameKind::ip, NameKind::email, NameKind::uri}},
      {.name = "tls-peer",
       .key_usages = {KeyUsage::digital_signature},
       .extended_key_usages = {server, client},
       .default_lifetime = hours(24 * 90),
       .maximum_lifetime = hours(24 * 397),
       .name_kinds = {NameKind::dns, NameKind::ip, NameKind::uri}},
      // Of daemons and of the gateway: what lets them in with their peers is the role that it names.
      {.name = kRolePeerProfile,
       .key_usages = {KeyUsage::digital_signature},
       .extended_key_usages = {server, client},
       .default_lifetime = hours(24 * 90),
       .maximum_lifetime = hours(24 * 397),
       .name_kinds = {NameKind::dns, NameKind::ip, NameKind::uri},
       .internal = true},
      // Nobody checks the revocation of a responder (id-pkix-ocsp-nocheck), so it lives shortly: RFC 6960 section 4.2.2.2.1.
      {.name = kOcspSigningProfile,
       .key_usages = {KeyUsage::digital_signature},
       .extended_key_usages = {ocsp},
       .default_lifetime = hours(24 * 7),
       .maximum_lifetime = hours(24 * 30),
       .name_kinds = {},
       .internal = true,
       .ocsp_no_check = true,
       .revocation_urls = false},
  };
  return profiles;
}

Error unknown_profile(std::string_view name, const std::vector<std::string>& known, std::string field) {
  const auto meant = nearest(name, known);
  return {ErrorCode::invalid, "profile-unknown",
          "there is no profile \"" + std::string(name) + "\"" + (meant ? "; did you mean \"" + *meant + "\"?" : "") +
              (meant ? " There are " : "; there are ") + list(known),
          std::move(field)};
}

Result<const Profile*> find_profile(const std::vector<Profile>& profiles, std::string_view name) {
  std::vector<std::string> known;
  for (const Profile& profile : profiles) {
    if (profile.name == name) return &profile;
    if (!profile.internal) known.push_back(profile.name);
  }
  return fail(unknown_profile(name, known, "/profile"));
}

Result<Asked> check_against(const Profile& profile, const pki::Csr& csr, const std::optional<Milliseconds>& lifetime,
                            const std::optional<std::vector<AlternativeName>>& inherited) {
  if (csr.asks_for_ca()) {
    return refused("csr-asks-for-ca", "the CSR asks for a CA certificate (basicConstraints CA:TRUE), which no profile gives",
                   "csr.basicConstraints");
  }
  // keyEncipherment is asked for by habit with keys of every kind (RFC 5246 needs it of RSA): granted to RSA, harmless else.
  unsigned allowed = 1U << static_cast<unsigned>(pki::KeyUsage::key_encipherment);
  for (const pki::KeyUsage usage : profile.key_usages) allowed |= 1U << static_cast<unsigned>(usage);
  if ((csr.key_usages() & ~allowed) != 0) {
    return refused("csr-key-usage",
                   "the CSR asks for a key usage that the profile " + profile.name +
                       " does not give; ask for digitalSignature and keyEncipherment, or name none",
                   "csr.keyUsage");
  }
  for (const std::string& usage : csr.extended_key_usages()) {
    const auto& given = profile.extended_key_usages;
    if (std::find(given.begin(), given.end(), usage) == given.end()) {
      return refused("csr-key-usage",
                     "the CSR asks for the extended key usage " + usage + "; the profile " + profile.name + " gives " + list(given),
                     "csr.extendedKeyUsage");
    }
  }
  if (const auto others = csr.subject().other_attributes(); !others.empty()) {
    return refused("csr-subject", "the CSR's subject holds " + list(others) + "; only a common name may stand there", "csr.subject");
  }
  const auto allowed_lifetime = lifetime_of(profile, lifetime);
  if (!allowed_lifetime) return forward(allowed_lifetime);
  // A profile without names (ocsp-signing) certifies a subject instead.
  if (profile.name_kinds.empty()) {
    if (!csr.alternative_names().empty()) {
      return refused("name-kind", "the profile " + profile.name + " certifies no subject alternative names", "csr.subjectAltName");
    }
    if (csr.subject().is_empty()) return refused("names-missing", "the CSR has no common name", "csr.subject");
    return Asked{{}, csr.subject(), *allowed_lifetime};
  }
  auto names = inherited ? Result<std::vector<AlternativeName>>(*inherited) : names_of(csr);
  if (!names) return forward(names);
  for (const AlternativeName& name : *names) {
    if (!allows(profile, name.kind)) {
      return refused("name-kind", "the profile " + profile.name + " certifies no names such as " + name.text(), "csr.subjectAltName");
    }
  }
  const auto roles = std::count_if(names->begin(), names->end(), is_role_uri);
  if (roles > 0 && !profile.internal) {
    return fail(ErrorCode::denied, "name-reserved",
                "names of the scheme quicklime are for the CA's own processes, whose profile nobody else has", "csr.subjectAltName");
  }
  if (roles != 1 && profile.internal) {
    return refused("names-missing", "a certificate of the profile " + profile.name + " names one role: URI:quicklime:role/<name>",
                   "csr.subjectAltName");
  }
  const auto dns = std::find_if(names->begin(), names->end(), [](const AlternativeName& name) { return name.kind == NameKind::dns; });
  pki::Name subject =
      dns != names->end() && dns->value.size() <= kLongestCommonName ? pki::Name::common_name(dns->value) : pki::Name::empty();
  return Asked{*std::move(names), std::move(subject), *allowed_lifetime};
}

}  // namespace quicklime::ca
