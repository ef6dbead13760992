#include "access/deciding.hpp"
#include "renewal/service.hpp"

namespace quicklime::renewal {

views::Projection projection() { return access::deciding_projection("renewal", 4); }

}  // namespace quicklime::renewal
