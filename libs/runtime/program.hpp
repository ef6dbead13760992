#pragma once
// A program that does one thing: `quicklime-ocsp --data DIR`.

#include <functional>
#include <string>

#include "base/result.hpp"
#include "runtime/data_directory.hpp"

namespace quicklime::runtime {

// Hardened, with SIGTERM and SIGINT blocked, before `run`; its error on standard error and as exit code. `version` and
// --help as everywhere.
int run_program(int argc, char** argv, const std::string& purpose, const std::function<Result<void>(const DataDirectory&)>& run);

}  // namespace quicklime::runtime
