#pragma once
// A request's body where a client sends a CSR, in whichever form it has one.

#include <initializer_list>
#include <map>
#include <optional>
#include <string>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "http/message.hpp"
#include "pki/csr.hpp"

namespace quicklime::api {

struct CsrBody {
  std::string csr_der;                                    // not parsed yet: whoever sent it may be a stranger
  std::map<std::string, std::string, std::less<>> texts;  // those of `others` that were given
  std::string where;                                      // they are members ("/") or query parameters (""), for errors

  Result<pki::Csr> csr() const;  // what Csr::parse refuses; one signature is checked
  std::optional<std::string> text(std::string_view name) const;
  Result<std::optional<Milliseconds>> lifetime() const;  // the text `lifetime`, "90d"; nullopt: not given
};

// JSON by its content type: {csr, ...others}, the CSR as PEM or as base64 of its DER, white space allowed. A bare PKCS#10 (PEM
// or DER) by its own type, and by its looks under the types that curl and browsers send for files; the others then stand in the
// query. Everything else is "content-type-unsupported"; "csr-missing".
Result<CsrBody> read_csr_body(const http::Request& request, std::initializer_list<std::string_view> others);

}  // namespace quicklime::api
