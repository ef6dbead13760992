#pragma once

#include <string>

namespace quicklime::settings {
struct Rows;
}

namespace quicklime::renewal {

struct Settings {
  bool allow_same_key = false;
  std::string gateway;  // empty: nobody's. A daemon without one: "gateway", see definition.cpp
};
settings::Rows rows();

}  // namespace quicklime::renewal
