#include <algorithm>

#include "pki/der.hpp"
#include "pki/der_time.hpp"
#include "pki/object_identifier.hpp"
#include "pki/ocsp.hpp"
#include "pki/ocsp_cert_id.hpp"
#include "pki/signed_object.hpp"

namespace quicklime::pki {
namespace {

// CertStatus, RFC 6960 section 4.2.1
void append_status(std::string& out, const OcspSingle& single, Instant this_update) {
  switch (single.status) {
    case CertificateStatus::good: append_der(out, context(0), {}); return;
    case CertificateStatus::unknown: append_der(out, context(2), {}); return;
    case CertificateStatus::revoked: break;
  }
  std::string info;
  append_generalized_time(info, single.revocation_date.value_or(this_update));
  if (single.reason != RevocationReason::unspecified) {
    const char code = static_cast<char>(single.reason);
    append_der(info, context_constructed(0), der(Tag::enumerated, {&code, 1}));
  }
  append_der(out, context_constructed(1), info);
}

std::string response(OcspError status) {
  const char code = static_cast<char>(status);
  return der(Tag::enumerated, {&code, 1});
}
constexpr auto kSuccessful = static_cast<OcspError>(0);

}  // namespace

std::string nonce_extension(unsigned number, std::string_view value) {
  std::string extension;
  append_extension(extension, oid_octets::ocsp_nonce, Critical::no, value);
  return der(context_constructed(number), der(Tag::sequence, extension));
}

std::string ocsp_error(OcspError status) { return der(Tag::sequence, response(status)); }

OcspResponder::OcspResponder(const Certificate& responder, std::shared_ptr<const crypto::Signer> signer)
    : signer_(std::move(signer)),
      not_before_(responder.not_before()),
      not_after_(responder.not_after()),
      responder_id_(der(context_constructed(2), der(Tag::octet_string, OcspIssuer::of(responder).key_sha1))),
      certificates_(der(context_constructed(0), der(Tag::sequence, responder.der()))) {}

Result<std::string> OcspResponder::answer(const std::vector<OcspSingle>& singles, Instant this_update, Instant next_update,
                                          Instant produced_at, std::string_view nonce) const {
  std::string times;  // the same in every SingleResponse
  append_generalized_time(times, this_update);
  std::string next;
  // An answer must not outlive the certificate that vouches for it.
  append_generalized_time(next, std::min(next_update, not_after_));
  append_der(times, context_constructed(0), next);

  std::string responses;
  for (const OcspSingle& single : singles) {
    std::string fields = single.cert_id;
    append_status(fields, single, this_update);
    fields += times;
    append_der(responses, Tag::sequence, fields);
  }
  std::string data = responder_id_;  // ResponseData, RFC 6960 section 4.2.1
  append_generalized_time(data, produced_at);
  append_der(data, Tag::sequence, responses);
  if (!nonce.empty()) data += nonce_extension(1, nonce);
  const std::string body = der(Tag::sequence, data);
  const auto signature = signer_->sign(body);
  if (!signature) return forward(signature);

  std::string basic = body + signature_part(signer_->algorithm(), *signature) + certificates_;
  basic = der(Tag::sequence, basic);
  std::string bytes = der(Tag::object_identifier, oid_octets::ocsp_basic);
  append_der(bytes, Tag::octet_string, basic);
  std::string whole = response(kSuccessful);
  append_der(whole, context_constructed(0), der(Tag::sequence, bytes));
  return der(Tag::sequence, whole);
}

}  // namespace quicklime::pki
