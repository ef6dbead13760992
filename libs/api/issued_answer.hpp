#pragma once
// The answer that carries a new certificate: the same from every role that issues.

#include <string>

#include "ca/issue.hpp"
#include "http/message.hpp"

namespace quicklime::api {

// 201 with IssuedCertificate of docs/openapi.yaml, or the PEM chain for who accepts that first.
http::Response issued_answer(const ca::Issued& issued, const http::Request& request);
std::string issued_json(const ca::Issued& issued, const Secret* private_key = nullptr);  // the key: where it was made here

}  // namespace quicklime::api
