// quicklime-projector-crl: folds the log into the view of the role crl.
#include "crl/service.hpp"
#include "runtime/projector.hpp"

int main(int argc, char** argv) { return quicklime::runtime::projector_main(argc, argv, quicklime::crl::projection()); }
