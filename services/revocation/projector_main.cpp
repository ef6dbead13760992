// quicklime-projector-revocation: folds the log into the view of the role revocation.
#include "revocation/service.hpp"
#include "runtime/projector.hpp"

int main(int argc, char** argv) { return quicklime::runtime::projector_main(argc, argv, quicklime::revocation::projection()); }
