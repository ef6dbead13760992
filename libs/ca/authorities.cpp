#include "ca/authorities.hpp"

namespace quicklime::ca {

Authorities::Authorities() : Authorities(std::vector<Authority>()) {}
Authorities::Authorities(std::vector<Authority> all) : all_(std::make_shared<const std::vector<Authority>>(std::move(all))) {}

Authorities::All Authorities::now() const {
  const std::lock_guard lock(mutex_);
  return all_;
}

Result<Authorities::All> Authorities::take(const std::optional<std::string>& value, Position position) {
  {
    const std::lock_guard lock(mutex_);
    if (!value || position < position_) return all_;
    if (value_ && value == value_) {
      position_ = position;
      return all_;
    }
  }
  auto decoded = decode_authorities(value);
  if (!decoded) return forward(decoded);
  const std::lock_guard lock(mutex_);
  if (position < position_) return all_;
  all_ = std::make_shared<const std::vector<Authority>>(*std::move(decoded));
  value_ = value;
  position_ = position;
  return all_;
}

async::Task<Result<Authorities::All>> Authorities::read(views::View& view, views::Complete complete) {
  std::vector<views::PointKey> keys{authorities_key()};
  const auto points = co_await view.get(std::move(keys), complete);
  if (!points) co_return forward(points);
  co_return take(points->values.front(), points->meta.anchor.position);
}

}  // namespace quicklime::ca
