#include "runtime/certificate_standing.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "ca/decisions.hpp"
#include "crypto/hash.hpp"

namespace quicklime::runtime {

const ca::Authority* issuer_of(const pki::Certificate& certificate, const std::vector<ca::Authority>& authorities) {
  const auto found = std::find_if(authorities.begin(), authorities.end(), [&](const ca::Authority& authority) {
    return authority.certificate.subject() == certificate.issuer() &&
           authority.certificate.subject_key_identifier() == certificate.authority_key_identifier();
  });
  return found == authorities.end() ? nullptr : &*found;
}

CertificateStatus status_among_decisions() {
  return {[](const AuthorityId&, const SerialNumber& serial) { return ca::certificate_key(serial); },
          [](std::string_view value) -> Result<ca::Status> {
            const auto record = ca::decode_certificate_record(value);
            if (!record) return forward(record);
            return record->status;
          }};
}

std::vector<views::PointKey> standing_points(const CertificateStatus& status, const AuthorityId& issuer,
                                             const pki::Certificate& certificate) {
  return {status.key(issuer, certificate.serial()), ca::blocked_key_key(hex_encode(crypto::view(crypto::sha256(certificate.spki()))))};
}

Result<bool> stands(const CertificateStatus& status, const std::vector<std::optional<std::string>>& values) {
  if (values[1]) return false;
  if (!values[0]) return true;
  const auto known = status.status(*values[0]);
  if (!known) return forward(known);
  return known->kind == ca::Status::Kind::good;
}

async::Task<bool> is_taken_back(views::View& view, const CertificateStatus& status, const ca::Authorities& authorities, const Clock& clock,
                                pki::Certificate certificate) {
  const auto all = authorities.now();
  const ca::Authority* const issuer = issuer_of(certificate, *all);
  if (issuer == nullptr) co_return false;
  // A responder's is of the authority that it answers for, whatever became of that one.
  const auto& usages = certificate.extended_key_usages();
  const bool answers = std::find(usages.begin(), usages.end(), pki::oid::ocsp_signing) != usages.end();
  if (!answers && ca::revoked_of(issuer->id, *all) != nullptr) {
    const ca::Authority* const newest = ca::newest_issuing(*all, clock.now());
    if (newest != nullptr && ca::may_issue(*newest, *all, clock.now())) co_return true;
  }
  auto keys = standing_points(status, issuer->id, certificate);
  const auto points = co_await view.get(std::move(keys), views::Complete::once);
  if (!points) co_return false;
  co_return !stands(status, points->values).value_or(true);
}

}  // namespace quicklime::runtime
