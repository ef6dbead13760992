#pragma once
// Whether a certificate of this CA still proves who shows it, by what a role's own view says of it and of its key: a key that was
// reported as compromised proves nothing, whichever of its certificates was revoked for it.

#include <optional>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "ca/authorities.hpp"
#include "pki/certificate.hpp"
#include "runtime/service.hpp"

namespace quicklime::runtime {

// The authority that a certificate names as its issuer; null: none of these.
const ca::Authority* issuer_of(const pki::Certificate& certificate, const std::vector<ca::Authority>& authorities);

// Of a role that issues: its view has the records of ca/decisions.hpp.
CertificateStatus status_among_decisions();

// What to read in the role's view, and what the values say, in the same order: false when it is revoked or on hold, or its key is
// blocked. A serial and a key that are not there are none that were taken back.
std::vector<views::PointKey> standing_points(const CertificateStatus& status, const AuthorityId& issuer,
                                             const pki::Certificate& certificate);
Result<bool> stands(const CertificateStatus& status, const std::vector<std::optional<std::string>>& values);

// Of a certificate of this process's own: what the view says was taken back was, however old it is; one that cannot be read says
// nothing. One whose authority was revoked is to be replaced too, when there is another one that may issue. What is referred to lives as
// long as the task.
async::Task<bool> is_taken_back(views::View& view, const CertificateStatus& status, const ca::Authorities& authorities, const Clock& clock,
                                pki::Certificate certificate);

}  // namespace quicklime::runtime
