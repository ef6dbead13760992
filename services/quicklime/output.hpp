#pragma once
// Text for people: tables, progress, errors, and the words that several commands share.

#include <cstdint>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "installation/data_directory.hpp"
#include "runtime/command_line.hpp"

namespace quicklime::app {

// Columns as wide as their widest cell, two spaces between; the first row is the head.
std::string table(std::vector<std::vector<std::string>> rows);
std::string joined(const std::vector<std::string>& texts, const std::string& separator);

// "19 February 2027"
std::string date_text(Instant instant);
// " --data DIR", as a next command needs it; empty when the command would find the directory without it.
std::string data_option(const installation::DataDirectory& directory);

// What a command returns that could not do its work: tells why, and gives the exit code. Wrong use is an Error like any other.
runtime::ExitCode report(const Error& error);
Failure wrong_use(std::string detail);  // exit 2

// A bar on a terminal's standard error; nothing elsewhere, and nothing for what takes no time.
class Progress {
 public:
  explicit Progress(std::string what);
  void show(std::uint64_t done, std::uint64_t all);
  void end();  // removes the bar

 private:
  std::string what_;
  bool terminal_;
  bool shown_ = false;
  std::int64_t begun_;
};

}  // namespace quicklime::app
