// Property: what is read of a certificate stands in it, and reading it again gives the same.
#include <cstdlib>

#include "pki/certificate.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace quicklime::pki;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto certificate = Certificate::parse(input);
  if (!certificate) return 0;
  if (certificate->der() != input || input.find(certificate->spki()) == std::string_view::npos) std::abort();
  if (Name::from_der(certificate->subject().der()) != certificate->subject()) std::abort();
  if (const auto key = certificate->public_key()) (void)certificate->signed_by(*key);
  (void)certificate->subject().text();
  return 0;
}
