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
async::Task<Result<Record>> find(const runtime::ServiceContext& context, SerialNumber serial);

// With what stands in its event: the view keeps the offset, not the certificate.
struct Predecessor {
  ca::CertificateRecord record;
  events::CertificateIssued issued;
  Instant issued_at;
  pki::Certificate certificate;
};
async::Task<Result<Predecessor>> read_predecessor(const runtime::ServiceContext& context, ca::CertificateRecord record);

}  // namespace quicklime::renewal
