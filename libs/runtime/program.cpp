#include "runtime/program.hpp"

#include <cstdio>
#include <string_view>
#include <vector>

#include "runtime/command_line.hpp"
#include "runtime/process.hpp"

namespace quicklime::runtime {

int run_program(int argc, char** argv, const std::string& purpose, const std::function<Result<void>(const DataDirectory&)>& run) {
  const Command serve{.name = "serve",
                      .purpose = purpose,
                      .examples = {std::string(argv[0]) + " --data /etc/quicklime"},
                      .options = {},
                      .run = [&run](const Arguments& arguments) {
                        harden();
                        block_termination_signals();
                        const auto done = run(find_data_directory(arguments.text("--data")));
                        return done ? ExitCode::ok : report(done.error());
                      }};
  const Command version_of{.name = "version", .purpose = "What is running", .examples = {}, .options = {}, .run = [](const Arguments&) {
                             std::printf("%s\n", version().c_str());
                             return ExitCode::ok;
                           }};
  // There is one thing to do, so it need not be named.
  std::vector<char*> words(argv, argv + argc);
  static char named[] = "serve";
  const bool is_named = argc > 1 && (std::string_view(argv[1]).substr(0, 1) != "-" || std::string_view(argv[1]) == "--version");
  if (!is_named) words.insert(words.begin() + 1, named);
  words.push_back(nullptr);
  return run_command_line(static_cast<int>(words.size()) - 1, words.data(), purpose, {serve, version_of});
}

}  // namespace quicklime::runtime
