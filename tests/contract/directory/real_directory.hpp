#pragma once
// The directory that scripts/slapd.sh has started in $QUICKLIME_SLAPD, and one that accepts and says nothing.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include "identity/directory.hpp"

namespace quicklime::test {

inline const auto kBroken = std::signal(SIGPIPE, SIG_IGN);  // as every process of ours has it (runtime/process.hpp)

inline constexpr auto kPatient = std::chrono::minutes(1);  // far from what a busy machine needs

inline std::string slapd_file(const std::string& name) {
  const char* directory = std::getenv("QUICKLIME_SLAPD");
  if (directory == nullptr) throw std::runtime_error("QUICKLIME_SLAPD is not set: start scripts/slapd.sh, or run ctest");
  return std::string(directory) + "/" + name;
}
inline std::string content_of(const std::string& file) {
  std::ifstream stream(file);
  std::stringstream content;
  content << stream.rdbuf();
  return content.str();
}
inline std::string first_line_of(const std::string& name) {
  const std::string content = content_of(slapd_file(name));
  return content.substr(0, content.find('\n'));
}

inline identity::DirectorySettings by_service_account() {
  identity::DirectorySettings settings;
  settings.url = first_line_of("url");
  settings.roots = slapd_file("roots.pem");
  settings.bind_dn = "cn=quicklime,dc=acme";
  settings.bind_password_file = slapd_file("bind-password");
  settings.user_base = "ou=people,dc=acme";
  settings.group_base = "ou=groups,dc=acme";
  return settings;
}
inline identity::DirectorySettings by_themselves() {
  identity::DirectorySettings settings = by_service_account();
  settings.bind_dn.clear();
  settings.bind_password_file.clear();
  settings.user_base.clear();
  settings.user_dn = "uid={name},ou=people,dc=acme";
  return settings;
}

// Changes it, by LDIF.
inline void change_directory(const std::string& ldif) {
  const std::string command = QUICKLIME_SOURCE_DIR "/scripts/slapd.sh modify " + slapd_file("") + " <<'LDIF'\n" + ldif + "\nLDIF\n";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("the directory does not take " + ldif);
}

// How often the directory has been asked for this so far, by its own log, which is written a moment after the answer.
inline std::size_t times_asked(const std::string& question) {
  const std::string log = content_of(slapd_file("slapd.log"));
  std::size_t times = 0;
  for (auto at = log.find(question); at != std::string::npos; at = log.find(question, at + 1)) ++times;
  return times;
}

// Takes connections and never says a word, unless somebody answers for it by accept().
class SilentServer {
 public:
  SilentServer() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), size);
    ::listen(descriptor_, 64);
    ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~SilentServer() { ::close(descriptor_); }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  int accept() const { return ::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC); }

 private:
  int descriptor_;
  int port_ = 0;
};

}  // namespace quicklime::test
