#pragma once
// One event of every type, with everything that it can carry; the golden files were written from these.

#include <string>
#include <vector>

#include "events/event.hpp"

namespace quicklime::events::test {

struct Example {
  std::string name;  // tests/data/events/<name>.json
  Event event;
};
std::vector<Example> examples();

}  // namespace quicklime::events::test
