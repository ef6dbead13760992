#pragma once

namespace quicklime::settings {
struct Rows;
}

namespace quicklime::toy {

struct Settings {
  bool put_away = false;
};
settings::Rows rows();

}  // namespace quicklime::toy
