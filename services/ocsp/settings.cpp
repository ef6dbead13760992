#include "ocsp/settings.hpp"

#include "settings/rows.hpp"

namespace quicklime::ocsp {

settings::Rows rows() {
  using S = Settings;
  std::vector<settings::Row<S>> rows{
      {"ocsp.lifetime", &S::lifetime, "From thisUpdate to nextUpdate; never past the responder's own certificate.", settings::kSecond,
       30 * settings::kDay},
      {"ocsp.cache_answers", &S::cache_answers, "How many signed answers are kept in memory.", 0, 100'000'000},
  };
  return settings::Rows::of<S>(std::move(rows));
}

}  // namespace quicklime::ocsp
