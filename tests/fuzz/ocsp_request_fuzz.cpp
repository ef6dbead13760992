// Property: a CertID is the bytes that came, whole, and within the limits that the responder relies on.
#include <cstdlib>

#include "pki/ocsp.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace quicklime::pki;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto request = OcspRequest::parse(input);
  if (!request) return 0;
  if (request->cert_ids.empty() || request->cert_ids.size() > 32 || request->nonce.size() > 131) std::abort();
  for (const OcspCertId& id : request->cert_ids) {
    if (input.find(id.encoded) == std::string_view::npos || id.encoded.find(id.serial.octets()) == std::string::npos) std::abort();
  }
  return 0;
}
