// quicklime-projector-renewal: folds the log into the view of the role renewal.
#include "renewal/service.hpp"
#include "runtime/projector.hpp"

int main(int argc, char** argv) { return quicklime::runtime::projector_main(argc, argv, quicklime::renewal::projection()); }
