#include "quicklime/certificate_pair.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <optional>

#include "base/file.hpp"
#include "quicklime/certificate_files.hpp"

namespace quicklime::app {
namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& file) {
  std::error_code ignored;
  return fs::exists(file, ignored);
}

Result<crypto::PrivateKey> read_key(const fs::path& file) {
  const auto pem = read_secret_file(file);
  if (!pem) return forward(pem);
  auto key = crypto::PrivateKey::from_pem(*pem);
  if (!key) return fail(key.error().code, key.error().reason, file.string() + ": " + key.error().detail);
  return key;
}

bool belongs(const Result<crypto::PrivateKey>& key, const pki::Certificate& certificate) {
  return key && key->public_key().spki() == certificate.spki();
}

// Whoever reads the old file reads the new one: a web server's group, say. Only root can give files away; others own both.
struct Access {
  uid_t owner;
  gid_t group;
  mode_t mode;
};
std::optional<Access> access_of(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return std::nullopt;
  return Access{status.st_uid, status.st_gid, status.st_mode & 0777};
}
void give(const fs::path& file, const std::optional<Access>& access, mode_t at_most) {
  if (access && ::chown(file.c_str(), access->owner, access->group) == 0) ::chmod(file.c_str(), access->mode & at_most);
}

}  // namespace

CertificatePair::CertificatePair(fs::path certificate, fs::path key)
    : certificate_(std::move(certificate)),
      key_(std::move(key)),
      next_certificate_(certificate_.string() + ".new"),
      next_key_(key_.string() + ".new") {}

Result<CertificatePair> CertificatePair::open(const fs::path& certificate_file) {
  if (certificate_file.extension() != ".crt") {
    return fail(ErrorCode::invalid, "file-name", certificate_file.string() + " is not named NAME.crt, with its key beside it as NAME.key");
  }
  std::error_code error;
  const fs::path certificate = fs::canonical(certificate_file, error);
  if (error) return fail(ErrorCode::not_found, "file-error", "cannot read " + certificate_file.string() + ": " + error.message());
  fs::path beside = certificate_file;
  const fs::path key = fs::canonical(beside.replace_extension(".key"), error);
  if (error) {
    return fail(ErrorCode::not_found, "key-file-missing",
                "there is no " + beside.string() + ": a certificate is renewed where its key is, which proves that it is yours");
  }
  return CertificatePair(certificate, key);
}

Result<pki::Certificate> CertificatePair::certificate() const {
  auto all = read_certificates(certificate_);
  if (!all) return forward(all);
  return std::move(all->front());
}

Result<crypto::PrivateKey> CertificatePair::key() const {
  const auto leaf = certificate();
  if (!leaf) return forward(leaf);
  auto key = read_key(key_);
  if (!key) return key;
  if (belongs(key, *leaf)) return key;
  return fail(ErrorCode::invalid, "key-mismatch", key_.string() + " is not the key of " + certificate_.string());
}

Result<crypto::PrivateKey> CertificatePair::next_key(crypto::KeyKind kind) const {
  if (is_there(next_key_)) return read_key(next_key_);
  auto made = crypto::PrivateKey::generate(kind);
  if (!made) return made;
  const auto pem = made->to_pem();
  if (!pem) return forward(pem);
  if (auto written = write_file(next_key_, pem->reveal(), FileMode::private_, Overwrite::no); !written) return forward(written);
  return made;
}

void CertificatePair::forget_next_key() const {
  std::error_code ignored;
  fs::remove(next_key_, ignored);
}

Result<void> CertificatePair::keep(const std::string& chain_pem, const crypto::PrivateKey& key) const {
  const auto blocks = certificates_of(chain_pem, "the answer");
  if (!blocks || blocks->front().spki() != key.public_key().spki()) {
    return fail(ErrorCode::internal, "answer-not-understood", "the server's answer is not a certificate for the key that asked for it");
  }
  return write_file(next_certificate_, chain_pem, FileMode::public_, Overwrite::yes);
}

Result<bool> CertificatePair::install() const {
  if (!is_there(next_certificate_)) return false;
  const auto content = read_file(next_certificate_);
  if (!content) return forward(content);
  const auto next = certificates_of(*content, next_certificate_.string());
  if (!next) return forward(next);

  if (is_there(next_key_) && belongs(read_key(next_key_), next->front())) {
    give(next_key_, access_of(key_), 0770);
    if (auto renamed = rename_durably(next_key_, key_); !renamed) return forward(renamed);
  } else if (!belongs(read_key(key_), next->front())) {
    // Somebody has put another pair in place since: what was left of the renewal is of no use any more.
    finished();
    return false;
  }
  const auto current = read_file(certificate_);
  if (current && *current == *content) return true;
  const auto access = access_of(certificate_);
  if (auto written = write_file(certificate_, *content, FileMode::public_, Overwrite::yes); !written) return forward(written);
  give(certificate_, access, 0777);
  return true;
}

void CertificatePair::finished() const {
  std::error_code ignored;
  fs::remove(next_certificate_, ignored);
}

}  // namespace quicklime::app
