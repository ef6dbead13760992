#include "ca/profile.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/nearest.hpp"
#include "ca/role_uri.hpp"
#include "crypto/hash.hpp"
#include "pki/name_attributes.hpp"

namespace quicklime::ca {
namespace {

using pki::AlternativeName;
using pki::KeyUsage;
using pki::NameKind;

constexpr std::size_t kLongestCommonName = 64;  // ub-common-name, RFC 5280 appendix A.1
// What a subject may hold from a request, as RFC 4514 and openssl call it.
const std::vector<std::string> kSubjectFields{"CN",           "O",  "OU", "C",     "L",  "ST",  "STREET",
                                              "serialNumber", "SN", "GN", "title", "DC", "UID", "emailAddress"};

Failure malformed_profile(std::string detail) { return fail(ErrorCode::invalid, "profile-malformed", std::move(detail)); }

// Keys of a definition, one a line.
void add(std::string& text, std::string_view key, std::string_view value) { text += std::string(key) + " = " + std::string(value) + "\n"; }
std::string quoted(std::string_view value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}
template <class List, class Text>
std::string quoted_list(const List& list, Text text) {
  std::string result;
  for (const auto& one : list) result += (result.empty() ? "" : ", ") + quoted(text(one));
  return "[" + result + "]";
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
// own_subject: where a CN is taken from the request it is what it says.
Result<std::vector<AlternativeName>> names_of(const pki::Csr& csr, bool own_subject) {
  const std::string common_name = csr.subject().common_name();
  std::vector<AlternativeName> names = csr.alternative_names();
  if (own_subject) return names;
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

std::string_view name(MayAsk who) {
  switch (who) {
    case MayAsk::granted: return "granted";
    case MayAsk::named: return "named";
    case MayAsk::administrator: return "administrator";
    case MayAsk::the_ca: return "the-ca";
  }
  return {};
}

Result<MayAsk> parse_may_ask(std::string_view text) {
  for (const MayAsk who : {MayAsk::granted, MayAsk::named, MayAsk::administrator}) {
    if (text == name(who)) return who;
  }
  return malformed_profile("who may ask is granted, named or administrator, not " + quoted(text));
}

bool Profile::takes(crypto::KeyKind kind) const {
  return key_kinds.empty() || std::find(key_kinds.begin(), key_kinds.end(), kind) != key_kinds.end();
}

std::vector<KeyUsage> Profile::usages_for(crypto::KeyFamily family) const {
  std::vector<KeyUsage> usages;
  for (const KeyUsage usage : key_usages) {
    const bool enciphers = usage == KeyUsage::key_encipherment || usage == KeyUsage::data_encipherment;
    if (enciphers && family != crypto::KeyFamily::rsa) continue;
    if (usage == KeyUsage::key_agreement && family != crypto::KeyFamily::ec) continue;
    usages.push_back(usage);
  }
  return usages;
}

std::string Profile::definition() const {
  const auto plain = [](const std::string& text) { return text; };
  const auto flag = [](bool value) { return value ? "true" : "false"; };
  std::string text = "[profiles." + name + "]\n";
  add(text, "key_usages", quoted_list(key_usages, [](KeyUsage usage) { return pki::name(usage); }));
  add(text, "extended_key_usages", quoted_list(extended_key_usages, pki::extended_key_usage_name));
  add(text, "critical_extended_key_usage", flag(critical_extended_key_usage));
  add(text, "default_lifetime", quoted(duration_text(default_lifetime)));
  add(text, "maximum_lifetime", quoted(duration_text(maximum_lifetime)));
  add(text, "names", quoted_list(name_kinds, [](NameKind kind) { return pki::text(kind); }));
  add(text, "minimum_names", std::to_string(minimum_names));
  add(text, "maximum_names", std::to_string(maximum_names));
  add(text, "uri_schemes", quoted_list(uri_schemes, plain));
  add(text, "key_kinds", quoted_list(key_kinds, [](crypto::KeyKind kind) { return crypto::name(kind); }));
  add(text, "subject", quoted_list(subject_fields, plain));
  add(text, "who", quoted(ca::name(who)));
  add(text, "ca", flag(is_ca));
  add(text, "path_length", std::to_string(path_length));
  add(text, "ocsp_no_check", flag(ocsp_no_check));
  add(text, "revocation_urls", flag(revocation_urls));
  add(text, "make_keys", flag(makes_keys));
  return text;
}

std::string Profile::content_sha256() const { return hex_encode(crypto::view(crypto::sha256(definition()))); }

Result<void> check(const Profile& profile) {
  const auto usage = [&](KeyUsage wanted) {
    return std::find(profile.key_usages.begin(), profile.key_usages.end(), wanted) != profile.key_usages.end();
  };
  for (const auto& kind : crypto::key_kinds()) {
    if (profile.takes(kind.kind) && profile.usages_for(kind.family).empty()) {
      return malformed_profile("it gives keys of the kind " + std::string(kind.name) +
                               " no usage: name another one, or the kinds that it takes");
    }
  }
  if (profile.default_lifetime > profile.maximum_lifetime) {
    return malformed_profile("the default lifetime (" + duration_text(profile.default_lifetime) + ") is longer than the maximum (" +
                             duration_text(profile.maximum_lifetime) + "); set both");
  }
  if (usage(KeyUsage::key_cert_sign) != profile.is_ca) return malformed_profile("keyCertSign and ca = true stand together or not at all");
  if (profile.is_ca && profile.who != MayAsk::administrator)
    return malformed_profile("an authority is for administrators: who = \"administrator\"");
  const auto& extended = profile.extended_key_usages;
  const bool stamps = std::find(extended.begin(), extended.end(), pki::oid::time_stamping) != extended.end();
  if (stamps && (extended.size() != 1 || !profile.critical_extended_key_usage)) {
    return malformed_profile("timeStamping is the one extended key usage, and critical (RFC 3161 section 2.3)");
  }
  if (std::find(extended.begin(), extended.end(), pki::oid::ocsp_signing) != extended.end() && !profile.internal()) {
    return malformed_profile("OCSPSigning is for the CA's own responders, whose profile is there already");
  }
  if (profile.name_kinds.empty() && profile.subject_fields.empty() && !profile.internal()) {
    return malformed_profile("it certifies neither names nor a subject: say which (names, subject)");
  }
  for (const std::string& field : profile.subject_fields) {
    if (std::find(kSubjectFields.begin(), kSubjectFields.end(), field) == kSubjectFields.end()) {
      return malformed_profile("there is no field " + quoted(field) + " of a subject; there are " + list(kSubjectFields));
    }
  }
  return {};
}

const std::vector<Profile>& default_profiles() {
  using std::chrono::hours;
  const std::string server(pki::oid::server_auth), client(pki::oid::client_auth), ocsp(pki::oid::ocsp_signing);
  // 397 days: Apple's platforms refuse server certificates that live longer than 398, also private ones (HT211025).
  static const std::vector<Profile> profiles{
      {.name = "tls-server",
       .meaning = "TLS servers: websites, APIs, databases",
       .key_usages = {KeyUsage::digital_signature, KeyUsage::key_encipherment},
       .extended_key_usages = {server},
       .default_lifetime = hours(24 * 90),
       .maximum_lifetime = hours(24 * 397),
       .name_kinds = {NameKind::dns, NameKind::ip, NameKind::uri}},
      {.name = "tls-client",
       .meaning = "TLS clients: services and people that show a certificate",
       .key_usages = {KeyUsage::digital_signature},
       .extended_key_usages = {client},
       .default_lifetime = hours(24 * 90),
       .maximum_lifetime = hours(24 * 397),
       .name_kinds = {NameKind::dns, NameKind::ip, NameKind::email, NameKind::uri}},
      {.name = "tls-peer",
       .meaning = "both ends of TLS: members of a cluster",
       .key_usages = {KeyUsage::digital_signature, KeyUsage::key_encipherment},
       .extended_key_usages = {server, client},
       .default_lifetime = hours(24 * 90),
       .maximum_lifetime = hours(24 * 397),
       .name_kinds = {NameKind::dns, NameKind::ip, NameKind::uri}},
      // Of daemons and of the gateway: what lets them in with their peers is the role that it names.
      {.name = kRolePeerProfile,
       .meaning = "daemons of this CA",
       .key_usages = {KeyUsage::digital_signature},
       .extended_key_usages = {server, client},
       .default_lifetime = hours(24 * 90),
       .maximum_lifetime = hours(24 * 397),
       .name_kinds = {NameKind::dns, NameKind::ip, NameKind::uri},
       .who = MayAsk::the_ca},
      // Nobody checks the revocation of a responder (id-pkix-ocsp-nocheck), so it lives shortly: RFC 6960 section 4.2.2.2.1.
      {.name = "ocsp-signing",
       .meaning = "OCSP responders of this CA",
       .key_usages = {KeyUsage::digital_signature},
       .extended_key_usages = {ocsp},
       .default_lifetime = hours(24 * 7),
       .maximum_lifetime = hours(24 * 30),
       .name_kinds = {},
       .who = MayAsk::the_ca,
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
    if (!profile.internal()) known.push_back(profile.name);
  }
  return fail(unknown_profile(name, known, "/profile"));
}

namespace {

Result<void> check_usages(const Profile& profile, const pki::Csr& csr) {
  // keyEncipherment is asked for by habit with keys of every kind (RFC 5246 needs it of RSA servers): given where the profile does,
  // harmless else.
  unsigned allowed = pki::bit(KeyUsage::key_encipherment);
  std::string given;
  for (const KeyUsage usage : profile.key_usages) {
    allowed |= pki::bit(usage);
    given += (given.empty() ? "" : ", ") + std::string(pki::name(usage));
  }
  if ((csr.key_usages() & ~allowed) != 0) {
    return refused("csr-key-usage",
                   "the CSR asks for a key usage that the profile " + profile.name + " does not give; ask for " + given + ", or name none",
                   "csr.keyUsage");
  }
  for (const std::string& usage : csr.extended_key_usages()) {
    const auto& extended = profile.extended_key_usages;
    if (std::find(extended.begin(), extended.end(), usage) == extended.end()) {
      return refused("csr-key-usage",
                     "the CSR asks for the extended key usage " + usage + "; the profile " + profile.name + " gives " +
                         (extended.empty() ? "none" : list(extended)),
                     "csr.extendedKeyUsage");
    }
  }
  return {};
}

Result<void> check_subject(const Profile& profile, const pki::Name& subject) {
  std::vector<std::string> others;
  for (const auto& attribute : pki::attributes_of(subject)) {
    const auto& taken = profile.subject_fields;
    if (attribute.name != "CN" && std::find(taken.begin(), taken.end(), attribute.name) == taken.end()) others.push_back(attribute.name);
  }
  if (others.empty()) return {};
  return refused("csr-subject",
                 "the CSR's subject holds " + list(others) + "; " +
                     (profile.subject_fields.empty() ? "only a common name may stand there"
                                                     : "the profile " + profile.name + " takes " + list(profile.subject_fields)),
                 "csr.subject");
}

Result<void> check_names(const Profile& profile, const std::vector<AlternativeName>& names) {
  for (const AlternativeName& name : names) {
    const bool scheme = name.kind != NameKind::uri || profile.uri_schemes.empty() ||
                        std::find(profile.uri_schemes.begin(), profile.uri_schemes.end(), name.value.substr(0, name.value.find(':'))) !=
                            profile.uri_schemes.end();
    if (!allows(profile, name.kind) || !scheme) {
      return refused("name-kind", "the profile " + profile.name + " certifies no names such as " + name.text(), "csr.subjectAltName");
    }
  }
  if (names.size() < profile.minimum_names) {
    return refused("names-missing",
                   "a certificate of the profile " + profile.name + " has at least " + std::to_string(profile.minimum_names) +
                       (profile.minimum_names == 1 ? " name" : " names") + " in its subjectAltName",
                   "csr.subjectAltName");
  }
  if (profile.maximum_names != 0 && names.size() > profile.maximum_names) {
    return refused("too-many-names",
                   "a certificate of the profile " + profile.name + " has at most " + std::to_string(profile.maximum_names) +
                       (profile.maximum_names == 1 ? " name" : " names"),
                   "csr.subjectAltName");
  }
  const auto roles = std::count_if(names.begin(), names.end(), is_role_uri);
  if (roles > 0 && !profile.internal()) {
    return fail(ErrorCode::denied, "name-reserved",
                "names of the scheme quicklime are for the CA's own processes, whose profile nobody else has", "csr.subjectAltName");
  }
  if (roles != 1 && profile.internal()) {
    return refused("names-missing", "a certificate of the profile " + profile.name + " names one role: URI:quicklime:role/<name>",
                   "csr.subjectAltName");
  }
  return {};
}

}  // namespace

Result<Asked> check_against(const Profile& profile, const pki::Csr& csr, const std::optional<Milliseconds>& lifetime,
                            const std::optional<Instead>& instead) {
  if (csr.asks_for_ca() && !profile.is_ca) {
    return refused("csr-asks-for-ca",
                   "the CSR asks for a CA certificate (basicConstraints CA:TRUE), which the profile " + profile.name + " does not give",
                   "csr.basicConstraints");
  }
  if (!profile.takes(csr.public_key().kind())) {
    std::string kinds;
    for (const auto kind : profile.key_kinds) kinds += (kinds.empty() ? "" : ", ") + std::string(crypto::name(kind));
    return refused("key-kind-not-taken", "the profile " + profile.name + " is for keys of the kinds " + kinds, "csr.subjectPublicKeyInfo");
  }
  if (auto checked = check_usages(profile, csr); !checked) return forward(checked);
  if (auto checked = check_subject(profile, csr.subject()); !checked) return forward(checked);
  const auto allowed_lifetime = lifetime_of(profile, lifetime);
  if (!allowed_lifetime) return forward(allowed_lifetime);

  // A profile without names (ocsp-signing) certifies a subject instead; one that takes a CN certifies either.
  const auto& taken = profile.subject_fields;
  const bool own_name = profile.name_kinds.empty() || std::find(taken.begin(), taken.end(), "CN") != taken.end();
  const pki::Name& subject = instead && instead->subject ? *instead->subject : csr.subject();
  if (profile.name_kinds.empty() && !csr.alternative_names().empty()) {
    return refused("name-kind", "the profile " + profile.name + " certifies no subject alternative names", "csr.subjectAltName");
  }
  auto names = instead ? Result<std::vector<AlternativeName>>(instead->names) : names_of(csr, own_name);
  if (!names) return forward(names);
  if (own_name && subject.is_empty() && (profile.name_kinds.empty() || names->empty())) {
    return refused("names-missing", "the CSR has no subject, which the profile " + profile.name + " certifies", "csr.subject");
  }
  if (profile.name_kinds.empty()) return Asked{{}, subject, *allowed_lifetime};
  if (auto checked = check_names(profile, *names); !checked) return forward(checked);
  if (!taken.empty() && !subject.is_empty()) return Asked{*std::move(names), subject, *allowed_lifetime};
  const auto dns = std::find_if(names->begin(), names->end(), [](const AlternativeName& name) { return name.kind == NameKind::dns; });
  const bool fits = dns != names->end() && dns->value.size() <= kLongestCommonName;
  pki::Name common_name = fits ? pki::Name::common_name(dns->value) : pki::Name::empty();
  return Asked{*std::move(names), std::move(common_name), *allowed_lifetime};
}

Result<void> lint_against(const Profile& profile, const pki::Linted& linted, Milliseconds backdate) {
  unsigned usages = 0;
  for (const KeyUsage usage : profile.key_usages) usages |= pki::bit(usage);
  if (*linted.family != crypto::KeyFamily::rsa) usages &= ~(pki::bit(KeyUsage::key_encipherment) | pki::bit(KeyUsage::data_encipherment));
  if (*linted.family != crypto::KeyFamily::ec) usages &= ~pki::bit(KeyUsage::key_agreement);
  if (linted.key_usages != usages)
    return pki::lint_failed("profile-key-usage", "the key usages are not those of the profile " + profile.name);
  if (linted.extended_key_usages.empty() != profile.extended_key_usages.empty() ||
      linted.critical_extended_key_usage != profile.critical_extended_key_usage) {
    return pki::lint_failed("profile-extended-key-usage", "the extended key usages are not those of the profile " + profile.name);
  }
  if (linted.is_ca != profile.is_ca)
    return pki::lint_failed("profile-ca", "the profile " + profile.name + " does not say so of an authority");
  if (linted.not_after - linted.not_before > profile.maximum_lifetime + backdate + Seconds(1)) {
    return pki::lint_failed("profile-lifetime", "it lives longer than the profile " + profile.name + " allows");
  }
  return {};
}

}  // namespace quicklime::ca
