#pragma once
// The help, as text: examples first (clig.dev), no colour, no terminal needed. For command_line.cpp only.

#include <string>
#include <vector>

#include "runtime/command_line.hpp"

namespace quicklime::runtime {

// Added to every command.
const std::vector<Option>& common_options();

// "--output" of "-o,--output"; a positional's name as it is.
std::string long_name(const Option& option);
bool is_positional(const Option& option);

std::string overview(const std::string& program, const std::string& purpose, const std::vector<Command>& commands);
std::string command_help(const std::string& program, const Command& command);

// {"type": "https://quicklime.dev/errors#<reason>", "status", "detail", "errors": [...]}, one line, as a server would say it.
std::string problem_json(const Error& error);

}  // namespace quicklime::runtime
