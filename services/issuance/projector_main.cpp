// quicklime-projector-issuance: folds the log into the view of the role issuance.
#include "issuance/service.hpp"
#include "runtime/projector.hpp"

int main(int argc, char** argv) { return quicklime::runtime::projector_main(argc, argv, quicklime::issuance::projection()); }
