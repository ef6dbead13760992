// Property: what a CSR asks for can be written and read back.
#include <cstdlib>

#include "pki/csr.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace quicklime::pki;
  const auto csr = Csr::parse({reinterpret_cast<const char*>(data), size});
  if (!csr || csr->alternative_names().empty()) return 0;
  if (decode_alternative_names(encode_alternative_names(csr->alternative_names())) != csr->alternative_names()) std::abort();
  return 0;
}
