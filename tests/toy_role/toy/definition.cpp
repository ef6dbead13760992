// Counts how often it was played with. Holds no key of the CA.
#include "toy/definition.hpp"

#include "runtime/site.hpp"
#include "toy/service.hpp"
#include "toy/settings.hpp"

namespace quicklime::toy {

runtime::Definition definition() {
  return {.projection = projection(),
          .make = [](runtime::Site& site) -> Result<runtime::Service> { return make_service(site.context()); },
          .rows = rows()};
}

}  // namespace quicklime::toy
