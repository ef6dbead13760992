#include "command_line/secret_line.hpp"

#include "base/file.hpp"

namespace quicklime::command_line {

Result<Secret> read_secret_line(const std::filesystem::path& file) {
  const auto text = read_secret_file(file);
  if (!text) return forward(text);
  return Secret::copy_of(text->reveal().substr(0, text->reveal().find_first_of("\r\n")));
}

}  // namespace quicklime::command_line
