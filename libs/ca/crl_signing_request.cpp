#include "ca/crl_signing_request.hpp"

#include "ca/crl_publication.hpp"

namespace quicklime::ca {

Result<void> check_crl_dates(const pki::Certificate& authority, Instant this_update, Instant next_update, Instant now) {
  const auto wrongly = [](const std::string& what) { return fail(ErrorCode::invalid, "crl-dated-wrongly", what, "crl"); };
  const Instant end = authority.not_after();
  const std::string until = "its nextUpdate, " + next_update.rfc3339_seconds() + ", ";
  if (this_update > now) return wrongly("its thisUpdate, " + this_update.rfc3339_seconds() + ", is still to come: is a clock wrong?");
  if (next_update <= now) return wrongly(until + "has passed; ask for what is to be signed again");
  if (next_update > end) return wrongly(until + "is after the end of the authority itself, " + end.rfc3339_seconds());
  if (next_update - now > kLongestOfflineCrl) return wrongly(until + "is more than two years away");
  if (next_update - now < kShortestOfflineCrl && next_update != end)
    return wrongly(until + "is less than an hour away; ask for what is to be signed again");
  return {};
}

Result<std::string> sign_crl(const CrlSigningRequest& request, const crypto::Signer& signer) {
  if (signer.public_key().spki() != request.certificate.spki()) {
    return fail(ErrorCode::conflict, "key-file-wrong",
                "this key is not that of " + request.authority.text() + ", whose CRL is to be signed", "key");
  }
  std::string entries;
  for (const auto& entry : request.revoked) pki::append_crl_entry(entries, entry.serial, entry.revocation_date, entry.reason);
  const auto made = make_publication({request.authority, std::nullopt, request.certificate}, signer, "", request.number, entries,
                                     {request.this_update, request.next_update, request.this_update});
  if (!made) return forward(made);
  return made->before + entries + made->after;
}

}  // namespace quicklime::ca
