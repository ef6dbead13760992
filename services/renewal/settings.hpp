#pragma once

namespace quicklime::settings {
struct Rows;
}

namespace quicklime::renewal {

struct Settings {
  bool allow_same_key = false;
};
settings::Rows rows();

}  // namespace quicklime::renewal
