#pragma once

#include <string>
#include <vector>

#include "runtime/definition.hpp"

namespace quicklime::all_in_one {

// Every role of this program, in the order in which their views take a batch: QUICKLIME_ROLES of CMakeLists.txt, from which the
// source is written.
std::vector<runtime::Definition> roles();
// All that may stand in quicklime.toml beside these roles.
std::vector<settings::Rows> known_settings(const std::vector<runtime::Definition>& roles);

// What deployments need to know of them, for `quicklime reference services -o json`: an array in that order.
std::string encode_services(const std::vector<runtime::Definition>& roles);
// What a shell needs: a line each, `<name> <view> <keys> <certificate>`. Keys: "issuing", "revocation", with a comma between, or "-".
// Certificate: how its process comes by its own, "token" by a bootstrap token, "listener" by itself, and it listens for the others.
std::string services_text(const std::vector<runtime::Definition>& roles);

}  // namespace quicklime::all_in_one
