#include "command_line/commands.hpp"

int main(int argc, char** argv) {
  return quicklime::runtime::run_command_line(argc, argv, quicklime::command_line::kPurpose, quicklime::command_line::commands());
}
