#pragma once
// Certificates and keys as files of whoever asks for them.

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "pki/certificate.hpp"

namespace quicklime::command_line {

// The file name for a certificate name: itself, but for what file systems or shells take amiss:
// "*.load.internal" -> "_wildcard.load.internal", "fd00::1" -> "fd00__1", "spiffe://td/web" -> "spiffe___td_web".
std::string file_name_of(const std::string& name);

// Every certificate of a PEM or DER text, in its order; at least one. where: the file's name, for errors.
Result<std::vector<pki::Certificate>> certificates_of(const std::string& content, const std::string& where);
// Every certificate of a PEM or DER file, in its order; at least one.
Result<std::vector<pki::Certificate>> read_certificates(const std::filesystem::path& file);

}  // namespace quicklime::command_line
