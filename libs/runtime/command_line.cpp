#include "runtime/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "base/nearest.hpp"
#include "base/printable.hpp"
#include "runtime/command_help.hpp"

namespace quicklime::runtime {
namespace {

using Words = std::vector<std::string>;

// Of this process's command line, for report().
std::string program = "quicklime";
bool errors_as_json = false;

void say(std::FILE* where, const std::string& text) { std::fputs(text.c_str(), where); }

int usage_error(const std::string& who, const std::string& what) {
  if (errors_as_json) {
    say(stderr, problem_json(Error{ErrorCode::invalid, "usage", what}) + "\n");
    return static_cast<int>(ExitCode::usage);
  }
  say(stderr, who + ": " + what + "\n`" + who + " --help` shows what there is\n");
  return static_cast<int>(ExitCode::usage);
}

std::string did_you_mean(const std::string& word, const Words& known) {
  const auto meant = nearest(word, known);
  return meant ? "; did you mean '" + *meant + "'?" : "";
}

bool asks_for_help(const std::string& word) { return word == "--help" || word == "-h"; }

// Options of every command may stand before its name: they are moved behind it.
Words take_leading_options(Words& words) {
  Words leading;
  while (!words.empty()) {
    const std::string& word = words.front();
    const auto is_this = [&](const Option& option) {
      return word == long_name(option) || word.starts_with(long_name(option) + "=") ||
             (option.name.starts_with(word + ",") && word.size() == 2);
    };
    if (std::none_of(common_options().begin(), common_options().end(), is_this)) break;
    const std::size_t count = word.find('=') == std::string::npos && words.size() > 1 ? 2 : 1;
    const auto end = words.begin() + static_cast<std::ptrdiff_t>(count);
    leading.insert(leading.end(), words.begin(), end);
    words.erase(words.begin(), end);
  }
  return leading;
}

// Before anything is understood of the words: what is wrong with them is told to a program, too.
bool asks_for_json(const Words& words) {
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    if (words[i] == "--output=json" || words[i] == "-ojson") return true;
    if ((words[i] == "-o" || words[i] == "--output") && i + 1 < words.size() && words[i + 1] == "json") return true;
  }
  return false;
}

// Takes a command's one or two words off the front. nullptr: there is no such command.
const Command* take_command(Words& words, const std::vector<Command>& commands) {
  for (const std::size_t count : {std::size_t{2}, std::size_t{1}}) {
    if (words.size() < count) continue;
    const std::string name = count == 2 ? words[0] + " " + words[1] : words[0];
    const auto found = std::find_if(commands.begin(), commands.end(), [&](const Command& each) { return each.name == name; });
    if (found == commands.end()) continue;
    words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(count));
    return &*found;
  }
  return nullptr;
}

int no_such_command(const Words& words, const std::string& purpose, const std::vector<Command>& commands) {
  std::vector<Command> group;
  Words first_words, second_words;
  for (const Command& command : commands) {
    first_words.push_back(command.name.substr(0, command.name.find(' ')));
    if (!command.name.starts_with(words[0] + " ")) continue;
    group.push_back(command);
    second_words.push_back(command.name.substr(words[0].size() + 1));
  }
  if (group.empty()) return usage_error(program, "there is no command '" + words[0] + "'" + did_you_mean(words[0], first_words));
  if (words.size() > 1 && asks_for_help(words[1])) {
    say(stdout, overview(program, purpose, group));
    return static_cast<int>(ExitCode::ok);
  }
  std::string list;
  for (const std::string& word : second_words) list += (list.empty() ? "" : ", ") + word;
  const std::string who = program + " " + words[0];
  if (words.size() == 1) return usage_error(who, "one of these is missing behind it: " + list);
  return usage_error(who, "there is no '" + words[1] + "' but " + list + did_you_mean(words[1], second_words));
}

// CLI11 takes "--http= next" for "--http=next"; what was meant is an empty value.
Words with_empty_values(const Words& words) {
  Words result;
  for (const std::string& word : words) {
    if (word.starts_with("--") && word.size() > 3 && word.find('=') == word.size() - 1) {
      result.push_back(word.substr(0, word.size() - 1));
      result.emplace_back();
    } else {
      result.push_back(word);
    }
  }
  return result;
}

