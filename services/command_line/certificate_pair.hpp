#pragma once
// A certificate and its key as files, and how both are replaced.

#include <filesystem>
#include <string>

#include "base/directory.hpp"
#include "base/result.hpp"
#include "crypto/key.hpp"
#include "pki/certificate.hpp"

namespace quicklime::command_line {

// NAME.crt and NAME.key, as `issue` wrote them. Two files cannot be replaced in one step; the steps are these, each durable
// before the next, and whatever a crash leaves is what the next renewal goes on from:
//
//   1. NAME.key.new   the new key. Left alone: the renewal is asked for again with it, and the CA answers with the same
//                     certificate if it has issued one.
//   2. NAME.crt.new   the new certificate. Left with NAME.key.new: steps 3 and 4 are still to be done.
//   3. NAME.key gets the content of NAME.key.new, which goes. From here to step 4 the pair does not match.
//   4. NAME.crt gets the content of NAME.crt.new.
//   5. NAME.crt.new goes, once what had to follow (--exec) has been done.
//
// Run by root where others own the directory, nothing is read, given away or replaced that they could put there: see Directory.
// What is new has the owner, group and mode of what it replaces from the moment it has its name.
class CertificatePair {
 public:
  // Follows symbolic links, so that the files they lead to are replaced and not the links. "file-error", "file-name" (not
  // NAME.crt), "file-link" (a link that a stranger made), "key-file-missing" (there is no NAME.key).
  static Result<CertificatePair> open(const std::filesystem::path& certificate_file);

  std::filesystem::path certificate_file() const { return certificates_.path() / certificate_; }
  std::filesystem::path key_file() const { return keys_.path() / key_; }
  Result<pki::Certificate> certificate() const;
  // Of the certificate; "key-mismatch".
  Result<crypto::PrivateKey> key() const;

  // Step 1, or the key that it left. "file-foreign": one that was left by somebody else.
  Result<crypto::PrivateKey> next_key(crypto::KeyKind kind) const;
  void forget_next_key() const;
  // Step 2. "answer-not-understood" when it is not for that key.
  Result<void> keep(const std::string& chain_pem, const crypto::PrivateKey& key) const;
  // Steps 3 and 4, as far as they are to be done; false: no renewal has come as far as step 2.
  Result<bool> install() const;
  void finished() const;  // step 5

 private:
  CertificatePair(std::pair<Directory, std::string> certificate, std::pair<Directory, std::string> key);
  Result<crypto::PrivateKey> left_key() const;
  Directory certificates_, keys_;
  std::string certificate_, key_, next_certificate_, next_key_;
};

}  // namespace quicklime::command_line
