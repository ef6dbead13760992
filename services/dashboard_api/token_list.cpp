#include "dashboard_api/token_list.hpp"

#include <set>

#include "access/identity.hpp"
#include "base/logging.hpp"
#include "dashboard_api/view.hpp"

namespace quicklime::dashboard_api {
namespace {

constexpr std::size_t kMaximumTokens = 5'000;
constexpr std::size_t kTokensPerRead = 500;

async::Task<Result<void>> append_tokens(views::View& view, const std::vector<std::string>& index_keys,
                                        std::vector<access::TokenRecord>& tokens) {
  std::vector<views::PointKey> keys;
  keys.reserve(index_keys.size());
  for (const auto& key : index_keys) keys.push_back(access::token_key(TokenId(std::string(subject_of(key)))));
  const auto points = co_await view.get(std::move(keys));
  if (!points) co_return forward(points);
  for (std::size_t i = 0; i < index_keys.size(); ++i) {
    if (!points->values[i]) continue;
    auto token = access::decode_token(*points->values[i]);
    if (token) {
      tokens.push_back(*std::move(token));
    } else {
      log::error("a token is left out of a list", {{"token", std::string(subject_of(index_keys[i]))}, {"detail", token.error().detail}});
    }
  }
  co_return Result<void>();
}

}  // namespace

async::Task<Result<TokenList>> newest_tokens(views::View& view) {
  std::vector<access::TokenRecord> tokens;
  std::optional<views::Meta> meta;
  std::string last;
  for (bool more = true; more && tokens.size() < kMaximumTokens;) {
    views::Scan scan{kTokens, group_prefix(""), last, views::Direction::descending, kTokensPerRead + 1};
    auto keys = co_await view.scan(std::move(scan));
    if (!keys) co_return forward(keys);
    if (!meta) meta = keys->meta;
    more = keys->keys.size() == kTokensPerRead + 1;
    if (!last.empty() && !keys->keys.empty() && keys->keys.front() == last) keys->keys.erase(keys->keys.begin());
    if (!keys->keys.empty()) last = keys->keys.back();
    const auto read = co_await append_tokens(view, keys->keys, tokens);
    if (!read) co_return forward(read);
  }
  co_return TokenList{std::move(tokens), *meta};
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

}  // namespace quicklime::dashboard_api
