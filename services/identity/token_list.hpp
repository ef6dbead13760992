#pragma once
// Every token, as the view has them.

#include <vector>

#include "access/token.hpp"
#include "runtime/expiries.hpp"
#include "views/view.hpp"

namespace quicklime::identity {

struct TokenList {
  std::vector<access::TokenRecord> tokens;  // newest first, 5,000 at most
  views::Meta meta;
};
async::Task<Result<TokenList>> newest_tokens(views::View& view);

// When the tokens end by which daemons begin: of each name the newest counts, for older ones were replaced. An expired one stays
// until it is replaced or revoked.
std::vector<runtime::Expiry> bootstrap_token_expiries(const std::vector<access::TokenRecord>& newest_first);

}  // namespace quicklime::identity
