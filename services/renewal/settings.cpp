#include "renewal/settings.hpp"

#include "settings/rows.hpp"

namespace quicklime::renewal {

settings::Rows rows() {
  using S = Settings;
  std::vector<settings::Row<S>> rows{
      {"renewal.allow_same_key", &S::allow_same_key, "Whether a renewal may keep the key of the certificate that it replaces."},
  };
  return settings::Rows::of<S>(std::move(rows));
}

}  // namespace quicklime::renewal
