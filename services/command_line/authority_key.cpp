#include "command_line/authority_key.hpp"

#include "base/file.hpp"

namespace quicklime::command_line {

Result<Secret> read_passphrase(const std::string& file) {
  if (file.empty()) return Secret();
  auto content = read_secret_file(file);
  if (!content) return forward(content);
  auto line = Secret::copy_of(content->reveal().substr(0, content->reveal().find_first_of("\r\n")));
  if (line.empty()) return fail(ErrorCode::invalid, "passphrase-empty", "the first line of " + file + " is empty");
  return line;
}

Result<crypto::PrivateKey> read_authority_key(const std::string& file, const std::string& passphrase_file) {
  const auto pem = read_secret_file(file);
  if (!pem) return forward(pem);
  const auto passphrase = read_passphrase(passphrase_file);
  if (!passphrase) return forward(passphrase);
  auto key = crypto::PrivateKey::from_pem(*pem, *passphrase);
  if (key) return key;
  Error error = key.error();
  error.detail = file + ": " + error.detail;
  if (error.reason == "key-encrypted") error.detail += "; the first line of --passphrase-file FILE is the passphrase";
  return fail(std::move(error));
}

}  // namespace quicklime::command_line
