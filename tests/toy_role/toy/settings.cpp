#include "toy/settings.hpp"

#include "settings/rows.hpp"

namespace quicklime::toy {

settings::Rows rows() {
  std::vector<settings::Row<Settings>> rows{{"toy.put_away", &Settings::put_away, "Whether nobody may play."}};
  return settings::Rows::of<Settings>(std::move(rows));
}

}  // namespace quicklime::toy
