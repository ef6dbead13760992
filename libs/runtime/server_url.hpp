#pragma once
// Where people find this CA.

#include <string>

#include "runtime/process_settings.hpp"

namespace quicklime::runtime {

// "https://ca.internal:8443": the setting server_url (a gateway); else public_url where that is https, else its host and the port of
// listen.https.
std::string server_url(const ProcessSettings& settings);

}  // namespace quicklime::runtime
