#pragma once
// Who may revoke a certificate without being administrator: who has its secret or its key, or asked for it (architecture section 7).

#include <string>

#include "async/task.hpp"
#include "revocation/change.hpp"
#include "revocation/related.hpp"
#include "runtime/service.hpp"

namespace quicklime::revocation {

// Of ca::revocation_proof_text, by the certificate in the log. "certificate-unknown", "revocation-proof-wrong" (401); "key-blocked" (403):
// what a compromised key still says is that it is compromised, so with another reason it is not believed.
async::Task<Result<void>> check_signature(const api::ServiceContext& context, SerialNumber serial, Order order,
                                          std::string signature_base64);

// What the secret, the key and having asked for it cover. "hold-by-secret" (403): none of them holds. "revocation-not-covered" (403): a
// secret is for one certificate; a key, for keyCompromise, for all that have it; who asked for some revokes those that he names.
Result<void> secret_covers(const Order& order, const Scope& scope);
Result<void> key_covers(const Order& order, const Scope& scope);
Result<void> requester_covers(const Order& order, const Scope& scope);

}  // namespace quicklime::revocation
