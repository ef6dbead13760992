#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "crypto/der.hpp"
#include "crypto/md5.hpp"
#include "issuance/cfssl_words.hpp"
#include "pki/name_attributes.hpp"
#include "pki/object_identifier.hpp"
#include "pki/pem.hpp"

namespace quicklime::issuance {
namespace {

using OrderedJson = nlohmann::ordered_json;

std::string dumped(const OrderedJson& json) { return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace); }

std::string pem_of(const std::string& der) { return pki::pem_encode("CERTIFICATE", der); }

// config.KeyUsage and config.ExtKeyUsage
std::vector<std::string> usages_of(const ca::Profile& profile) {
  std::vector<std::string> usages{"digital signature"};
  for (const auto& usage : profile.extended_key_usages) {
    if (usage == pki::oid::server_auth) usages.emplace_back("server auth");
    if (usage == pki::oid::client_auth) usages.emplace_back("client auth");
    if (usage == pki::oid::ocsp_signing) usages.emplace_back("ocsp signing");
  }
  return usages;
}

// certinfo.Name: what is not there is left out.
OrderedJson name_json(const pki::Name& name) {
  OrderedJson json = OrderedJson::object();
  const auto attributes = pki::attributes_of(name);
  constexpr std::pair<const char*, const char*> kMembers[] = {
      {"common_name", "CN"}, {"serial_number", "serialNumber"}, {"country", "C"},
      {"organization", "O"}, {"organizational_unit", "OU"},     {"locality", "L"},
      {"province", "ST"},    {"street_address", "STREET"},
  };
  for (const auto& [member, attribute] : kMembers) {
    for (const auto& one : attributes) {
      if (one.name == attribute) json[member] = one.value;
    }
  }
  for (const auto& one : attributes) json["names"].push_back(one.value);
  return json;
}

// "EB:8E:86"
std::string colons(const std::string& octets) {
  std::string text;
  for (const char octet : octets) {
    std::string hex = hex_encode(std::string_view(&octet, 1));
    for (char& digit : hex) digit = digit >= 'a' ? static_cast<char>(digit - 'a' + 'A') : digit;
    text += (text.empty() ? "" : ":") + hex;
  }
  return text;
}

// As Go's crypto/x509 calls them, in CFSSL's spelling.
std::string signature_algorithm_of(const pki::Certificate& certificate) {
  using crypto::SignatureAlgorithm;
  crypto::DerReader outer(certificate.der());
  auto fields = outer.enter(crypto::Tag::sequence);
  const auto to_be_signed = fields ? fields->any() : std::nullopt;
  const auto encoded = to_be_signed ? fields->encoded(crypto::Tag::sequence) : std::nullopt;
  const auto algorithm = encoded ? pki::read_algorithm_identifier(*encoded) : std::nullopt;
  if (!algorithm) return "Unknown Signature";
  switch (*algorithm) {
    case SignatureAlgorithm::ecdsa_sha256: return "ECDSAWithSHA256";
    case SignatureAlgorithm::ecdsa_sha384: return "ECDSAWithSHA384";
    case SignatureAlgorithm::ecdsa_sha512: return "ECDSAWithSHA512";
    case SignatureAlgorithm::rsa_sha256: return "SHA256WithRSA";
    case SignatureAlgorithm::rsa_sha384: return "SHA384WithRSA";
    case SignatureAlgorithm::rsa_sha512: return "SHA512WithRSA";
    default: return "Unknown Signature";
  }
}

OrderedJson sums_of(const std::string& der) {
  const auto upper = [](std::string_view digest) {
    std::string text = colons(std::string(digest));
    std::erase(text, ':');
    return text;
  };
  return {{"md5", upper(crypto::view(crypto::md5(der)))}, {"sha-1", upper(crypto::view(crypto::sha1(der)))}};
}

OrderedJson new_key_json(const MadeKey& key) {
  OrderedJson json;
  json["private_key"] = key.pem.reveal();
  json["certificate_request"] = pki::pem_encode("CERTIFICATE REQUEST", key.csr.der());
  json["sums"]["certificate_request"] = sums_of(key.csr.der());
  return json;
}

}  // namespace

std::string cfssl_info(const pki::Certificate& issuing, const ca::Profile& profile) {
  std::string pem = pem_of(issuing.der());
  while (pem.ends_with('\n')) pem.pop_back();  // as CFSSL has it here, and nowhere else
  OrderedJson json;
  json["certificate"] = pem;
  json["usages"] = usages_of(profile);
  json["expiry"] = std::to_string(profile.default_lifetime.count() / 3'600'000) + "h";
  return dumped(json);
}

std::string cfssl_certificate_info(const pki::Certificate& certificate) {
  OrderedJson json;
  json["subject"] = name_json(certificate.subject());
  json["issuer"] = name_json(certificate.issuer());
  json["serial_number"] = certificate.serial().decimal();
  for (const auto kind : {pki::NameKind::dns, pki::NameKind::ip, pki::NameKind::email, pki::NameKind::uri}) {
    for (const auto& name : certificate.alternative_names()) {
      if (name.kind == kind) json["sans"].push_back(name.value);
    }
  }
  json["not_before"] = certificate.not_before().rfc3339_seconds();
  json["not_after"] = certificate.not_after().rfc3339_seconds();
  json["sigalg"] = signature_algorithm_of(certificate);
  json["authority_key_id"] = colons(certificate.authority_key_identifier());
  json["subject_key_id"] = colons(certificate.subject_key_identifier());
  json["pem"] = pem_of(certificate.der());
  return dumped(json);
}

Secret cfssl_new_key(const MadeKey& key) { return Secret(dumped(new_key_json(key))); }

Secret cfssl_new_certificate(const MadeKey& key, const std::string& certificate_der) {
  OrderedJson json = new_key_json(key);
  json["certificate"] = pem_of(certificate_der);
  json["sums"]["certificate"] = sums_of(certificate_der);
  return Secret(dumped(json));
}

}  // namespace quicklime::issuance
