#include "renewal/settings.hpp"

#include "settings/rows.hpp"

namespace quicklime::renewal {

settings::Rows rows() {
  using S = Settings;
  std::vector<settings::Row<S>> rows{
      {"renewal.allow_same_key", &S::allow_same_key, "Whether a renewal may keep the key of the certificate that it replaces."},
      {"renewal.gateway", &S::gateway,
       "The role of the TLS client whose header `Client-Cert` is believed, as its certificate names it (`quicklime:role/...`); whoever has "
       "that can renew in anyone's name. Empty: nobody's with `quicklime serve`, that of `gateway` with daemons."},
  };
  return settings::Rows::of<S>(std::move(rows));
}

}  // namespace quicklime::renewal
