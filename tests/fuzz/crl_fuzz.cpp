// Property: the entries of a CRL can be written and stand in it.
#include <cstdlib>

#include "pki/crl.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace quicklime::pki;
  const auto crl = Crl::parse({reinterpret_cast<const char*>(data), size});
  if (!crl) return 0;
  for (const Crl::Entry& entry : crl->entries()) {
    if (crl->der().find(entry.serial.octets()) == std::string::npos || !revocation_reason(static_cast<std::uint8_t>(entry.reason)))
      std::abort();
  }
  return 0;
}
