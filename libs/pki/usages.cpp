#include "pki/usages.hpp"

#include <algorithm>
#include <array>

#include "pki/object_identifier.hpp"

namespace quicklime::pki {
namespace {

struct NamedUsage {
  std::string_view name;
  std::string_view dotted;
};
constexpr std::array kExtendedUsages{
    NamedUsage{"serverAuth", oid::server_auth},  // RFC 5280 section 4.2.1.12
    NamedUsage{"clientAuth", oid::client_auth},
    NamedUsage{"codeSigning", "1.3.6.1.5.5.7.3.3"},
    NamedUsage{"emailProtection", "1.3.6.1.5.5.7.3.4"},
    NamedUsage{"timeStamping", oid::time_stamping},
    NamedUsage{"OCSPSigning", oid::ocsp_signing},
    NamedUsage{"eapOverPPP", "1.3.6.1.5.5.7.3.13"},  // RFC 4334
    NamedUsage{"eapOverLAN", "1.3.6.1.5.5.7.3.14"},
    NamedUsage{"ipsecIKE", "1.3.6.1.5.5.7.3.17"},         // RFC 4945
    NamedUsage{"sipDomain", "1.3.6.1.5.5.7.3.20"},        // RFC 5924
    NamedUsage{"documentSigning", "1.3.6.1.5.5.7.3.36"},  // RFC 9336
    NamedUsage{"pkinitClientAuth", "1.3.6.1.5.2.3.4"},    // RFC 4556
    NamedUsage{"pkinitKdc", "1.3.6.1.5.2.3.5"},
    NamedUsage{"smartCardLogon", "1.3.6.1.4.1.311.20.2.2"},  // Microsoft
    NamedUsage{"microsoftDocumentSigning", "1.3.6.1.4.1.311.10.3.12"},
    NamedUsage{"remoteDesktop", "1.3.6.1.4.1.311.54.1.2"},
};
constexpr std::array kKeyUsages{
    std::string_view("digitalSignature"), std::string_view("contentCommitment"), std::string_view("keyEncipherment"),
    std::string_view("dataEncipherment"), std::string_view("keyAgreement"),      std::string_view("keyCertSign"),
    std::string_view("cRLSign"),
};

bool is_same(std::string_view left, std::string_view right) {
  const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), [&](char a, char b) { return small(a) == small(b); });
}

Failure unknown_usage(std::string_view text, const std::string& known) {
  return fail(ErrorCode::invalid, "usage-unknown", "there is no usage '" + std::string(text) + "'; there are " + known);
}
}  // namespace

std::string_view name(KeyUsage usage) { return kKeyUsages.at(static_cast<std::size_t>(usage)); }

Result<KeyUsage> parse_key_usage(std::string_view text) {
  if (is_same(text, "nonRepudiation")) return KeyUsage::content_commitment;
  std::string known;
  for (std::size_t at = 0; at < kKeyUsages.size(); ++at) {
    if (is_same(text, kKeyUsages.at(at))) return static_cast<KeyUsage>(at);
    known += (at == 0 ? "" : ", ") + std::string(kKeyUsages.at(at));
  }
  return unknown_usage(text, known);
}

Result<std::string> parse_extended_key_usage(std::string_view text) {
  std::string known;
  for (const NamedUsage& one : kExtendedUsages) {
    if (is_same(text, one.name)) return std::string(one.dotted);
    known += (known.empty() ? "" : ", ") + std::string(one.name);
  }
  if (!oid_content(text).empty() && text.find('.') != std::string_view::npos) return std::string(text);
  return unknown_usage(text, known + ", and object identifiers such as 1.3.6.1.5.5.7.3.1");
}

std::string extended_key_usage_name(std::string_view dotted) {
  for (const NamedUsage& one : kExtendedUsages) {
    if (dotted == one.dotted) return std::string(one.name);
  }
  return std::string(dotted);
}

}  // namespace quicklime::pki
