#include "command_line/certificate_pair.hpp"

#include <unistd.h>

#include "command_line/certificate_files.hpp"

namespace quicklime::command_line {
namespace {

namespace fs = std::filesystem;

Result<crypto::PrivateKey> key_in(Result<std::string> content, const fs::path& file) {
  if (!content) return forward(content);
  auto key = crypto::PrivateKey::from_pem(Secret(std::move(*content)));
  if (!key) return fail(key.error().code, key.error().reason, file.string() + ": " + key.error().detail);
  return key;
}

bool belongs(const Result<crypto::PrivateKey>& key, const pki::Certificate& certificate) {
  return key && key->public_key().spki() == certificate.spki();
}

// Of a file that this process made in the place of one that belongs to `owner`: only root can give files away.
uid_t left_by(uid_t owner) { return ::geteuid() == 0 ? owner : ::geteuid(); }

// Whoever reads the old file reads the new one: a web server's group, say.
FileAccess limited(FileAccess access, mode_t at_most) {
  access.mode &= at_most;
  return access;
}

}  // namespace

CertificatePair::CertificatePair(std::pair<Directory, std::string> certificate, std::pair<Directory, std::string> key)
    : certificates_(std::move(certificate.first)),
      keys_(std::move(key.first)),
      certificate_(std::move(certificate.second)),
      key_(std::move(key.second)),
      next_certificate_(certificate_ + ".new"),
      next_key_(key_ + ".new") {}

Result<CertificatePair> CertificatePair::open(const fs::path& certificate_file) {
  if (certificate_file.extension() != ".crt") {
    return fail(ErrorCode::invalid, "file-name", certificate_file.string() + " is not named NAME.crt, with its key beside it as NAME.key");
  }
  auto certificate = Directory::of_file(certificate_file);
  if (!certificate) return forward(certificate);
  fs::path beside = certificate_file;
  auto key = Directory::of_file(beside.replace_extension(".key"));
  if (!key && key.error().code == ErrorCode::not_found) {
    return fail(ErrorCode::not_found, "key-file-missing",
                "there is no " + beside.string() + ": a certificate is renewed where its key is, which proves that it is yours");
  }
  if (!key) return forward(key);
  return CertificatePair(std::move(*certificate), std::move(*key));
}

Result<pki::Certificate> CertificatePair::certificate() const {
  const auto content = certificates_.read(certificate_);
  if (!content) return forward(content);
  auto all = certificates_of(*content, certificate_file().string());
  if (!all) return forward(all);
  return std::move(all->front());
}

Result<crypto::PrivateKey> CertificatePair::key() const {
  const auto leaf = certificate();
  if (!leaf) return forward(leaf);
  auto key = key_in(keys_.read(key_), key_file());
  if (!key) return key;
  if (belongs(key, *leaf)) return key;
  return fail(ErrorCode::invalid, "key-mismatch", key_file().string() + " is not the key of " + certificate_file().string());
}

Result<crypto::PrivateKey> CertificatePair::left_key() const {
  const auto access = keys_.access_of(key_);
  if (!access) return forward(access);
  return key_in(keys_.read_owned(next_key_, left_by(access->owner)), keys_.path() / next_key_);
}

Result<crypto::PrivateKey> CertificatePair::next_key(crypto::KeyKind kind) const {
  if (keys_.has(next_key_)) return left_key();
  auto made = crypto::PrivateKey::generate(kind);
  if (!made) return made;
  const auto pem = made->to_pem();
  if (!pem) return forward(pem);
  const auto access = keys_.access_of(key_);
  if (!access) return forward(access);
  if (auto written = keys_.write(next_key_, pem->reveal(), limited(*access, 0600), Overwrite::no); !written) return forward(written);
  return made;
}

void CertificatePair::forget_next_key() const { keys_.remove(next_key_); }

Result<void> CertificatePair::keep(const std::string& chain_pem, const crypto::PrivateKey& key) const {
  const auto blocks = certificates_of(chain_pem, "the answer");
  if (!blocks || blocks->front().spki() != key.public_key().spki()) {
    return fail(ErrorCode::internal, "answer-not-understood", "the server's answer is not a certificate for the key that asked for it");
  }
  const auto access = certificates_.access_of(certificate_);
  if (!access) return forward(access);
  return certificates_.write(next_certificate_, chain_pem, *access, Overwrite::yes);
}

Result<bool> CertificatePair::install() const {
  if (!certificates_.has(next_certificate_)) return false;
  const auto access = certificates_.access_of(certificate_);
  if (!access) return forward(access);
  const auto content = certificates_.read_owned(next_certificate_, left_by(access->owner));
  if (!content) return forward(content);
  const auto next = certificates_of(*content, (certificates_.path() / next_certificate_).string());
  if (!next) return forward(next);

  const auto left = keys_.has(next_key_) ? left_key() : fail(ErrorCode::not_found, "file-error", "");
  if (belongs(left, next->front())) {
    const auto key_access = keys_.access_of(key_);
    if (!key_access) return forward(key_access);
    const auto pem = left->to_pem();
    if (!pem) return forward(pem);
    if (auto written = keys_.write(key_, pem->reveal(), limited(*key_access, 0770), Overwrite::yes); !written) return forward(written);
    keys_.remove(next_key_);
  } else if (!belongs(key_in(keys_.read(key_), key_file()), next->front())) {
    // Somebody has put another pair in place since: what was left of the renewal is of no use any more.
    finished();
    return false;
  }
  const auto current = certificates_.read(certificate_);
  if (current && *current == *content) return true;
  if (auto written = certificates_.write(certificate_, *content, *access, Overwrite::yes); !written) return forward(written);
  return true;
}

void CertificatePair::finished() const { certificates_.remove(next_certificate_); }

}  // namespace quicklime::command_line
