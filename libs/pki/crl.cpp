#include "pki/crl.hpp"

#include <array>

#include "pki/der.hpp"
#include "pki/der_time.hpp"
#include "pki/lint.hpp"
#include "pki/object_identifier.hpp"
#include "pki/signed_object.hpp"

namespace quicklime::pki {
namespace {
constexpr std::array kReasons{
    RevocationReason::unspecified,         RevocationReason::key_compromise,      RevocationReason::ca_compromise,
    RevocationReason::affiliation_changed, RevocationReason::superseded,          RevocationReason::cessation_of_operation,
    RevocationReason::certificate_hold,    RevocationReason::privilege_withdrawn, RevocationReason::aa_compromise,
};

Failure malformed_crl(std::string detail) { return fail(ErrorCode::invalid, "crl-malformed", std::move(detail), "crl"); }

std::string folded(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '-' || c == '_') continue;
    out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return out;
}

std::optional<RevocationReason> read_reason(std::string_view value) {
  DerReader reader(value);
  const auto octets = reader.value(Tag::enumerated);
  if (!octets || octets->size() != 1 || !reader.empty()) return std::nullopt;
  return revocation_reason(static_cast<std::uint8_t>(octets->front()));
}

// The extensions of one entry. Unknown critical ones change what the entry means (RFC 5280 section 5.3): refused.
std::optional<RevocationReason> read_entry_extensions(DerReader list) {
  const auto extensions = read_extensions(list);
  if (!extensions) return std::nullopt;
  RevocationReason reason = RevocationReason::unspecified;
  for (const Extension& extension : *extensions) {
    if (extension.identifier == oid_octets::reason_code) {
      const auto read = read_reason(extension.value);
      if (!read) return std::nullopt;
      reason = *read;
    } else if (extension.critical && extension.identifier != oid_octets::invalidity_date) {
      return std::nullopt;
    }
  }
  return reason;
}

// RFC 5280 section 5.1, one of revokedCertificates:
//   SEQUENCE { userCertificate INTEGER, revocationDate Time, crlEntryExtensions Extensions OPTIONAL }
std::optional<CrlEntry> read_entry(DerReader& entries) {
  auto fields = entries.enter(Tag::sequence);
  const auto octets = fields ? fields->unsigned_integer() : std::nullopt;
  const auto date = octets ? read_time(*fields) : std::nullopt;
  if (!date) return std::nullopt;
  auto serial = SerialNumber::from_octets(*octets);
  if (!serial) return std::nullopt;
  RevocationReason reason = RevocationReason::unspecified;
  if (!fields->empty()) {
    const auto list = fields->enter(Tag::sequence);
    const auto read = list && fields->empty() ? read_entry_extensions(*list) : std::nullopt;
    if (!read) return std::nullopt;
    reason = *read;
  }
  return CrlEntry{*serial, *date, reason};
}
}  // namespace

std::string_view name(RevocationReason reason) {
  switch (reason) {
    case RevocationReason::unspecified: return "unspecified";
    case RevocationReason::key_compromise: return "keyCompromise";
    case RevocationReason::ca_compromise: return "cACompromise";
    case RevocationReason::affiliation_changed: return "affiliationChanged";
    case RevocationReason::superseded: return "superseded";
    case RevocationReason::cessation_of_operation: return "cessationOfOperation";
    case RevocationReason::certificate_hold: return "certificateHold";
    case RevocationReason::remove_from_crl: return "removeFromCRL";
    case RevocationReason::privilege_withdrawn: return "privilegeWithdrawn";
    case RevocationReason::aa_compromise: return "aACompromise";
  }
  return {};
}

Result<RevocationReason> parse_revocation_reason(std::string_view text) {
  const std::string wanted = folded(text);
  std::string known;
  for (const RevocationReason reason : kReasons) {
    if (folded(name(reason)) == wanted) return reason;
    known += (known.empty() ? "" : ", ") + std::string(name(reason));
  }
  return fail(ErrorCode::invalid, "reason-unknown", "no such revocation reason; use one of " + known, "reason");
}

std::optional<RevocationReason> revocation_reason(std::uint8_t code) {
  if (code == static_cast<std::uint8_t>(RevocationReason::remove_from_crl)) return RevocationReason::remove_from_crl;
  for (const RevocationReason reason : kReasons) {
    if (static_cast<std::uint8_t>(reason) == code) return reason;
  }
  return std::nullopt;
}

void append_crl_entry(std::string& out, const SerialNumber& serial, Instant revocation_date, RevocationReason reason) {
  std::string fields = der_integer(serial.octets());
  append_time(fields, revocation_date);
  if (reason != RevocationReason::unspecified) {
    const char code = static_cast<char>(reason);
    std::string extensions;
    append_extension(extensions, oid_octets::reason_code, Critical::no, der(Tag::enumerated, {&code, 1}));
    append_der(fields, Tag::sequence, extensions);
  }
  append_der(out, Tag::sequence, fields);
}

