// People and programs: who they are, and what they may do. It alone holds ca/access.key and the secrets of directories and providers.
#include "identity/definition.hpp"

#include "access/deciding.hpp"
#include "identity/settings.hpp"
#include "runtime/site.hpp"

namespace quicklime::identity {

runtime::Definition definition() {
  return {.projection = access::deciding_projection("identity", 1),
          .make = [](runtime::Site&) -> Result<runtime::Service> { return runtime::Service{}; },
          .rows = rows()};
}

}  // namespace quicklime::identity