CLI::Option* add(CLI::App& app, const Option& option) {
  if (!is_positional(option) && option.value.empty()) return app.add_flag(option.name);
  CLI::Option* added = app.add_option(option.name, CLI::callback_t([](const CLI::results_t&) { return true; }));
  if (option.many) {
    // One value an occurrence: more would swallow the arguments behind it. A positional takes whatever is left.
    added->expected(1, CLI::detail::expected_max_vector_size)->allow_extra_args(is_positional(option));
    added->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
  if (option.required) added->required();
  return added;
}

// Behind "there is no place for": a second of what is taken once is the usual slip.
std::string what_there_is_place_for(const Command& command) {
  std::string names;
  for (const Option& option : command.options) {
    if (is_positional(option)) names.append(names.empty() ? "" : ", ").append(option.value.empty() ? option.name : option.value);
  }
  return names.empty() ? ": it takes options alone" : ": it takes one " + names;
}

// What was given, or what is wrong with it.
Result<Arguments> parse(const Command& command, const Words& words) {
  const auto wrong = [](std::string what) { return fail(ErrorCode::invalid, "usage", std::move(what)); };
  std::vector<Option> options = command.options;
  for (const Option& common : common_options()) {
    const auto same = [&](const Option& own) { return long_name(own) == long_name(common); };
    if (std::none_of(options.begin(), options.end(), same)) options.push_back(common);
  }

  CLI::App app;
  app.set_help_flag();
  std::map<std::string, const CLI::Option*> added;
  for (const Option& option : options) added[long_name(option)] = add(app, option);
  try {
    Words reversed = with_empty_values(words);
    std::reverse(reversed.begin(), reversed.end());
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    // Unknown words first: when one is there, what else is missing follows from it.
    for (const std::string& unknown : app.remaining()) {
      if (!unknown.starts_with('-')) return wrong("there is no place for '" + unknown + "'" + what_there_is_place_for(command));
      const std::string name = unknown.substr(0, unknown.find('='));
      Words known{"--help"};
      for (const auto& [each, option] : added) known.push_back(each);
      return wrong("there is no option '" + name + "'" + did_you_mean(name, known));
    }
    return wrong(error.what());
  }

  Arguments arguments;
  for (const Option& option : options) {
    Words given = added[long_name(option)]->results();
    const char* const variable = option.environment.empty() ? nullptr : std::getenv(option.environment.c_str());
    if (given.empty() && variable != nullptr && *variable != '\0') {
      given.emplace_back(variable);
      arguments.from_environment.insert(long_name(option));
    }
    const bool flag = !is_positional(option) && option.value.empty();
    if (flag && !given.empty() && given.back() == "false") given.clear();
    for (const std::string& value : given) {
      if (option.choices.empty() || std::find(option.choices.begin(), option.choices.end(), value) != option.choices.end()) continue;
      std::string list;
      for (const std::string& choice : option.choices) list += (list.empty() ? "" : ", ") + choice;
      return wrong(long_name(option) + " is one of " + list + ", not '" + value + "'");
    }
    arguments.values[long_name(option)] = std::move(given);
  }
  for (const Option& common : common_options()) {
    const std::string name = long_name(common);
    if (arguments.on_the_line(name) && arguments.text(name).empty()) return wrong(name + " is empty: leave it out, or say which");
  }
  if (arguments.on_the_line("--data")) {
    if (arguments.on_the_line("--server")) return wrong("--data and --server each name a CA: give one of them");
    arguments.values["--server"].clear();
  }
  return arguments;
}

const Words& given(const Arguments& arguments, const std::string& name) {
  const auto found = arguments.values.find(name);
  if (found == arguments.values.end()) throw std::logic_error("this command has no option " + name);
  return found->second;
}

}  // namespace

ExitCode exit_code_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::not_found: return ExitCode::not_found;
    case ErrorCode::unauthenticated:
    case ErrorCode::denied: return ExitCode::denied;
    case ErrorCode::unavailable: return ExitCode::unreachable;
    case ErrorCode::verification_failed: return ExitCode::verification_failed;
    case ErrorCode::invalid:
    case ErrorCode::conflict:
    case ErrorCode::too_large:
    case ErrorCode::unsupported:
    case ErrorCode::unprocessable:
    case ErrorCode::too_many:
    case ErrorCode::outcome_unknown:
    case ErrorCode::internal: break;
  }
  return ExitCode::error;
}

bool Arguments::has(const std::string& name) const { return !given(*this, name).empty(); }

std::string Arguments::text(const std::string& name, const std::string& otherwise) const {
  const Words& texts = given(*this, name);
  return texts.empty() ? otherwise : texts.back();
}

Words Arguments::texts(const std::string& name) const { return given(*this, name); }

bool Arguments::on_the_line(const std::string& name) const { return has(name) && !from_environment.contains(name); }

ExitCode report(const Error& error) {
  say(stderr, errors_as_json ? problem_json(error) + "\n" : program + ": " + printable(error.detail, Lines::many) + "\n");
  return exit_code_of(error);
}

int run_command_line(int argc, char** argv, const std::string& purpose, const std::vector<Command>& commands) {
  const std::string path = argc > 0 ? argv[0] : "quicklime";
  program = path.substr(path.rfind('/') + 1);
  Words words(argv + std::min(argc, 1), argv + argc);
  errors_as_json = asks_for_json(words);
  Words leading = take_leading_options(words);

  if (words.empty()) {
    say(stderr, overview(program, purpose, commands));
    return static_cast<int>(ExitCode::usage);
  }
  bool help = words[0] == "help" || asks_for_help(words[0]);
  if (help) words.erase(words.begin());
  if (help && words.empty()) {
    say(stdout, overview(program, purpose, commands));
    return static_cast<int>(ExitCode::ok);
  }
  if (words[0] == "--version") words[0] = "version";

  const Command* command = take_command(words, commands);
  if (command == nullptr) {
    if (help) words = {words[0], "--help"};
    return no_such_command(words, purpose, commands);
  }
  const auto end_of_options = std::find(words.begin(), words.end(), "--");
  if (help || std::any_of(words.begin(), end_of_options, asks_for_help)) {
    say(stdout, command_help(program, *command));
    return static_cast<int>(ExitCode::ok);
  }

  words.insert(words.begin(), leading.begin(), leading.end());
  const auto arguments = parse(*command, words);
  if (!arguments) return usage_error(program + " " + command->name, arguments.error().detail);
  errors_as_json = arguments->text("--output") == "json";
  try {
    return static_cast<int>(command->run(*arguments));
  } catch (const std::exception& error) {
    return static_cast<int>(report(Error{ErrorCode::internal, "internal", std::string("this should not happen: ") + error.what()}));
  }
}

}  // namespace quicklime::runtime
