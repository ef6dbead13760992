#pragma once
// Certificates made by the openssl command: nothing of Quicklime's own stands on both sides of a test.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "crypto/key.hpp"
#include "support/temporary_directory.hpp"

namespace quicklime {

inline std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

struct TestCertificate {
  std::string certificate_file;
  std::string key_file;
  std::string pem;
  crypto::PrivateKey key;
};

// A root, and what it signs. One day long.
class TestAuthority {
 public:
  TestAuthority() {
    openssl("-subj /CN=root -addext keyUsage=critical,keyCertSign -keyout " + file("root.key") + " -out " + file("root.crt"));
    root_pem = file_text(file("root.crt"));
  }

  // names: "DNS:localhost,IP:127.0.0.1"
  TestCertificate sign(const std::string& common_name, const std::string& names) {
    const std::string certificate = file(common_name + ".crt");
    const std::string key = file(common_name + ".key");
    openssl("-CA " + file("root.crt") + " -CAkey " + file("root.key") + " -subj /CN=" + common_name + " -addext subjectAltName=" + names +
            " -addext basicConstraints=critical,CA:FALSE -keyout " + key + " -out " + certificate);
    auto parsed = crypto::PrivateKey::from_pem(Secret(file_text(key)));
    if (!parsed) throw std::runtime_error("openssl made no key: " + parsed.error().detail);
    return {certificate, key, file_text(certificate), *parsed};
  }

  std::string file(const std::string& name) const { return (directory_.path() / name).string(); }

  std::string root_pem;

 private:
  static void openssl(const std::string& arguments) {
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 " + arguments + " 2>/dev/null";
    if (std::system(command.c_str()) != 0) throw std::runtime_error(command);
  }
  test::TemporaryDirectory directory_;
};

}  // namespace quicklime
