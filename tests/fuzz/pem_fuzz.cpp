// Property: blocks that are read can be written and read back.
#include <cstdlib>

#include "pki/pem.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace quicklime::pki;
  const auto blocks = pem_decode({reinterpret_cast<const char*>(data), size});
  if (!blocks) return 0;
  for (const PemBlock& block : *blocks) {
    const auto again = pem_decode(pem_encode(block.label, block.der));
    if (!again || again->size() != 1 || again->front().der != block.der) std::abort();
  }
  return 0;
}
