#include "ca/authority.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/printable.hpp"
#include "pki/pem.hpp"

namespace quicklime::ca {
namespace {

std::string url(std::string_view public_url, const std::string& path) {
  while (public_url.ends_with('/')) public_url.remove_suffix(1);
  return std::string(public_url) + path;
}

}  // namespace

std::vector<pki::Certificate> chain_of(const AuthorityId& issuer, const std::vector<Authority>& all, Root root) {
  std::vector<pki::Certificate> chain;
  std::optional<AuthorityId> next = issuer;
  // Bounded by the number of authorities, so that a parent cycle in a foreign log cannot hold a process.
  while (next && chain.size() < all.size()) {
    const Authority* found = find_authority(*next, all);
    if (found == nullptr) break;
    if (found->parent || root == Root::included) chain.push_back(found->certificate);
    next = found->parent;
  }
  return chain;
}

const Authority* find_authority(const AuthorityId& id, const std::vector<Authority>& all) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Authority& authority) { return authority.id == id; });
  return found == all.end() ? nullptr : &*found;
}

bool is_issuing(const Authority& authority) { return authority.parent && authority.certificate.path_length().value_or(0) == 0; }

bool may_issue(const Authority& authority, const std::vector<Authority>& all, Instant now) {
  return is_issuing(authority) && !authority.retired && authority.certificate.not_before() <= now &&
         now < authority.certificate.not_after() && revoked_of(authority.id, all) == nullptr;
}

const Authority* newest_issuing(const std::vector<Authority>& all, Instant now) {
  const Authority* otherwise = nullptr;
  for (auto one = all.rbegin(); one != all.rend(); ++one) {
    if (may_issue(*one, all, now)) return &*one;
    if (otherwise == nullptr && is_issuing(*one) && !one->retired) otherwise = &*one;
  }
  return otherwise;
}

const Authority* revoked_of(const AuthorityId& issuer, const std::vector<Authority>& all) {
  std::optional<AuthorityId> next = issuer;
  for (std::size_t left = all.size(); next && left > 0; --left) {
    const Authority* found = find_authority(*next, all);
    if (found == nullptr) return nullptr;
    if (found->status.kind == Status::Kind::revoked) return found;
    next = found->parent;
  }
  return nullptr;
}

Failure authority_revoked(const Authority& authority) {
  return fail(ErrorCode::conflict, "authority-revoked",
              "the authority " + authority.id.text() + " is revoked" +
                  (authority.status.since ? " since " + authority.status.since->rfc3339_seconds() : "") + " (" +
                  std::string(pki::name(authority.status.reason)) +
                  "): nothing that it has issued is good any more, and it issues nothing; whoever runs this CA adds a successor (quicklime "
                  "ca add)");
}

std::string pem(const std::vector<pki::Certificate>& certificates) {
  std::string text;
  for (const pki::Certificate& certificate : certificates) text += pki::pem_encode("CERTIFICATE", certificate.der());
  return text;
}

views::Space authority_space() { return {kAuthoritySpace, views::SpaceKind::points}; }
views::PointKey authorities_key() { return {kAuthoritySpace, "all"}; }

Result<void> require_within_constraints(const AuthorityId& issuer, const std::vector<Authority>& all, const pki::AlternativeName& name) {
  std::optional<AuthorityId> next = issuer;
  for (std::size_t left = all.size(); next && left > 0; --left) {
    const Authority* found = find_authority(*next, all);
    if (found == nullptr) break;
    const auto& constraints = found->certificate.name_constraints();
    if (constraints && !constraints->permits(name)) {
      return fail(ErrorCode::denied, "name-constrained",
                  name.text() + " is outside of what the certificate of " + found->id.text() + " " + constraints->text() +
                      ": no client would take it",
                  "subjectAltName");
    }
    next = found->parent;
  }
  return {};
}

std::string ocsp_url(std::string_view public_url) { return url(public_url, "/ocsp"); }
std::string crl_url(std::string_view public_url, const AuthorityId& authority) {
  return url(public_url, "/crl/" + authority.text() + ".crl");
}
std::string certificate_url(std::string_view public_url, const AuthorityId& authority) {
  return url(public_url, "/ca/" + authority.text() + ".crt");
}

}  // namespace quicklime::ca
