#pragma once
// Text for people: tables, errors, and the words that several commands share.

#include <string>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "runtime/command_line.hpp"

namespace quicklime::command_line {

// Columns as wide as their widest cell, two spaces between; the first row is the head.
std::string table(std::vector<std::vector<std::string>> rows);
std::string joined(const std::vector<std::string>& texts, const std::string& separator);
std::string or_dash(const std::string& text);  // what is empty takes a column, too

// "19 February 2027"
std::string date_text(Instant instant);

// `-o json`: for programs.
bool as_json(const runtime::Arguments& arguments);

// What a command returns that could not do its work: tells why, and gives the exit code. Wrong use is an Error like any other.
runtime::ExitCode report(const Error& error);
Failure wrong_use(std::string detail);  // exit 2

}  // namespace quicklime::command_line
