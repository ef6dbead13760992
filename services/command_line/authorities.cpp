#include "command_line/authorities.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "ca/crl_signing_request.hpp"
#include "ca/lineage.hpp"
#include "pki/pem.hpp"

namespace quicklime::command_line {
namespace {

constexpr const char* kCrlsToSign = "/control/crl";

// Who fails to add it leaves no key that belongs to nothing.
Result<pki::Certificate> write_key_and_add(Remote& remote, const Making& making, const crypto::PrivateKey& key, const Secret& passphrase,
                                           const std::string& parent, Result<pki::Certificate> certificate) {
  if (!certificate) return certificate;
  const auto pem = key.to_pem(passphrase);
  if (!pem) return forward(pem);
  if (auto written = write_file(making.key_out, pem->reveal(), FileMode::private_, Overwrite::no); !written) return forward(written);
  if (auto added = add_authority(remote, {making.what.id.text(), parent, making.succeeds, *certificate}); !added) {
    // Unknown outcome: it may stand in the log, and then its key is needed.
    std::error_code ignored;
    if (added.error().code != ErrorCode::outcome_unknown && added.error().code != ErrorCode::unavailable)
      std::filesystem::remove(making.key_out, ignored);
    return forward(added);
  }
  return certificate;
}

}  // namespace

Result<std::vector<AuthoritySummary>> authorities_here(Remote& remote) {
  const auto body = remote.get("/control/authorities");
  if (!body) return forward(body);
  return decode_authority_list(*body);
}

Result<AuthoritySummary> authority_named(const std::vector<AuthoritySummary>& all, const std::string& id) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.id == id; });
  if (found != all.end()) return *found;
  return fail(ErrorCode::not_found, "authority-unknown", "there is no authority \"" + id + "\"; `quicklime ca list` shows them",
              "authority");
}

Result<AuthoritySummary> newest_root(const std::vector<AuthoritySummary>& all) {
  const auto found = std::find_if(all.rbegin(), all.rend(), [](const auto& one) { return one.parent.empty() && !one.retired; });
  if (found != all.rend()) return *found;
  return fail(ErrorCode::not_found, "authority-unknown", "there is no root that is not retired; name the parent (--parent ID)",
              "authority");
}

std::string successor_of(const std::vector<AuthoritySummary>& all, const std::string& id) {
  const auto named = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional<AuthorityId>(text); };
  std::vector<ca::Authority> authorities;
  for (const auto& one : all) {
    auto parsed = pki::certificates_in(one.certificate);
    if (!parsed || parsed->empty()) continue;
    const ca::Status status{one.revoked_at.empty() ? ca::Status::Kind::good : ca::Status::Kind::revoked};
    authorities.push_back({AuthorityId(one.id), named(one.parent), std::move(parsed->front()), one.retired, status, named(one.succeeds)});
  }
  const ca::Lineage lineage(authorities);
  for (auto one = all.rbegin(); one != all.rend(); ++one) {
    const auto* authority = ca::find_authority(AuthorityId(one->id), authorities);
    if (authority == nullptr || one->id == id || !one->key_is_here || !lineage.continues(authority->id, AuthorityId(id))) continue;
    if (ca::may_issue(*authority, authorities, SystemClock().now())) return one->id;
  }
  return {};
}

Result<std::filesystem::path> key_file_of(const installation::DataDirectory& directory, const std::string& id) {
  std::error_code ignored;
  const auto own = directory.authority_key(AuthorityId(id));
  if (std::filesystem::exists(own, ignored)) return own;
  if (id == "root-1" && std::filesystem::exists(directory.root_key(), ignored)) return directory.root_key();
  return fail(ErrorCode::not_found, "authority-key-missing",
              "the key of " + id + " is not in " + directory.ca().string() +
                  ": say where it is (--key FILE), or take a CSR to it (quicklime ca add --request FILE)");
}

Result<void> add_authority(Remote& remote, const ToAdd& what) {
  const auto answer =
      remote.post("/control/authorities",
                  encode(AuthorityBody{what.id, pki::pem_encode("CERTIFICATE", what.certificate.der()), what.parent, what.succeeds}));
  if (!answer) return forward(answer);
  return {};
}

Result<pki::Certificate> make_below(Remote& remote, const Making& making, const AuthoritySummary& parent,
                                    const crypto::PrivateKey& parent_key) {
  const auto above = pki::certificates_in(parent.certificate);
  if (!above) return forward(above);
  const auto key = crypto::PrivateKey::generate(making.key_kind);
  if (!key) return forward(key);
  const AuthorityId id(parent.id);
  const crypto::KeySigner signer(parent_key);
  auto certificate = ca::sign_below(making.what, key->public_key(), {id, above->front(), signer}, SystemClock().now());
  return write_key_and_add(remote, making, *key, Secret(), parent.id, std::move(certificate));
}

Result<pki::Certificate> make_root(Remote& remote, const Making& making, const Secret& passphrase) {
  const auto key = crypto::PrivateKey::generate(making.key_kind);
  if (!key) return forward(key);
  auto certificate = ca::sign_root(making.what, *key, SystemClock().now());
  auto made = write_key_and_add(remote, making, *key, passphrase, "", std::move(certificate));
  if (!made) return made;
  if (const auto crl = sign_next_crl(remote, making.what.id.text(), *key); !crl) return forward(crl);
  return made;
}

Result<PublishedCrl> sign_next_crl(Remote& remote, const std::string& authority, const crypto::PrivateKey& key) {
  const auto text = remote.get(std::string(kCrlsToSign) + "?authority=" + http::percent_encode(authority));
  if (!text) return forward(text);
  const auto request = ca::decode_crl_signing_request(*text);
  if (!request) return forward(request);
  const auto crl = ca::sign_crl(*request, crypto::KeySigner(key));
  if (!crl) return forward(crl);
  const auto answer = remote.post(kCrlsToSign, pki::pem_encode("X509 CRL", *crl), "", "application/x-pem-file");
  if (!answer) return forward(answer);
  return decode_published_crl(*answer);
}

}  // namespace quicklime::command_line
