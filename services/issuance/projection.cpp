#include "access/deciding.hpp"
#include "issuance/service.hpp"

namespace quicklime::issuance {

views::Projection projection() { return access::deciding_projection("issuance", 1); }

}  // namespace quicklime::issuance
