#include "identity/token_list.hpp"

#include <algorithm>
#include <set>
#include <span>

#include "access/identity.hpp"
#include "base/logging.hpp"
#include "identity/view.hpp"

namespace quicklime::identity {
namespace {

constexpr std::size_t kMaximumTokens = 5'000;
constexpr std::size_t kTokensPerRead = 500;

async::Task<Result<void>> append_tokens(views::View& view, std::span<const std::string> ids, std::vector<access::TokenRecord>& tokens) {
  std::vector<views::PointKey> keys;
  keys.reserve(ids.size());
  for (const auto& id : ids) keys.push_back(access::token_key(TokenId(id)));
  const auto points = co_await view.get(std::move(keys));
  if (!points) co_return forward(points);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!points->values[i]) continue;
    auto token = access::decode_token(*points->values[i]);
    if (token) {
      tokens.push_back(*std::move(token));
    } else {
      log::error("a token is left out of a list", {{"token", ids[i]}, {"detail", token.error().detail}});
    }
  }
  co_return Result<void>();
}

}  // namespace

async::Task<Result<TokenList>> newest_tokens(views::View& view) {
  const auto list = co_await newest(view, kTokenList, "", kMaximumTokens);
  if (!list) co_return forward(list);
  std::vector<access::TokenRecord> tokens;
  for (auto left = std::span(list->subjects); !left.empty(); left = left.subspan(std::min(left.size(), kTokensPerRead))) {
    const auto read = co_await append_tokens(view, left.first(std::min(left.size(), kTokensPerRead)), tokens);
    if (!read) co_return forward(read);
  }
  co_return TokenList{std::move(tokens), list->meta};
}

std::vector<runtime::Expiry> bootstrap_token_expiries(const std::vector<access::TokenRecord>& newest_first) {
  std::vector<runtime::Expiry> expiries;
  std::set<std::string> met;
  for (const auto& token : newest_first) {
    if (token.role != access::name(access::Role::process) || token.revoked || !met.insert(token.name).second) continue;
    expiries.push_back({"token " + token.name, token.created, access::end_of(token),
                        "make another one: quicklime token bootstrap (docs/cluster.md), or revoke it where nobody needs it"});
  }
  return expiries;
}

}  // namespace quicklime::identity
