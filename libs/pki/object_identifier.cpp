#include "pki/object_identifier.hpp"

#include <openssl/objects.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <memory>

#include "pki/der.hpp"

namespace quicklime::pki {
namespace {
using crypto::SignatureAlgorithm;
using namespace std::string_view_literals;

struct KnownAlgorithm {
  SignatureAlgorithm algorithm;
  std::string_view encoded;
};
// ECDSA: parameters absent (RFC 5758 section 3.2). RSA: NULL, and absent is to be accepted (RFC 4055 section 5).
constexpr std::array kAlgorithms{
    KnownAlgorithm{SignatureAlgorithm::ecdsa_sha256, "\x30\x0A\x06\x08\x2A\x86\x48\xCE\x3D\x04\x03\x02"sv},
    KnownAlgorithm{SignatureAlgorithm::ecdsa_sha384, "\x30\x0A\x06\x08\x2A\x86\x48\xCE\x3D\x04\x03\x03"sv},
    KnownAlgorithm{SignatureAlgorithm::ecdsa_sha512, "\x30\x0A\x06\x08\x2A\x86\x48\xCE\x3D\x04\x03\x04"sv},
    KnownAlgorithm{SignatureAlgorithm::rsa_sha256, "\x30\x0D\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0B\x05\x00"sv},
    KnownAlgorithm{SignatureAlgorithm::rsa_sha384, "\x30\x0D\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0C\x05\x00"sv},
    KnownAlgorithm{SignatureAlgorithm::rsa_sha512, "\x30\x0D\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0D\x05\x00"sv},
    KnownAlgorithm{SignatureAlgorithm::ed25519, "\x30\x05\x06\x03\x2B\x65\x70"sv},  // RFC 8410 section 3
    KnownAlgorithm{SignatureAlgorithm::rsa_sha256, "\x30\x0B\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0B"sv},
    KnownAlgorithm{SignatureAlgorithm::rsa_sha384, "\x30\x0B\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0C"sv},
    KnownAlgorithm{SignatureAlgorithm::rsa_sha512, "\x30\x0B\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0D"sv},
};

// Octets of an arc. 19 hold the 128 bits of a UUID below 2.25 (X.667).
constexpr std::size_t kLongestArc = 19;

void append_base128(std::string& out, std::uint64_t arc) {
  unsigned groups = 1;
  while (groups < 10 && (arc >> (7U * groups)) != 0) ++groups;
  for (unsigned i = groups; i-- > 0;) out.push_back(static_cast<char>(((arc >> (7U * i)) & 0x7FU) | (i == 0 ? 0U : 0x80U)));
}
}  // namespace

bool is_oid(std::string_view content) {
  std::size_t inside = 0;  // octets of the arc so far
  for (char c : content) {
    const auto octet = static_cast<unsigned char>(c);
    if (inside == 0 && octet == 0x80U) return false;  // not the shortest form
    if (++inside > kLongestArc) return false;
    if ((octet & 0x80U) == 0) inside = 0;
  }
  return !content.empty() && inside == 0;
}

std::string oid_text(std::string_view content) {
  if (!is_oid(content)) return {};
  const std::string encoded = der(Tag::object_identifier, content);
  const auto* octets = reinterpret_cast<const unsigned char*>(encoded.data());
  const std::unique_ptr<ASN1_OBJECT, decltype(&ASN1_OBJECT_free)> object(
      d2i_ASN1_OBJECT(nullptr, &octets, static_cast<long>(encoded.size())), &ASN1_OBJECT_free);
  const int size = object ? OBJ_obj2txt(nullptr, 0, object.get(), 1) : 0;
  if (size <= 0) return {};
  std::string text(static_cast<std::size_t>(size) + 1, '\0');
  OBJ_obj2txt(text.data(), size + 1, object.get(), 1);
  text.pop_back();
  return text;
}

std::string oid_content(std::string_view dotted) {
  std::string content;
  std::uint64_t first = 0;
  int count = 0;
  const char* at = dotted.data();
  const char* end = at + dotted.size();
  for (;; ++count) {
    std::uint64_t arc = 0;
    const auto parsed = std::from_chars(at, end, arc);
    if (parsed.ec != std::errc{} || arc >> 62U != 0) return {};
    if (count == 0) {
      if (arc > 2) return {};
      first = arc;
    } else if (count == 1) {
      if (first < 2 && arc >= 40) return {};
      append_base128(content, first * 40 + arc);
    } else {
      append_base128(content, arc);
    }
    if (parsed.ptr == end) break;
    if (*parsed.ptr != '.') return {};
    at = parsed.ptr + 1;
  }
  return count == 0 ? std::string() : content;
}

std::string_view algorithm_identifier(SignatureAlgorithm algorithm) {
  for (const KnownAlgorithm& known : kAlgorithms) {
    if (known.algorithm == algorithm) return known.encoded;
  }
  return {};
}

std::optional<SignatureAlgorithm> read_algorithm_identifier(std::string_view encoded) {
  for (const KnownAlgorithm& known : kAlgorithms) {
    if (known.encoded == encoded) return known.algorithm;
  }
  return std::nullopt;
}

}  // namespace quicklime::pki
