#include "crl/settings.hpp"

#include "settings/rows.hpp"

namespace quicklime::crl {

settings::Rows rows() {
  using S = Settings;
  std::vector<settings::Row<S>> rows{
      {"crl.lifetime", &S::lifetime, "From thisUpdate to nextUpdate; a new one is made at half of it, and after every revocation.",
       2 * settings::kSecond, 365 * settings::kDay},
      {"inventory.retention", &S::inventory_retention,
       "How long after its end a certificate is kept in the inventory; the log keeps it for ever. 0s: the inventory does too.", 0,
       36'500 * settings::kDay},
  };
  return settings::Rows::of<S>(std::move(rows));
}

}  // namespace quicklime::crl
