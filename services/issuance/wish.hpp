#pragma once
// What a client asks of POST /v1/certificates, whichever form it used; and the answer it gets.

#include <optional>
#include <string>

#include "base/result.hpp"
#include "ca/issue.hpp"
#include "http/message.hpp"

namespace quicklime::issuance {

struct Wish {
  std::string csr;  // DER, not yet parsed
  std::string profile = "tls-server";
  std::optional<Milliseconds> lifetime{};
  std::optional<std::string> service{};
  std::optional<std::string> node{};
};

// JSON by its content type; a bare PKCS#10 (PEM or DER) by its own type, and by its looks under the types that curl and
// browsers send for files. Everything else is "content-type-unsupported".
Result<Wish> read_wish(const http::Request& request);
// {csr, profile, lifetime, service, node}. The CSR as PEM or as base64 of its DER, white space allowed.
Result<Wish> read_json_wish(const http::Request& request);

// The texts that both forms give; where names the form: "/" for JSON members, "" for query parameters.
struct WishTexts {
  std::optional<std::string> profile, lifetime, service, node;
};
Result<Wish> make_wish(std::string csr_der, WishTexts texts, const std::string& where);

std::string issued_json(const ca::Issued& issued);

}  // namespace quicklime::issuance
