#include "quicklime/bootstrap_tokens.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "access/identity.hpp"
#include "access/token.hpp"
#include "base/file.hpp"
#include "ca/role_uri.hpp"
#include "quicklime/output.hpp"
#include "quicklime/roles.hpp"
#include "runtime/nearest.hpp"

namespace quicklime::app {
namespace {

Result<access::TokenText> token_in(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    const auto made = access::make_token();
    auto written = write_file(file, std::string(made.text.reveal()) + "\n", FileMode::private_, Overwrite::no);
    if (!written) return forward(written);
    return access::TokenText{made.id, made.secret_sha256};
  }
  const auto content = read_secret_file(file);
  if (!content) return forward(content);
  auto token = access::parse_token(content->reveal().substr(0, content->reveal().find_first_of("\r\n")));
  if (token) return std::move(*token);
  return fail(ErrorCode::invalid, "bootstrap-token-damaged", file.string() + " holds no token: remove it, and another one is made");
}

}  // namespace

const std::vector<std::string>& bootstrap_roles() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> found;
    for (const auto& role : roles()) {
      if (!role.certifies_daemons) found.push_back(role.process_name());
    }
    found.emplace_back("gateway");
    return found;
  }();
  return names;
}

Result<std::vector<std::string>> bootstrap_roles(const std::vector<std::string>& asked, const std::string& gateway) {
  if (asked.empty()) return bootstrap_roles();
  auto known = bootstrap_roles();
  for (const auto& role : roles()) {
    if (role.certifies_daemons) known.push_back(role.process_name());
  }
  if (!gateway.empty()) known.push_back(gateway);
  std::vector<std::string> chosen;
  for (const auto& role : asked) {
    if (std::find(known.begin(), known.end(), role) == known.end()) {
      const auto meant = runtime::nearest(role, known);
      return wrong_use("no process has the role '" + role + "'" +
                       (meant ? "; did you mean '" + *meant + "'?" : "; there are: " + joined(known, ", ")));
    }
    if (std::find(chosen.begin(), chosen.end(), role) == chosen.end()) chosen.push_back(role);
  }
  return chosen;
}

BootstrapGrant bootstrap_grant(const std::string& role) {
  BootstrapGrant grant{"bootstrap " + role, {ca::kRolePeerProfile}, {"quicklime:role/" + role, role, "localhost", "127.0.0.1"}};
  for (const auto& one : roles()) {
    if (one.process_name() == role && one.ocsp_responder) grant.profiles.push_back("ocsp-signing");
  }
  return grant;
}

std::filesystem::path bootstrap_directory(const runtime::DataDirectory& directory) { return directory.root / "bootstrap"; }

Result<std::vector<events::TokenCreated>> bootstrap_tokens(const std::filesystem::path& into, Instant now) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(into, ignored) && ::mkdir(into.c_str(), 0700) != 0) {
    return fail(ErrorCode::internal, "file-error", "cannot make " + into.string());
  }
  std::vector<events::TokenCreated> tokens;
  for (const std::string& role : bootstrap_roles()) {
    const auto token = token_in(into / (role + ".token"));
    if (!token) return forward(token);
    auto grant = bootstrap_grant(role);
    tokens.push_back({.token = token->id,
                      .name = std::move(grant.name),
                      .secret_sha256 = token->secret_sha256,
                      .role = std::string(access::name(access::Role::process)),
                      .profiles = std::move(grant.profiles),
                      .names = std::move(grant.names),
                      .not_after = now + access::kMaximumProcessLifetime});
  }
  return tokens;
}

}  // namespace quicklime::app
