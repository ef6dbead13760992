#pragma once
// The one envelope in which CFSSL answers (github.com/cloudflare/cfssl, doc/api): {"success", "result", "errors": [{"code", "message"}],
// "messages"}. Its clients read nothing else, so whatever is answered below its paths has it: what a handler says, and what went wrong
// before there was one (http/problem.hpp).

#include <string_view>

#include "http/message.hpp"

namespace quicklime::http {

bool in_cfssl_words(const Request& request);  // by its path
// result: JSON.
std::string cfssl_envelope(std::string_view result);
Response cfssl_answer(std::string_view result);
// code: the status.
Response cfssl_refusal(unsigned status, std::string_view message);

}  // namespace quicklime::http
