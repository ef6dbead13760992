#include "installation/bootstrap_tokens.hpp"

#include <sys/stat.h>

#include "access/identity.hpp"
#include "access/token.hpp"
#include "base/file.hpp"

namespace quicklime::installation {
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

std::filesystem::path bootstrap_directory(const DataDirectory& directory) { return directory.root / "bootstrap"; }

Result<std::vector<events::TokenCreated>> bootstrap_tokens(const std::filesystem::path& into, const std::vector<BootstrapGrant>& grants,
                                                           Instant now) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(into, ignored) && ::mkdir(into.c_str(), 0700) != 0) {
    return fail(ErrorCode::internal, "file-error", "cannot make " + into.string());
  }
  std::vector<events::TokenCreated> tokens;
  for (const auto& grant : grants) {
    const auto token = token_in(into / (grant.role + ".token"));
    if (!token) return forward(token);
    tokens.push_back({.token = token->id,
                      .name = grant.name,
                      .secret_sha256 = token->secret_sha256,
                      .role = std::string(access::name(access::Role::process)),
                      .profiles = grant.profiles,
                      .names = grant.names,
                      .not_after = now + access::kMaximumProcessLifetime});
  }
  return tokens;
}

}  // namespace quicklime::installation
