#pragma once
// What CFSSL's clients ask of an issuing CA, over the same core as POST /v1/certificates (docs/cfssl.md): info, health, certinfo, sign,
// authsign, newkey, newcert. Of the other roles revocation has revoke and crl has crl. The envelope of every answer:
// http/cfssl_envelope.hpp.

#include <memory>
#include <vector>

#include "access/exchange.hpp"
#include "issuance/keyed_issuer.hpp"

namespace quicklime::issuance {

// keys: who checks auth keys; null: nobody ("auth-keys-elsewhere").
std::vector<api::Route> cfssl_routes(const api::ServiceContext& context, std::shared_ptr<ca::Issuer> issuer,
                                     std::shared_ptr<KeyedIssuer> keyed, std::shared_ptr<access::Exchanges> keys);

}  // namespace quicklime::issuance
