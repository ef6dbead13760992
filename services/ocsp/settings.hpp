#pragma once

#include "base/instant.hpp"

namespace quicklime::settings {
struct Rows;
}

namespace quicklime::ocsp {

struct Settings {
  Milliseconds lifetime{3'600'000};
  std::size_t cache_answers = 100'000;
};
settings::Rows rows();

}  // namespace quicklime::ocsp
