#include "runtime/program.hpp"

#include <cstdio>
#include <string_view>

#include "runtime/command_line.hpp"
#include "runtime/process.hpp"

namespace quicklime::runtime {

int run_program(int argc, char** argv, const std::vector<ProgramTask>& tasks) {
  std::vector<Command> commands;
  for (const auto& task : tasks) {
    commands.push_back({.name = task.name,
                        .purpose = task.purpose,
                        .examples = {std::string(argv[0]) + " " + task.name + " --data /etc/quicklime"},
                        .options = {},
                        .run = [&task](const Arguments& arguments) {
                          harden();
                          raise_descriptor_limit();
                          block_termination_signals();
                          const auto done = task.run(installation::find_data_directory(arguments.text("--data")));
                          return done ? ExitCode::ok : report(done.error());
                        }});
  }
  commands.push_back({.name = "version", .purpose = "What is running", .examples = {}, .options = {}, .run = [](const Arguments&) {
                        std::printf("%s\n", version().c_str());
                        return ExitCode::ok;
                      }});
  std::vector<char*> words(argv, argv + argc);
  std::string first = tasks.front().name;
  const std::string_view given = argc > 1 ? argv[1] : "-";
  const bool is_named = !given.starts_with("-") || given == "--version" || given == "--help" || given == "-h";
  if (!is_named) words.insert(words.begin() + 1, first.data());
  words.push_back(nullptr);
  return run_command_line(static_cast<int>(words.size()) - 1, words.data(), tasks.front().purpose, commands);
}

}  // namespace quicklime::runtime
