// quicklime-projector-ocsp: folds the log into the view of the role ocsp.
#include "ocsp/service.hpp"
#include "runtime/projector.hpp"

int main(int argc, char** argv) { return quicklime::runtime::projector_main(argc, argv, quicklime::ocsp::projection()); }
