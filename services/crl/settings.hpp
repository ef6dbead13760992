#pragma once

#include "base/instant.hpp"

namespace quicklime::settings {
struct Rows;
}

namespace quicklime::crl {

struct Settings {
  Milliseconds lifetime{86'400'000};
  Milliseconds inventory_retention{730LL * 86'400'000};  // 0: for ever. Said in the event by which views forget, which this role writes
};
settings::Rows rows();

}  // namespace quicklime::crl
