#include <algorithm>

#include "pki/der.hpp"
#include "pki/der_time.hpp"
#include "pki/object_identifier.hpp"
#include "pki/ocsp.hpp"
#include "pki/ocsp_cert_id.hpp"
#include "pki/signed_object.hpp"

namespace quicklime::pki {
namespace {

Failure untrusted(std::string detail) { return fail(ErrorCode::verification_failed, "ocsp-untrusted", std::move(detail), "ocsp"); }

std::string_view status_text(std::uint8_t status) {
  switch (static_cast<OcspError>(status)) {
    case OcspError::malformed_request: return "malformedRequest";
    case OcspError::internal_error: return "internalError";
    case OcspError::try_later: return "tryLater";
    case OcspError::sig_required: return "sigRequired";
    case OcspError::unauthorized: return "unauthorized";
  }
  return "an unknown status";
}

// OCSPResponse: the content of BasicOCSPResponse.
Result<DerReader> read_basic(std::string_view der) {
  DerReader outer(der);
  auto fields = outer.enter(Tag::sequence);
  const auto status = fields ? fields->value(Tag::enumerated) : std::nullopt;
  if (!status || status->size() != 1 || !outer.empty()) return malformed_ocsp("not an OCSPResponse in DER, or bytes behind it");
  if (status->front() != 0) {
    const auto error = static_cast<OcspError>(status->front());
    const bool passes = error == OcspError::try_later || error == OcspError::internal_error;
    return fail(passes ? ErrorCode::unavailable : ErrorCode::verification_failed, "ocsp-refused",
                "the responder answers " + std::string(status_text(static_cast<std::uint8_t>(error))), "ocsp");
  }
  auto wrapped = fields->enter(context_constructed(0));
  auto bytes = wrapped && fields->empty() ? wrapped->enter(Tag::sequence) : std::nullopt;
  const auto kind = bytes && wrapped->empty() ? bytes->value(Tag::object_identifier) : std::nullopt;
  const auto octets = kind ? bytes->value(Tag::octet_string) : std::nullopt;
  if (!octets || !bytes->empty() || *kind != oid_octets::ocsp_basic) return malformed_ocsp("the answer is not a BasicOCSPResponse");
  DerReader document(*octets);
  const auto basic = document.enter(Tag::sequence);
  if (!basic || !document.empty()) return malformed_ocsp("the BasicOCSPResponse is not well-formed");
  return *basic;
}

struct Basic {
  SignedObject object;
  std::vector<Certificate> certificates;
};

Result<Basic> read_parts(DerReader basic) {
  const auto body = basic.encoded(Tag::sequence);
  const auto algorithm = body ? basic.encoded(Tag::sequence) : std::nullopt;
  const auto signature = algorithm ? basic.bit_string() : std::nullopt;
  if (!signature) return malformed_ocsp("the BasicOCSPResponse is not well-formed");
  Basic parts{{*body, *algorithm, *signature}, {}};
  if (auto wrapped = basic.enter(context_constructed(0))) {
    auto list = wrapped->enter(Tag::sequence);
    if (!list || !wrapped->empty()) return malformed_ocsp("the certificates of the answer are not well-formed");
    while (!list->empty()) {
      const auto encoded = list->encoded(Tag::sequence);
      if (!encoded) return malformed_ocsp("the certificates of the answer are not well-formed");
      auto certificate = Certificate::parse(*encoded);
      if (!certificate) return forward(std::move(certificate));
      parts.certificates.push_back(std::move(*certificate));
    }
  }
  if (!basic.empty()) return malformed_ocsp("there are bytes behind the BasicOCSPResponse");
  return parts;
}

// RFC 6960 section 4.2.2.2: the issuer itself, or whom it certified for OCSPSigning.
bool may_answer_for(const Certificate& responder, const Certificate& issuer, const crypto::PublicKey& issuer_key, Instant at) {
  if (responder.der() == issuer.der()) return true;
  const auto& usages = responder.extended_key_usages();
  return responder.issuer() == issuer.subject() && responder.signed_by(issuer_key) && responder.not_before() <= at &&
         at <= responder.not_after() && std::find(usages.begin(), usages.end(), oid::ocsp_signing) != usages.end();
}

struct ResponseData {
  std::string_view responder_id;  // encoded
  Instant produced_at;
  DerReader singles;
  std::string nonce{};
};

// The octets of the nonce among responseExtensions; nullopt: they are not well-formed.
std::optional<std::string> nonce_among(DerReader wrapped) {
  const auto list = wrapped.enter(Tag::sequence);
  const auto extensions = list && wrapped.empty() ? read_extensions(*list) : std::nullopt;
  if (!extensions) return std::nullopt;
  for (const Extension& extension : *extensions) {
    if (extension.identifier != oid_octets::ocsp_nonce) continue;
    DerReader value(extension.value);
    const auto octets = value.value(Tag::octet_string);
    return std::string(octets && value.empty() ? *octets : extension.value);
  }
  return std::string();
}

std::optional<ResponseData> read_response_data(std::string_view body) {
  DerReader outer(body);
  auto fields = outer.enter(Tag::sequence);
  if (!fields) return std::nullopt;
  if (fields->next_is(context_constructed(0))) return std::nullopt;  // version: v1 is the default and left out
  const auto responder = fields->any();
  const auto produced_at = responder ? read_generalized_time(*fields) : std::nullopt;
  const auto singles = produced_at ? fields->enter(Tag::sequence) : std::nullopt;
  if (!singles) return std::nullopt;
  ResponseData data{responder->encoded, *produced_at, *singles};
  if (fields->empty()) return data;
  const auto extensions = fields->enter(context_constructed(1));
  auto nonce = extensions && fields->empty() ? nonce_among(*extensions) : std::nullopt;
  if (!nonce) return std::nullopt;
  data.nonce = *std::move(nonce);
  return data;
}

bool is_named(const Certificate& certificate, std::string_view responder_id) {
  return responder_id == der(context_constructed(2), der(Tag::octet_string, OcspIssuer::of(certificate).key_sha1)) ||
         responder_id == der(context_constructed(1), certificate.subject().der());
}

// SingleResponse behind its CertID.
std::optional<OcspAnswer> read_single(DerReader fields) {
  OcspAnswer answer{CertificateStatus::unknown, Instant::from_seconds(0), Instant::from_seconds(0), std::nullopt,
                    RevocationReason::unspecified};
  const auto status = fields.any();
  if (!status) return std::nullopt;
  if (status->tag == context(0) && status->value.empty()) {
    answer.status = CertificateStatus::good;
  } else if (status->tag == context_constructed(1)) {
    answer.status = CertificateStatus::revoked;
    DerReader info(status->value);
    answer.revocation_date = read_generalized_time(info);
    if (!answer.revocation_date) return std::nullopt;
    if (auto wrapped = info.enter(context_constructed(0))) {
      const auto code = wrapped->value(Tag::enumerated);
      const auto reason = code && code->size() == 1 ? revocation_reason(static_cast<std::uint8_t>(code->front())) : std::nullopt;
      if (!reason || !wrapped->empty()) return std::nullopt;
      answer.reason = *reason;
    }
    if (!info.empty()) return std::nullopt;
  } else if (status->tag != context(2) || !status->value.empty()) {
    return std::nullopt;
  }
  const auto this_update = read_generalized_time(fields);
  auto wrapped = this_update ? fields.enter(context_constructed(0)) : std::nullopt;
  const auto next_update = wrapped ? read_generalized_time(*wrapped) : std::nullopt;
  if (!next_update || !wrapped->empty()) return std::nullopt;
  if (!fields.empty() && (!fields.value(context_constructed(1)) || !fields.empty())) return std::nullopt;
  answer.this_update = *this_update;
  answer.next_update = *next_update;
  return answer;
}

}  // namespace

Result<void> OcspAnswer::is_current(Instant now, std::string_view nonce_sent) const {
  const auto no_proof = [](const char* reason, std::string detail) {
    return fail(ErrorCode::verification_failed, reason, std::move(detail), "ocsp");
  };
  if (nonce != nonce_sent) {
    return no_proof("ocsp-replayed", nonce.empty() ? "the answer does not carry the nonce that was sent: it may be an old one"
                                                   : "the answer carries another nonce than the one that was sent: it is an old one");
  }
  if (next_update + kClockTolerance < now) {
    return no_proof("ocsp-not-current", "the answer ended at " + next_update.rfc3339_seconds() + "; is a clock wrong?");
  }
  if (now + kClockTolerance < this_update) {
    return no_proof("ocsp-not-current", "the answer begins only at " + this_update.rfc3339_seconds() + "; is a clock wrong?");
  }
  return {};
}

Result<OcspAnswer> parse_ocsp_answer(std::string_view der, const Certificate& issuer, const SerialNumber& serial) {
  const auto basic = read_basic(der);
  if (!basic) return forward(basic);
  const auto parts = read_parts(*basic);
  if (!parts) return forward(parts);
  auto data = read_response_data(parts->object.body);
  if (!data) return malformed_ocsp("the ResponseData is not well-formed");
  const auto issuer_key = issuer.public_key();
  if (!issuer_key) return forward(issuer_key);

  std::vector<Certificate> candidates = parts->certificates;
  candidates.push_back(issuer);
  const auto responder =
      std::find_if(candidates.begin(), candidates.end(), [&](const Certificate& c) { return is_named(c, data->responder_id); });
  if (responder == candidates.end()) return untrusted("the certificate that the responder names is not in the answer");
  if (!may_answer_for(*responder, issuer, *issuer_key, data->produced_at)) {
    return untrusted("the responder " + responder->subject().text() + " is not certified by the issuer for OCSP signing");
  }
  const auto key = responder->public_key();
  if (!key || !parts->object.holds(*key)) return untrusted("the signature of the answer does not hold");

  const OcspIssuer identity = OcspIssuer::of(issuer);
  while (!data->singles.empty()) {
    auto fields = data->singles.enter(Tag::sequence);
    const auto id = fields ? read_cert_id(*fields) : std::nullopt;
    if (!id) return malformed_ocsp("a SingleResponse is not well-formed");
    if (id->serial != serial || !identity.matches(*id)) continue;
    auto answer = read_single(*fields);
    if (!answer) return malformed_ocsp("a SingleResponse is not well-formed, or has no nextUpdate");
    answer->nonce = std::move(data->nonce);
    return *std::move(answer);
  }
  return fail(ErrorCode::not_found, "ocsp-other-certificate", "the answer does not speak of this certificate", "ocsp");
}

}  // namespace quicklime::pki
