#pragma once
// One-time URLs: a single-use token behind '#', which no browser sends to a server and no proxy logs.

#include "base/result.hpp"
#include "base/secret.hpp"
#include "installation/data_directory.hpp"

namespace quicklime::command_line {

// Of the CA of a data directory: "https://ca.internal:8443/ui/#one-time=qlk_...". Below public_url where that is https, else at its host
// and the port of listen.https.
Result<std::string> one_time_url(const installation::DataDirectory& directory, const std::string& token);
// The token of such a URL; or what is a token by itself.
Secret token_of_url(const Secret& url);

}  // namespace quicklime::command_line
