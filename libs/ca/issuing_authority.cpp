// Which authority issues, and what is prepared to issue by it.
#include "ca/issue_implementation.hpp"

namespace quicklime::ca {
namespace {

using Chosen = std::shared_ptr<const PreparedAuthority>;
using Defined = std::map<std::string, std::shared_ptr<std::atomic<bool>>, std::less<>>;

std::shared_ptr<const PreparedProfile> prepare(const Profile& profile, const Authority& authority, const crypto::Signer& signer,
                                               const std::string& public_url, std::shared_ptr<std::atomic<bool>> defined) {
  pki::CertificateTemplate::Fields fields{
      .issuer = authority.certificate.subject(),
      .authority_key_identifier = authority.certificate.subject_key_identifier(),
      .key_usages = {},
      .extended_key_usages = profile.extended_key_usages,
      .critical_extended_key_usage = profile.critical_extended_key_usage,
      .is_ca = profile.is_ca,
      .path_length = profile.is_ca ? std::optional(static_cast<unsigned>(profile.path_length)) : std::nullopt,
      .ocsp_urls = {},
      .ca_issuer_urls = {certificate_url(public_url, authority.id)},
      .crl_urls = {},
      .ocsp_no_check = profile.ocsp_no_check,
      .signature_algorithm = signer.algorithm()};
  if (profile.revocation_urls) {
    fields.ocsp_urls = {ocsp_url(public_url)};
    fields.crl_urls = {crl_url(public_url, authority.id)};
  }
  const auto of = [&](crypto::KeyFamily family) {
    fields.key_usages = profile.usages_for(family);
    return pki::CertificateTemplate(fields);
  };
  using crypto::KeyFamily;
  return std::shared_ptr<const PreparedProfile>(new PreparedProfile{
      profile, profile.content_sha256(), {of(KeyFamily::ec), of(KeyFamily::edwards), of(KeyFamily::rsa)}, std::move(defined)});
}

std::shared_ptr<const PreparedAuthority> prepare(const Authority& authority, const std::vector<Authority>& all,
                                                 std::shared_ptr<const crypto::Signer> signer, const IssuePolicy& policy,
                                                 const Defined& defined) {
  PreparedAuthority prepared{authority, std::move(signer), pem(chain_of(authority.id, all, Root::left_out)), {}};
  for (const Profile& profile : policy.profiles) {
    prepared.profiles.emplace(profile.name, prepare(profile, authority, *prepared.signer, policy.public_url, defined.at(profile.name)));
  }
  return std::make_shared<const PreparedAuthority>(std::move(prepared));
}

Failure key_missing(const std::string& what) {
  return fail(Error{ErrorCode::unavailable, "issuing-key-missing",
                    what + "; put it into ca/ of the data directory, where it is taken up by itself", "", 5});
}

Result<Chosen> choose_named(const PreparedAuthorities& known, const AuthorityId& id, const WantedAuthority& wanted) {
  const Authority* authority = find_authority(id, known.all);
  if (authority == nullptr) {
    return fail(ErrorCode::not_found, "authority-unknown", "there is no authority \"" + id.text() + "\"; /v1/authorities lists them",
                "/authority");
  }
  if (!authority->parent || (authority->retired && !wanted.answers_for_it)) {
    return fail(ErrorCode::conflict, "authority-not-issuing",
                id.text() + (authority->parent ? " is retired" : " is a root") + " and issues no certificates; name another one, or none",
                "/authority");
  }
  if (!is_issuing(*authority) && !wanted.answers_for_it && !wanted.is_ca) {
    return fail(ErrorCode::conflict, "authority-not-issuing",
                id.text() + " issues authorities alone, and no certificates of the profile that is asked for; name one below it, or none",
                "/authority");
  }
  const auto found = known.issuing.find(id);
  if (found == known.issuing.end()) return key_missing("the key of " + id.text() + " is not here");
  return found->second;
}

}  // namespace

Result<Chosen> choose_authority(const PreparedAuthorities& known, const WantedAuthority& wanted, Instant now) {
  if (wanted.named) return choose_named(known, *wanted.named, wanted);
  if (wanted.preferred) {
    const Authority* const preferred = find_authority(*wanted.preferred, known.all);
    const auto found = known.issuing.find(*wanted.preferred);
    const bool continues = !wanted.predecessor || known.lineage.continues(*wanted.preferred, *wanted.predecessor);
    if (preferred != nullptr && found != known.issuing.end() && continues && may_issue(*preferred, known.all, now)) return found->second;
  }
  Chosen otherwise;
  bool of_another = false;
  for (auto one = known.all.rbegin(); one != known.all.rend(); ++one) {
    const auto found = known.issuing.find(one->id);
    if (found == known.issuing.end() || one->retired || !is_issuing(*one)) continue;
    if (wanted.predecessor && !known.lineage.continues(one->id, *wanted.predecessor)) {
      of_another = true;
      continue;
    }
    if (may_issue(*one, known.all, now)) return found->second;
    if (!otherwise) otherwise = found->second;  // why it may not is found out behind this
  }
  if (otherwise) return otherwise;
  if (of_another) return fail(refusal("predecessor-of-another-authority"));
  return key_missing("no authority that may issue has its key here");
}

async::Task<Result<Authority>> Issuer::authority_for(std::string profile) {
  const std::shared_ptr<Implementation> self = implementation_;
  const auto found = find_profile(self->policy.profiles, profile);
  if (!found) co_return forward(found);
  std::vector<views::PointKey> keys{authorities_key()};
  const auto points = co_await self->view.get(std::move(keys));
  if (!points) co_return forward(points);
  const auto known = co_await prepared(self, points->values.front());
  if (!known) co_return forward(known);
  WantedAuthority wanted{.is_ca = (*found)->is_ca};
  if (!(*found)->authority.empty()) wanted.named = AuthorityId((*found)->authority);
  const auto chosen = choose_authority(**known, wanted, self->clock.now());
  if (!chosen) co_return forward(chosen);
  co_return (*chosen)->authority;
}

// By this value of authorities_key(): what was prepared by the same, or anew. The key of an authority that nobody has met yet is looked
// for at once.
async::Task<Result<std::shared_ptr<const PreparedAuthorities>>> Issuer::prepared(std::shared_ptr<Implementation> self,
                                                                                 std::optional<std::string> value) {
  std::shared_ptr<const PreparedAuthorities> known;
  {
    const std::lock_guard lock(self->prepared_mutex);
    known = self->prepared;
  }
  const bool same = known && known->value == value;
  if (same && known->generation == self->keys->generation()) co_return known;
  auto all = decode_authorities(value);
  if (!all) co_return forward(all);
  if (!same) {
    // What cannot be read is logged there, and is missed below.
    const auto refresh = [keys = self->keys, all = *all] { return keys->refresh(all); };
    (void)co_await self->pools.files.run(refresh);
  }
  PreparedAuthorities made{std::move(value), self->keys->generation(), *std::move(all), Lineage(std::vector<Authority>()), {}};
  made.lineage = Lineage(made.all);
  for (const Authority& authority : made.all) {
    auto signer = self->keys->of(authority.id);
    if (!authority.parent || !signer) continue;
    made.issuing.emplace(authority.id, prepare(authority, made.all, std::move(signer), self->policy, self->defined));
  }
  const std::lock_guard lock(self->prepared_mutex);
  // Of several that prepared the same at once the first: what is known of its profiles is known to all.
  const auto& first = self->prepared;
  if (!first || first->value != made.value || first->generation != made.generation)
    self->prepared = std::make_shared<const PreparedAuthorities>(std::move(made));
  co_return self->prepared;
}

}  // namespace quicklime::ca
