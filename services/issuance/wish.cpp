#include "issuance/wish.hpp"

#include "pki/pem.hpp"
#include "runtime/request_input.hpp"

namespace quicklime::issuance {
namespace {

bool is_json(const http::Request& request, const std::string& type) {
  return type == "application/json" || (type.empty() && request.body.starts_with('{'));
}

// A DER SEQUENCE, or PEM armour (perhaps behind the text that `openssl req -text` writes).
bool looks_like_pkcs10(std::string_view body) { return body.starts_with('\x30') || body.find("-----BEGIN ") != std::string_view::npos; }

bool may_be_pkcs10(const http::Request& request, const std::string& type) {
  if (type == "application/pkcs10") return true;
  for (const auto* tolerated :
       {"", "text/plain", "application/x-pem-file", "application/octet-stream", "application/x-www-form-urlencoded"}) {
    if (type == tolerated) return looks_like_pkcs10(request.body);
  }
  return false;
}

Result<Wish> read_bare_wish(const http::Request& request) {
  if (auto known = runtime::only_parameters(request, {"profile", "lifetime", "service", "node"}); !known) return forward(known);
  auto der = pki::pem_or_der(request.body, "CERTIFICATE REQUEST");
  if (!der) return forward(der);
  const auto parameter = [&](std::string_view name) -> std::optional<std::string> {
    const auto found = request.query.find(name);
    return found == request.query.end() ? std::nullopt : std::optional(found->second);
  };
  return make_wish(std::move(*der), {parameter("profile"), parameter("lifetime"), parameter("service"), parameter("node")}, "");
}

}  // namespace

Result<Wish> make_wish(std::string csr_der, WishTexts texts, const std::string& where) {
  Wish wish{.csr = std::move(csr_der)};
  if (texts.profile) wish.profile = *std::move(texts.profile);
  if (texts.lifetime) {
    auto lifetime = parse_duration(*texts.lifetime);
    if (!lifetime) {
      lifetime.error().field = where + "lifetime";
      return forward(lifetime);
    }
    wish.lifetime = *lifetime;
  }
  wish.service = std::move(texts.service);
  wish.node = std::move(texts.node);
  return wish;
}

Result<Wish> read_wish(const http::Request& request) {
  const std::string type = runtime::media_type(request);
  if (request.body.empty()) {
    return fail(ErrorCode::invalid, "csr-missing", "the body is empty; send a PKCS#10 request in PEM or DER, or JSON with a member csr",
                "csr");
  }
  if (is_json(request, type)) return read_json_wish(request);
  if (may_be_pkcs10(request, type)) return read_bare_wish(request);
  return fail(ErrorCode::unsupported, "content-type-unsupported",
              "send JSON with Content-Type: application/json, or a PKCS#10 request in PEM or DER with Content-Type: application/pkcs10",
              "Content-Type");
}

}  // namespace quicklime::issuance
