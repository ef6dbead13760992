#include "access/deciding.hpp"
#include "issuance/service.hpp"

namespace quicklime::issuance {

views::Projection projection() { return access::deciding_projection("issuance", 4); }

}  // namespace quicklime::issuance
