// Property: whatever stands in a path, it is read in a small counted number of ways, and only if it is short.
#include <cstdlib>

#include "base/work.hpp"
#include "ocsp/get_path.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace quicklime;
  const auto before = work::counted(work::Kind::ocsp_reading);
  const auto requests = ocsp::requests_in_path({reinterpret_cast<const char*>(data), size});
  const auto tried = work::counted(work::Kind::ocsp_reading) - before;
  if (tried > ocsp::kReadings || requests.size() > tried || (size > ocsp::kLongestPath && tried != 0)) std::abort();
  if (requests.size() > 1) {
    for (const auto& request : requests) {
      if (request.cert_ids.size() != 1) std::abort();
    }
  }
  return 0;
}
