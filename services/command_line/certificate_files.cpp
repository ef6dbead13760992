#include "command_line/certificate_files.hpp"

#include <cctype>

#include "base/file.hpp"
#include "pki/pem.hpp"

namespace quicklime::command_line {

std::string file_name_of(const std::string& name) {
  std::string file = name.starts_with("*.") ? "_wildcard" + name.substr(1) : name;
  for (char& c : file) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.' && c != '-' && c != '_' && c != '@') c = '_';
  }
  if (file.front() == '.' || file.front() == '-') file.front() = '_';
  return file;
}

Result<std::vector<pki::Certificate>> certificates_of(const std::string& content, const std::string& where) {
  std::vector<std::string> ders;
  // A certificate has more than 127 octets; text may begin with '0'.
  if (content.size() > 1 && content[0] == '\x30' && (static_cast<unsigned char>(content[1]) & 0x80U) != 0) {
    ders.push_back(content);
  } else {
    const auto blocks = pki::pem_decode(content);
    if (!blocks) return fail(ErrorCode::invalid, blocks.error().reason, where + ": " + blocks.error().detail);
    for (const auto& block : *blocks) {
      if (block.label == "CERTIFICATE") ders.push_back(block.der);
    }
  }
  if (ders.empty()) return fail(ErrorCode::invalid, "no-certificate", where + " holds no certificate");
  std::vector<pki::Certificate> certificates;
  for (const auto& der : ders) {
    auto certificate = pki::Certificate::parse(der);
    if (!certificate) return fail(ErrorCode::invalid, certificate.error().reason, where + ": " + certificate.error().detail);
    certificates.push_back(std::move(*certificate));
  }
  return certificates;
}

Result<std::vector<pki::Certificate>> read_certificates(const std::filesystem::path& file) {
  const auto content = read_file(file);
  if (!content) return forward(content);
  return certificates_of(*content, file.string());
}

}  // namespace quicklime::command_line
