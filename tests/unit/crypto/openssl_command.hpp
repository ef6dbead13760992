#pragma once
// The openssl command line as an oracle: a directory of its own, files in, files out.

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace quicklime::test {

class Workshop {
 public:
  Workshop() {
    std::string name = (std::filesystem::temp_directory_path() / "quicklime-openssl-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
  }
  ~Workshop() { std::filesystem::remove_all(directory_); }
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;

  void write(const std::string& name, std::string_view content) const { std::ofstream(directory_ / name, std::ios::binary) << content; }
  std::string read(const std::string& name) const {
    std::ifstream file(directory_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  struct Output {
    int status;
    std::string text;  // both streams
    bool has(std::string_view part) const { return text.find(part) != std::string::npos; }
  };
  // openssl ARGUMENTS, in the directory. Without a configuration file, so that the machine's cannot matter.
  Output openssl(const std::string& arguments) const {
    const std::string command = "cd " + directory_.string() + " && OPENSSL_CONF=/dev/null openssl " + arguments + " 2>&1 </dev/null";
    Output output{-1, {}};
    FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return output;
    std::array<char, 4096> buffer{};
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) output.text.append(buffer.data(), got);
    const int status = ::pclose(pipe);
    output.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return output;
  }

 private:
  std::filesystem::path directory_;
};

}  // namespace quicklime::test
