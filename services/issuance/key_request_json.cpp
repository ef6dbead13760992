#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/request_input.hpp"
#include "base/strict_json.hpp"
#include "issuance/key_request.hpp"
#include "pki/name_attributes.hpp"

namespace quicklime::issuance {
namespace {

using Members = std::vector<std::string_view>;
using JsonValue = nlohmann::json;

constexpr std::size_t kMostHosts = 100;  // as of a CSR
const Members kOfKeyRequest{"CN", "hosts", "names", "key"};

Failure wrong_kind(const std::string& member, const char* should_be) {
  return fail(ErrorCode::invalid, "member-kind", "the member " + member + " must be " + should_be, "/" + member);
}

bool contains(const Members& members, std::string_view name) { return std::find(members.begin(), members.end(), name) != members.end(); }

Result<void> only(const JsonValue& object, const Members& members, const Members& more = {}) {
  for (const auto& [name, value] : object.items()) {
    if (contains(members, name) || contains(more, name) || value.is_null()) continue;
    std::string known;
    for (const Members* list : {&members, &more}) {
      for (const auto member : *list) known.append(known.empty() ? "" : ", ").append(member);
    }
    return fail(ErrorCode::invalid, "member-unknown", "there is no member " + name + " here; those that exist: " + known, "/" + name);
  }
  return {};
}

// Null: not there.
const JsonValue* member_of(const JsonValue& object, std::string_view name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

Result<std::string> text_of(const JsonValue& object, const std::string& name) {
  const auto* value = member_of(object, name);
  if (value == nullptr) return std::string();
  if (!value->is_string()) return wrong_kind(name, "a string");
  return value->get<std::string>();
}

Result<JsonValue> parse_object(const std::string& body) {
  if (!is_strict_json_object(body)) {
    return fail(ErrorCode::invalid, "json-malformed", "the body is not one JSON object in UTF-8 whose members are named once");
  }
  return JsonValue::parse(body);
}

// CFSSL's names of attributes are those of RFC 4514. Empty ones, which its templates have, are none.
Result<pki::Name> subject_of(const JsonValue& object) {
  std::vector<pki::NameAttribute> attributes;
  if (const auto* names = member_of(object, "names")) {
    if (!names->is_array()) return wrong_kind("names", "an array of objects");
    for (const auto& one : *names) {
      if (!one.is_object()) return wrong_kind("names", "an array of objects");
      for (const char* attribute : {"C", "ST", "L", "O", "OU"}) {
        auto value = text_of(one, attribute);
        if (!value) return forward(value);
        if (!value->empty()) attributes.push_back({attribute, *std::move(value)});
      }
      if (auto known = only(one, {"C", "ST", "L", "O", "OU"}); !known) return forward(known);
    }
  }
  auto common_name = text_of(object, "CN");
  if (!common_name) return forward(common_name);
  if (!common_name->empty()) attributes.push_back({"CN", *std::move(common_name)});
  return pki::name_of(attributes);
}

Result<std::vector<pki::AlternativeName>> hosts_of(const JsonValue& object) {
  std::vector<std::string> texts;
  if (const auto* hosts = member_of(object, "hosts")) {
    if (!hosts->is_array()) return wrong_kind("hosts", "an array of strings");
    for (const auto& host : *hosts) {
      if (!host.is_string()) return wrong_kind("hosts", "an array of strings");
      texts.push_back(host.get<std::string>());
    }
  }
  return read_hosts(texts);
}

// {"algo": "ecdsa", "size": 256}, {"algo": "rsa", "size": 2048}; without it P-256, as CFSSL does.
Result<crypto::KeyKind> kind_of(const JsonValue& object) {
  const auto* key = member_of(object, "key");
  if (key == nullptr) return crypto::KeyKind::p256;
  if (!key->is_object()) return wrong_kind("key", "an object with algo and size");
  if (auto known = only(*key, {"algo", "size"}); !known) return forward(known);
  const auto algorithm = text_of(*key, "algo");
  if (!algorithm) return forward(algorithm);
  const auto* size = member_of(*key, "size");
  if (size != nullptr && !size->is_number_unsigned()) return wrong_kind("size", "a number");
  const std::string bits = size != nullptr ? std::to_string(size->get<std::uint64_t>()) : "";
  std::string name = *algorithm + (bits.empty() ? "" : "-" + bits);
  if (*algorithm == "ecdsa") name = "P-" + bits;
  if (*algorithm == "rsa") name = "RSA-" + bits;
  auto kind = crypto::parse_key_kind(name);
  if (!kind) kind.error().field = "/key";
  return kind;
}

}  // namespace

std::optional<std::string> KeyRequest::text(std::string_view name) const {
  const auto found = texts.find(name);
  return found == texts.end() ? std::nullopt : std::optional(found->second);
}

Result<std::vector<pki::AlternativeName>> read_hosts(const std::vector<std::string>& hosts) {
  if (hosts.size() > kMostHosts)
    return fail(ErrorCode::invalid, "too-many-names", "a certificate holds at most " + std::to_string(kMostHosts) + " names", "/hosts");
  std::vector<pki::AlternativeName> names;
  for (const auto& host : hosts) {
    auto name = pki::AlternativeName::guess(host);
    if (!name) {
      name.error().field = "/hosts";
      return forward(name);
    }
    if (std::find(names.begin(), names.end(), *name) == names.end()) names.push_back(*std::move(name));
  }
  return names;
}

bool is_key_request(const http::Request& request) {
  const std::string type = api::media_type(request);
  if (type != "application/json" && !(type.empty() && request.body.starts_with('{'))) return false;
  if (!is_strict_json_object(request.body)) return false;
  const auto object = JsonValue::parse(request.body);
  return !object.contains("csr") && std::any_of(kOfKeyRequest.begin(), kOfKeyRequest.end(),
                                                [&](std::string_view member) { return object.contains(std::string(member)); });
}

Result<KeyRequest> read_key_request(const std::string& body, std::initializer_list<std::string_view> beside, const char* within) {
  const auto object = parse_object(body);
  if (!object) return forward(object);
  if (auto known = within != nullptr ? only(*object, beside, {within}) : only(*object, kOfKeyRequest, beside); !known)
    return forward(known);
  const auto* asked = within != nullptr ? member_of(*object, within) : &*object;
  if (asked == nullptr || !asked->is_object())
    return fail(ErrorCode::invalid, "member-kind", std::string("the member ") + within + " must be an object", std::string("/") + within);
  if (within != nullptr) {
    if (auto known = only(*asked, kOfKeyRequest); !known) return forward(known);
  }
  auto subject = subject_of(*asked);
  if (!subject) return forward(subject);
  auto names = hosts_of(*asked);
  if (!names) return forward(names);
  const auto kind = kind_of(*asked);
  if (!kind) return forward(kind);
  KeyRequest request{.subject = *std::move(subject), .names = *std::move(names), .kind = *kind};
  for (const auto member : beside) {
    auto text = text_of(*object, std::string(member));
    if (!text) return forward(text);
    if (!text->empty()) request.texts[std::string(member)] = *std::move(text);
  }
  return request;
}

}  // namespace quicklime::issuance
