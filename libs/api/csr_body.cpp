#include "api/csr_body.hpp"

#include <algorithm>

#include "api/request_input.hpp"
#include "base/encoding.hpp"
#include "pki/pem.hpp"

namespace quicklime::api {
namespace {

using Others = std::initializer_list<std::string_view>;
using Texts = std::map<std::string, std::string, std::less<>>;

bool is_json(const http::Request& request, const std::string& type) {
  return type == "application/json" || (type.empty() && request.body.starts_with('{'));
}

// A DER SEQUENCE, its base64, or PEM armour (perhaps behind the text that `openssl req -text` writes).
bool looks_like_pkcs10(std::string_view body) {
  return body.starts_with('\x30') || body.starts_with("MI") || body.find("-----BEGIN ") != std::string_view::npos;
}

bool may_be_pkcs10(const http::Request& request, const std::string& type) {
  if (type == "application/pkcs10") return true;
  for (const auto* tolerated :
       {"", "text/plain", "application/x-pem-file", "application/octet-stream", "application/x-www-form-urlencoded"}) {
    if (type == tolerated) return looks_like_pkcs10(request.body);
  }
  return false;
}

// PEM, or base64 of DER: JSON carries no bytes.
Result<std::string> csr_der(const std::string& text) {
  if (text.find("-----BEGIN ") != std::string::npos) return pki::pem_or_der(text, "CERTIFICATE REQUEST");
  std::string packed = text;
  std::erase_if(packed, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
  auto der = base64_decode(packed);
  if (!der) return fail(ErrorCode::invalid, "csr-malformed", "the CSR is neither PEM nor base64 of DER", "/csr");
  return *std::move(der);
}

Result<CsrBody> read_json(const http::Request& request, Others others) {
  if (auto none = only_parameters(request, {}); !none) return forward(none);
  std::vector<std::string_view> members{"csr"};
  members.insert(members.end(), others.begin(), others.end());
  auto body = JsonBody::parse(request, members);
  if (!body) return forward(body);
  Texts texts;
  for (const std::string_view member : members) {
    auto text = body->text(std::string(member));
    if (!text) return forward(text);
    if (*text) texts[std::string(member)] = **std::move(text);
  }
  const auto csr = texts.find("csr");
  if (csr == texts.end()) {
    return fail(ErrorCode::invalid, "csr-missing", "the body has no member csr: a PKCS#10 request in PEM, or base64 of its DER", "/csr");
  }
  auto der = csr_der(csr->second);
  if (!der) return forward(der);
  texts.erase(csr);
  return CsrBody{*std::move(der), std::move(texts), "/"};
}

Result<CsrBody> read_bare(const http::Request& request, Others others) {
  if (auto known = only_parameters(request, others); !known) return forward(known);
  auto der = pki::pem_or_der(request.body, "CERTIFICATE REQUEST");
  if (!der) return forward(der);
  return CsrBody{*std::move(der), request.query, ""};
}

}  // namespace

Result<pki::Csr> CsrBody::csr() const { return pki::Csr::parse(csr_der); }

std::optional<std::string> CsrBody::text(std::string_view name) const {
  const auto found = texts.find(name);
  return found == texts.end() ? std::nullopt : std::optional(found->second);
}

Result<std::optional<Milliseconds>> CsrBody::lifetime() const {
  const auto given = text("lifetime");
  if (!given) return std::optional<Milliseconds>();
  auto lifetime = parse_duration(*given);
  if (!lifetime) {
    lifetime.error().field = where + "lifetime";
    return forward(lifetime);
  }
  return std::optional(*lifetime);
}

Result<CsrBody> read_csr_body(const http::Request& request, Others others) {
  const std::string type = media_type(request);
  if (request.body.empty()) {
    return fail(ErrorCode::invalid, "csr-missing", "the body is empty; send a PKCS#10 request in PEM or DER, or JSON with a member csr",
                "csr");
  }
  if (pki::holds_private_key(request.body)) {
    return fail(ErrorCode::invalid, "private-key-sent",
                "the body holds a private key, which is compromised now, for it has left its owner: make another one, and send only the "
                "request that it signs",
                "csr");
  }
  if (is_json(request, type)) return read_json(request, others);
  if (may_be_pkcs10(request, type)) return read_bare(request, others);
  return fail(ErrorCode::unsupported, "content-type-unsupported",
              "send JSON with Content-Type: application/json, or a PKCS#10 request in PEM or DER with Content-Type: application/pkcs10",
              "Content-Type");
}

}  // namespace quicklime::api
