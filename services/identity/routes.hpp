#pragma once
// The routes of this role, one source per resource.

#include <memory>
#include <vector>

#include "identity/sign_in.hpp"
#include "runtime/service.hpp"

namespace quicklime::identity {

using api::Answer;
using api::Call;

// Whoever may be a person or a program: everybody but a daemon.
api::Access people();

std::vector<api::Route> sign_in_routes(const api::ServiceContext& context, std::shared_ptr<SignIn> sign_in);
std::vector<api::Route> session_routes(const api::ServiceContext& context, std::shared_ptr<SignIn> sign_in);
std::vector<api::Route> user_routes(const api::ServiceContext& context, std::shared_ptr<SignIn> sign_in);
std::vector<api::Route> rule_routes(const api::ServiceContext& context);
std::vector<api::Route> token_routes(const api::ServiceContext& context);

}  // namespace quicklime::identity
