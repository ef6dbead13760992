#pragma once
// What this role knows of a certificate that somebody wants renewed.

#include "ca/decisions.hpp"
#include "pki/certificate.hpp"
#include "runtime/service.hpp"

namespace quicklime::renewal {

struct Record {
  views::Meta meta;
  ca::CertificateRecord record;
};
// From the view. "certificate-unknown" only once the view has held everything that was in the log when this was asked: it
// waits for that up to two seconds, then "view-stale".
async::Task<Result<Record>> find(const api::ServiceContext& context, SerialNumber serial);

// With what stands in its event: the view keeps the offset, not the certificate.
struct Predecessor {
  ca::CertificateRecord record;
  events::CertificateIssued issued;
  Instant issued_at;
  pki::Certificate certificate;
};
async::Task<Result<Predecessor>> read_predecessor(const api::ServiceContext& context, ca::CertificateRecord record);

// A key that was reported as compromised proves nothing, of whichever of its certificates that was said: "predecessor-key-blocked" (403).
// From the view as it is: what is known to be blocked stays so, and what came since is for the verdict.
async::Task<Result<void>> require_trusted_key(const api::ServiceContext& context, const Predecessor& old);

}  // namespace quicklime::renewal
