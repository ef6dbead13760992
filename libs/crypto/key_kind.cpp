#include "crypto/key_kind.hpp"

#include <algorithm>

namespace quicklime::crypto {
namespace {
using namespace std::string_view_literals;

constexpr std::string_view kRsaAlgorithm = "\x30\x0D\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01\x05\x00"sv;  // the parameters MUST be NULL

bool same_letters(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), [&](char a, char b) { return lower(a) == lower(b); });
}
}  // namespace

const std::array<KeyKindRow, 7>& key_kinds() {
  static constexpr std::array<KeyKindRow, 7> kTable{{
      {KeyKind::p256, "P-256", KeyFamily::ec, "\x30\x13\x06\x07\x2A\x86\x48\xCE\x3D\x02\x01\x06\x08\x2A\x86\x48\xCE\x3D\x03\x01\x07"sv,
       SignatureAlgorithm::ecdsa_sha256, 256, 72, false, false},
      {KeyKind::p384, "P-384", KeyFamily::ec, "\x30\x10\x06\x07\x2A\x86\x48\xCE\x3D\x02\x01\x06\x05\x2B\x81\x04\x00\x22"sv,
       SignatureAlgorithm::ecdsa_sha384, 384, 104, true, false},
      {KeyKind::p521, "P-521", KeyFamily::ec, "\x30\x10\x06\x07\x2A\x86\x48\xCE\x3D\x02\x01\x06\x05\x2B\x81\x04\x00\x23"sv,
       SignatureAlgorithm::ecdsa_sha512, 521, 139, true, false},
      {KeyKind::ed25519, "Ed25519", KeyFamily::edwards, "\x30\x05\x06\x03\x2B\x65\x70"sv, SignatureAlgorithm::ed25519, 255, 64, false,
       false},
      {KeyKind::rsa2048, "RSA-2048", KeyFamily::rsa, kRsaAlgorithm, SignatureAlgorithm::rsa_sha256, 2048, 256, true, true},
      {KeyKind::rsa3072, "RSA-3072", KeyFamily::rsa, kRsaAlgorithm, SignatureAlgorithm::rsa_sha256, 3072, 384, true, true},
      {KeyKind::rsa4096, "RSA-4096", KeyFamily::rsa, kRsaAlgorithm, SignatureAlgorithm::rsa_sha256, 4096, 512, true, true},
  }};
  return kTable;
}

const KeyKindRow& row(KeyKind kind) { return key_kinds().at(static_cast<std::size_t>(kind)); }  // in the order of the enum: a test
std::string_view name(KeyKind kind) { return row(kind).name; }

Result<KeyKind> parse_key_kind(std::string_view text) {
  for (const KeyKindRow& one : key_kinds()) {
    if (same_letters(text, one.name)) return one.kind;
  }
  return fail(ErrorCode::invalid, "key-kind-unsupported", "unknown kind of key '" + std::string(text) + "'; known are " + key_kind_list());
}

std::vector<std::string> key_kind_names() {
  std::vector<std::string> names;
  for (const KeyKindRow& one : key_kinds()) names.emplace_back(one.name);
  return names;
}

std::string key_kind_list() {
  std::string list;
  for (const KeyKindRow& one : key_kinds()) list += (list.empty() ? "" : ", ") + std::string(one.name);
  return list;
}

std::string_view name(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::ecdsa_sha256: return "ecdsa-with-SHA256";
    case SignatureAlgorithm::rsa_sha256: return "sha256WithRSAEncryption";
    case SignatureAlgorithm::ecdsa_sha384: return "ecdsa-with-SHA384";
    case SignatureAlgorithm::ecdsa_sha512: return "ecdsa-with-SHA512";
    case SignatureAlgorithm::rsa_sha384: return "sha384WithRSAEncryption";
    case SignatureAlgorithm::rsa_sha512: return "sha512WithRSAEncryption";
    case SignatureAlgorithm::ed25519: return "Ed25519";
  }
  return {};
}

std::size_t longest_signature(SignatureAlgorithm algorithm) {
  std::size_t longest = 0;
  for (const KeyKindRow& one : key_kinds()) {
    if (one.signature == algorithm) longest = std::max(longest, one.longest_signature);
  }
  return longest;
}

}  // namespace quicklime::crypto
