#pragma once
// The routes of this role, one source per resource.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/sign_in.hpp"
#include "runtime/process_settings.hpp"
#include "runtime/service.hpp"

namespace quicklime::identity {

using api::Answer;
using api::Call;

// Whoever may be a person or a program: everybody but a daemon.
api::Access people();

// What signing in needs to know of a request: its cause, where it comes from, and the device that it shows.
SignIn::Request request_of(const Call& call);

// A Set-Cookie header of this role: HttpOnly, so that no script reads it. strict: no other site sends it (architecture section 9); lax: a
// navigation from another site brings it. lasts: without, as long as the browser; 0: it is taken back.
enum class SameSite : std::uint8_t { strict, lax };
std::string set_cookie(std::string_view name, std::string_view value, SameSite same_site = SameSite::strict,
                       std::optional<Seconds> lasts = {});

// Where a single-use token signs its person in: "https://ca.internal:8443/ui/#one-time=qlk_...". It stands behind '#', which no browser
// sends to a server and no proxy logs.
Secret one_time_url(const runtime::ProcessSettings& settings, const Secret& token);

std::vector<api::Route> sign_in_routes(const api::ServiceContext& context, std::shared_ptr<SignIn> sign_in);
std::vector<api::Route> session_routes(const api::ServiceContext& context, std::shared_ptr<SignIn> sign_in);
std::vector<api::Route> user_routes(const api::ServiceContext& context, std::shared_ptr<SignIn> sign_in);
std::vector<api::Route> rule_routes(const api::ServiceContext& context);
std::vector<api::Route> token_routes(const api::ServiceContext& context, std::shared_ptr<SignIn> sign_in);

}  // namespace quicklime::identity
