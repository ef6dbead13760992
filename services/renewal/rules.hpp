#pragma once
// What may be renewed, and as what: pure functions.

#include "ca/profile.hpp"
#include "pki/csr.hpp"
#include "renewal/view.hpp"

namespace quicklime::renewal {

struct Policy {
  Milliseconds after_expiry;
  bool allow_same_key;
  bool may_be_longer = true;  // false: it asks to live longer than its predecessor, and no administrator asks
};

// "renewal-lifetime" (403, not may_be_longer), "predecessor-expired" (409, longer ago than the policy says or than it lived), "key-reused",
// "renewal-names" (a CSR that names anything names exactly what the predecessor has), each naming the field.
Result<void> check(const Predecessor& old, const pki::Csr& csr, const Policy& policy, Milliseconds longest, Instant now);

// From its making: what gives a successor the predecessor's duration, or what the predecessor had then, whichever is more. The
// one is exact as long as certificates are backdated by as much as they were, the other whatever that is.
Milliseconds longest_lifetime(const Predecessor& old, Milliseconds backdate);
// That, as far as its profile still allows it.
Milliseconds inherited_lifetime(const Predecessor& old, Milliseconds longest, const std::vector<ca::Profile>& profiles);

// Hex: what makes two requests the same. The CSR without its signature, and the lifetime that was asked for; not the proof,
// which an ECDSA key makes differently each time.
std::string request_sha256(const pki::Csr& csr, const std::optional<Milliseconds>& lifetime);

}  // namespace quicklime::renewal
