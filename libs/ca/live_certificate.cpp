#include "ca/live_certificate.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "ca/authority.hpp"
#include "ca/decisions.hpp"
#include "crypto/hash.hpp"
#include "pki/chain.hpp"

namespace quicklime::ca {

async::Task<Result<Standing>> standing_of(views::View& view, pki::Certificate certificate, Instant now, Milliseconds stale_limit) {
  std::vector<views::PointKey> keys;
  keys.push_back(authorities_key());
  keys.push_back(certificate_key(certificate.serial()));
  keys.push_back(blocked_key_key(hex_encode(crypto::view(crypto::sha256(certificate.spki())))));
  const auto points = co_await view.get(std::move(keys));
  if (!points) co_return forward(points);
  if (auto fresh = views::require_fresh(points->meta, stale_limit); !fresh) co_return forward(fresh);
  const auto authorities = decode_authorities(points->values[0]);
  if (!authorities) co_return forward(authorities);
  if (!points->values[1]) co_return Standing::foreign;
  const auto record = decode_certificate_record(*points->values[1]);
  if (!record) co_return forward(record);

  std::vector<pki::Certificate> roots, intermediates;
  for (const auto& authority : *authorities) (authority.parent ? intermediates : roots).push_back(authority.certificate);
  if (!pki::verify_chain(certificate, intermediates, roots, std::min(now, certificate.not_after() - Milliseconds(1))))
    co_return Standing::foreign;
  const bool good = record->standing == "stands" && record->status.kind == Status::Kind::good;
  const bool trusted = !points->values[2] && revoked_of(record->authority, *authorities) == nullptr;
  co_return good&& trusted&& now < certificate.not_after() ? Standing::live : Standing::dead;
}

async::Task<Result<bool>> is_live(views::View& view, pki::Certificate certificate, Instant now, Milliseconds stale_limit) {
  const auto standing = co_await standing_of(view, std::move(certificate), now, stale_limit);
  if (!standing) co_return forward(standing);
  co_return *standing == Standing::live;
}

}  // namespace quicklime::ca
