#include "runtime/command_help.hpp"

#include <algorithm>

namespace quicklime::runtime {
namespace {

struct Line {
  std::string left, right;
};

std::string columns(const std::vector<Line>& lines) {
  std::size_t width = 0;
  for (const Line& line : lines) width = std::max(width, line.left.size());
  std::string text;
  for (const Line& line : lines) {
    text += "  " + line.left + std::string(width - line.left.size() + 2, ' ') + line.right;
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

std::string shown_name(const Option& positional) { return positional.value.empty() ? positional.name : positional.value; }

Line line_of(const Option& option) {
  std::string left = is_positional(option) ? shown_name(option) : option.name;
  if (const std::size_t comma = left.find(','); comma != std::string::npos) left.insert(comma + 1, " ");
  if (!is_positional(option) && !option.value.empty()) left += " " + option.value;
  std::string right = option.help;
  if (option.many && !is_positional(option)) right += " (may be given again)";
  if (!option.environment.empty()) right += " [$" + option.environment + "]";
  return {std::move(left), std::move(right)};
}

std::string section(const std::string& title, const std::vector<Option>& options, bool positional) {
  std::vector<Line> lines;
  for (const Option& option : options) {
    if (is_positional(option) == positional && !(positional && option.help.empty())) lines.push_back(line_of(option));
  }
  return lines.empty() ? "" : "\n" + title + ":\n" + columns(lines);
}

std::string usage(const Command& command) {
  std::string text = command.name;
  for (const Option& option : command.options) {
    if (!is_positional(option)) {
      if (option.required) text += " " + long_name(option) + " " + option.value;
      continue;
    }
    const std::string shown = shown_name(option) + (option.many ? "..." : "");
    text += option.required ? " " + shown : " [" + shown + "]";
  }
  return text + " [OPTIONS]";
}

}  // namespace

const std::vector<Option>& common_options() {
  static const std::vector<Option> options{
      {"--data", "DIR", "the data directory of the CA on this machine", false, false, "QUICKLIME_DATA"},
      {"--server", "URL", "a CA elsewhere: https://ca.internal:8443", false, false, "QUICKLIME_SERVER"},
      {"--roots", "FILE", "the roots by which that server is known, PEM", false, false, "QUICKLIME_ROOTS"},
      {"--token-file", "FILE", "a file with the API token for that server; else $QUICKLIME_TOKEN is the token"},
      {"-o,--output", "FORM", "text for people, json for programs", false, false, "", {"text", "json"}}};
  return options;
}

std::string long_name(const Option& option) {
  const std::size_t dashes = option.name.rfind(",--");
  return dashes == std::string::npos ? option.name : option.name.substr(dashes + 1);
}

bool is_positional(const Option& option) { return !option.name.starts_with('-'); }

std::string overview(const std::string& program, const std::string& purpose, const std::vector<Command>& commands) {
  std::vector<Line> lines;
  for (const Command& command : commands) lines.push_back({command.name, command.purpose});
  return purpose + "\n\nUsage: " + program + " COMMAND [OPTIONS]\n\nCommands:\n" + columns(lines) +
         section("Options of every command", common_options(), false) + "\n`" + program + " COMMAND --help` says more, with examples.\n";
}

std::string command_help(const std::string& program, const Command& command) {
  std::string text = command.purpose + "\n";
  if (!command.examples.empty()) text += "\nExamples:\n";
  for (const std::string& example : command.examples) text += "  " + example + "\n";
  text += "\nUsage: " + program + " " + usage(command) + "\n";
  text += section("Arguments", command.options, true) + section("Options", command.options, false);
  return text + section("Options of every command", common_options(), false);
}

}  // namespace quicklime::runtime
