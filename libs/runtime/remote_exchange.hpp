#pragma once
// What is exchanged for a session, asked of quicklime-identity: in every other daemon.

#include <filesystem>
#include <memory>
#include <string>

#include "access/exchange.hpp"

namespace quicklime::runtime {

// By its certificate, each time as it is then: files are read again, so that they can be replaced.
struct AtIdentity {
  std::string url;                   // "https://quicklime-identity:8443"
  std::filesystem::path roots_file;  // PEM: whom this process trusts there, and nobody else
  std::filesystem::path own;         // <own>.key and <own>.crt: of this process
};
// A client certificate is not exchanged there: who shows one to a gateway has shown it to nobody else.
std::shared_ptr<access::Exchange> exchange_at(AtIdentity identity, const Clock& clock);

// Of identity's answer (SignedIn of docs/openapi.yaml). "answer-malformed".
Result<access::Exchanged> read_signed_in(const std::string& body);

}  // namespace quicklime::runtime
