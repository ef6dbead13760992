#pragma once
// The key of an authority as a file that a person brings, and the passphrase that may be on it.

#include <string>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "crypto/key.hpp"

namespace quicklime::command_line {

// The first line of the file; no file named: none. "passphrase-empty".
Result<Secret> read_passphrase(const std::string& file);

// PEM. The file's mode is not looked at: it may be on a stick whose file system has none. "key-encrypted" says which option helps.
Result<crypto::PrivateKey> read_authority_key(const std::string& file, const std::string& passphrase_file);

}  // namespace quicklime::command_line
