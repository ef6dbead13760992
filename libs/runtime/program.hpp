#pragma once
// A program that does one thing: `quicklime-ocsp --data DIR`.

#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "installation/data_directory.hpp"

namespace quicklime::runtime {

// One thing that it does, by a word; the first one need not be named.
struct ProgramTask {
  std::string name;
  std::string purpose;
  std::function<Result<void>(const installation::DataDirectory&)> run;
};

// Hardened, with SIGTERM and SIGINT blocked, before a task runs; its error on standard error and as exit code. `version` and
// --help as everywhere.
int run_program(int argc, char** argv, const std::vector<ProgramTask>& tasks);

}  // namespace quicklime::runtime
