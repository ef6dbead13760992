#include "ca/live_certificate.hpp"

#include "base/encoding.hpp"
#include "ca/authority.hpp"
#include "ca/decisions.hpp"
#include "crypto/hash.hpp"
#include "pki/chain.hpp"

namespace quicklime::ca {

async::Task<Result<bool>> is_live(views::View& view, pki::Certificate certificate, Instant now, Milliseconds stale_limit) {
  std::vector<views::PointKey> keys;
  keys.push_back(authorities_key());
  keys.push_back(certificate_key(certificate.serial()));
  keys.push_back(blocked_key_key(hex_encode(crypto::view(crypto::sha256(certificate.spki())))));
  const auto points = co_await view.get(std::move(keys));
  if (!points) co_return forward(points);
  if (auto fresh = views::require_fresh(points->meta, stale_limit); !fresh) co_return forward(fresh);
  const auto authorities = decode_authorities(points->values[0]);
  if (!authorities) co_return forward(authorities);
  if (!points->values[1] || points->values[2]) co_return false;
  const auto record = decode_certificate_record(*points->values[1]);
  if (!record) co_return forward(record);
  if (record->standing != "stands" || record->status.kind != Status::Kind::good) co_return false;
  if (revoked_of(record->authority, *authorities) != nullptr) co_return false;

  std::vector<pki::Certificate> roots, intermediates;
  for (const auto& authority : *authorities) (authority.parent ? intermediates : roots).push_back(authority.certificate);
  co_return pki::verify_chain(certificate, intermediates, roots, now).has_value();
}

}  // namespace quicklime::ca
