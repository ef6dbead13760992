// quicklime-projector-dashboard-api: folds the log into the view of the role dashboard-api.
#include "dashboard_api/service.hpp"
#include "runtime/projector.hpp"

int main(int argc, char** argv) { return quicklime::runtime::projector_main(argc, argv, quicklime::dashboard_api::projection()); }