Result<CrlParts> sign_crl(const CrlFields& fields, std::string_view entries, const crypto::Signer& signer) {
  // TBSCertList, RFC 5280 section 5.1
  std::string head = der_integer(1);
  head += algorithm_identifier(signer.algorithm());
  head += fields.issuer.der();
  append_time(head, fields.this_update);
  append_time(head, fields.next_update);
  if (!entries.empty()) head += der_header(Tag::sequence, entries.size());

  std::string extensions;
  append_extension(extensions, oid_octets::authority_key_identifier, Critical::no,
                   authority_key_identifier_value(fields.authority_key_identifier));
  append_extension(extensions, oid_octets::crl_number, Critical::no, der_integer(fields.number));
  const std::string tail = der(context_constructed(0), der(Tag::sequence, extensions));

  const std::size_t content = head.size() + entries.size() + tail.size();
  std::string body = der_header(Tag::sequence, content);
  const std::size_t head_size = body.size() + head.size();
  body.reserve(body.size() + content);
  body += head;
  body += entries;
  body += tail;
  if (auto linted = lint_crl(body); !linted) return forward(linted);
  const auto signature = signer.sign(body);
  if (!signature) return forward(signature);

  const std::string part = signature_part(signer.algorithm(), *signature);
  CrlParts parts;
  parts.before = der_header(Tag::sequence, body.size() + part.size());
  parts.before.append(body, 0, head_size);
  parts.after = tail + part;
  return parts;
}

Result<std::vector<CrlEntry>> read_crl_entries(std::string_view entries) {
  std::vector<CrlEntry> read;
  DerReader reader(entries);
  while (!reader.empty()) {
    const auto entry = read_entry(reader);
    if (!entry) return malformed_crl("an entry is not well-formed, or has an unknown critical extension");
    read.push_back(*entry);
  }
  return read;
}

// RFC 5280 section 5.1:
//   CertificateList ::= SEQUENCE { tbsCertList, signatureAlgorithm AlgorithmIdentifier, signature BIT STRING }
//   TBSCertList     ::= SEQUENCE { version INTEGER OPTIONAL, signature AlgorithmIdentifier, issuer Name, thisUpdate Time,
//                                  nextUpdate Time OPTIONAL, revokedCertificates SEQUENCE OF OPTIONAL,
//                                  crlExtensions [0] EXPLICIT Extensions OPTIONAL }
Result<Crl> Crl::parse(std::string_view der) {
  const auto document = read_signed_document(der);
  if (!document) return malformed_crl("not a CertificateList in DER, or bytes behind it");
  DerReader body(document->body);
  auto fields = body.enter(Tag::sequence);
  const auto version = fields ? fields->small_integer() : std::nullopt;
  const auto algorithm = version ? fields->encoded(Tag::sequence) : std::nullopt;
  if (!algorithm || *version != 1 || *algorithm != document->algorithm)
    return malformed_crl("not a CRL of version 2 with one signature algorithm");
  const auto issuer_der = fields->encoded(Tag::sequence);
  const auto this_update = issuer_der ? read_time(*fields) : std::nullopt;
  const auto next_update = this_update ? read_time(*fields) : std::nullopt;
  if (!next_update) return malformed_crl("issuer, thisUpdate and nextUpdate are not well-formed");
  auto issuer = Name::from_der(*issuer_der);
  if (!issuer) return malformed_crl("issuer: " + issuer.error().detail);
  Crl crl(std::string(der), std::move(*issuer), *this_update, *next_update);
  crl.signature_ = std::string(document->signature);

  if (fields->next_is(Tag::sequence)) {
    const auto content = fields->value(Tag::sequence);
    if (!content || content->empty()) return malformed_crl("revokedCertificates is there and empty");
    auto entries = read_crl_entries(*content);
    if (!entries) return forward(entries);
    crl.entries_ = std::move(*entries);
  }
  auto wrapped = fields->enter(context_constructed(0));
  const auto list = wrapped ? wrapped->enter(Tag::sequence) : std::nullopt;
  const auto extensions = list && wrapped->empty() && fields->empty() ? read_extensions(*list) : std::nullopt;
  if (!extensions) return malformed_crl("the extensions are not well-formed");
  for (const Extension& extension : *extensions) {
    if (extension.identifier == oid_octets::crl_number) {
      DerReader value(extension.value);
      const auto number = value.unsigned_integer();
      if (!number || !value.empty()) return malformed_crl("the CRL number is not well-formed");
      crl.number_ = std::string(*number);
    } else if (extension.critical) {
      return malformed_crl("unknown critical extension " + oid_text(extension.identifier));
    }
  }
  return crl;
}

bool Crl::signed_by(const crypto::PublicKey& issuer_key) const {
  const auto document = read_signed_document(der_);
  return document && document->holds(issuer_key);
}

}  // namespace quicklime::pki
