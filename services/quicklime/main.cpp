#include "quicklime/commands.hpp"

int main(int argc, char** argv) {
  return quicklime::runtime::run_command_line(argc, argv, quicklime::app::kPurpose, quicklime::app::commands());
}
