#include <sys/stat.h>

#include <algorithm>

#include "base/file.hpp"
#include "crypto/random.hpp"
#include "installation/data_directory.hpp"

namespace quicklime::installation {
namespace {

constexpr std::size_t kAccessKeyOctets = 32;

Result<ca::RevocationKey> read_revocation_key(const std::filesystem::path& file) {
  constexpr std::size_t kOctets = 32;
  auto key = read_key_file(file);
  if (!key) return forward(key);
  if (key->reveal().size() != kOctets) {
    return fail(ErrorCode::invalid, "key-file-wrong",
                file.string() + " holds " + std::to_string(key->reveal().size()) + " octets and not 32; restore it from the backup of ca/");
  }
  return ca::RevocationKey(std::move(*key));
}

// revocation-*.key and revocation-*.lost, in the order of their names.
Result<std::vector<std::filesystem::path>> other_revocation_files(const DataDirectory& directory) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory.ca(), error), end; !error && entry != end; entry.increment(error)) {
    const auto extension = entry->path().extension();
    if (entry->path().filename().string().starts_with("revocation-") && (extension == ".key" || extension == ".lost"))
      files.push_back(entry->path());
  }
  if (error) return fail(ErrorCode::internal, "file-error", "cannot list " + directory.ca().string() + ": " + error.message());
  std::sort(files.begin(), files.end());
  return files;
}

Result<std::shared_ptr<const crypto::Signer>> read_signer(const std::filesystem::path& file, const ca::Authority& authority) {
  auto pem = read_key_file(file);
  if (!pem) return forward(pem);
  auto key = crypto::PrivateKey::from_pem(*pem);
  if (!key) return fail(key.error().code, key.error().reason, file.string() + ": " + key.error().detail);
  if (key->public_key().spki() != authority.certificate.spki()) {
    return fail(ErrorCode::conflict, "key-file-wrong",
                file.string() + " is not the key of the certificate of " + authority.id.text() + " in the log; put the right one there");
  }
  return std::make_shared<crypto::KeySigner>(std::move(*key));
}

std::string until(const ca::RevocationKeyUse& use) { return use.id + " (in use until " + use.until.rfc3339_seconds().substr(0, 10) + ")"; }

std::string listed(const std::vector<ca::RevocationKeyUse>& uses) {
  std::string text;
  for (const auto& use : uses) text += (text.empty() ? "" : ", ") + until(use);
  return text;
}

}  // namespace

Result<std::shared_ptr<const crypto::Signer>> KeyFiles::signer_of(const ca::Authority& authority) {
  const std::filesystem::path file = directory_.authority_key(authority.id);
  struct stat found {};
  if (!authority.parent || ::stat(file.c_str(), &found) != 0) {
    read_.erase(authority.id);
    return nullptr;
  }
  std::string identity = std::to_string(found.st_dev);
  for (const auto number : {static_cast<std::int64_t>(found.st_ino), static_cast<std::int64_t>(found.st_size),
                            static_cast<std::int64_t>(found.st_mtim.tv_sec), static_cast<std::int64_t>(found.st_mtim.tv_nsec),
                            static_cast<std::int64_t>(found.st_ctim.tv_sec), static_cast<std::int64_t>(found.st_ctim.tv_nsec)})
    identity += '/' + std::to_string(number);
  const auto known = read_.find(authority.id);
  if (known != read_.end() && known->second.file == identity) return known->second.signer;
  auto signer = read_signer(file, authority);
  read_.insert_or_assign(authority.id, Read{std::move(identity), signer});
  return signer;
}

Result<Secret> load_access_key(const DataDirectory& directory) {
  const std::filesystem::path file = directory.access_key();
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    return fail(ErrorCode::not_found, "access-key-missing",
                "there is no " + file.string() +
                    ", by which passwords are sealed: bring it from the backup of ca/, or, where there is none, " +
                    "`head -c 32 /dev/urandom` into it (0600); then local users get new passwords, and nothing else is lost");
  }
  auto key = read_key_file(file);
  if (!key) return forward(key);
  if (key->reveal().size() != kAccessKeyOctets) {
    return fail(ErrorCode::invalid, "key-file-wrong",
                file.string() + " holds " + std::to_string(key->reveal().size()) + " octets and not 32; restore it from the backup of ca/");
  }
  return key;
}

Result<void> make_missing_access_key(const DataDirectory& directory) {
  std::error_code ignored;
  if (std::filesystem::exists(directory.access_key(), ignored)) return {};
  const Secret key = crypto::random_secret(kAccessKeyOctets);
  return write_file(directory.access_key(), key.reveal(), FileMode::private_, Overwrite::no);
}

Result<ca::RevocationKeys> load_revocation_keys(const DataDirectory& directory, const std::vector<ca::RevocationKeyUse>& used,
                                                Instant now) {
  const std::filesystem::path file = directory.revocation_key();
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    const auto expected = ca::missing_revocation_keys(used, {}, now);
    return fail(ErrorCode::not_found, "revocation-key-missing",
                "there is no " + file.string() +
                    (expected.empty() ? "" : "; certificates were issued with revocation key " + listed(expected)) +
                    ". Restore it from the backup of ca/");
  }
  auto current = read_revocation_key(file);
  if (!current) return forward(current);
  if (const auto lost = directory.lost_revocation_key(current->id()); std::filesystem::exists(lost, ignored)) {
    return fail(ErrorCode::conflict, "revocation-key-lost",
                file.string() + " is key " + current->id() + ", which " + lost.string() +
                    " gives up as lost or stolen: it must make no more secrets. Run quicklime ca rotate-revocation-key --lost " +
                    current->id() + " for a new one; if it was given up by mistake, remove " + lost.string());
  }
  std::vector<ca::RevocationKey> others;
  std::vector<std::string> known(1, current->id());  // or given up
  std::string found = current->id() + " (" + file.filename().string() + ")";
  const auto files = other_revocation_files(directory);
  if (!files) return forward(files);
  for (const auto& other : *files) {
    if (other.extension() == ".lost") known.push_back(other.stem().string().substr(std::string_view("revocation-").size()));
  }
  for (const auto& other : *files) {
    if (other.extension() != ".key") continue;
    auto key = read_revocation_key(other);
    if (!key) return forward(key);
    if (std::find(known.begin(), known.end(), key->id()) != known.end()) continue;
    found += ", " + key->id() + " (" + other.filename().string() + ")";
    known.push_back(key->id());
    others.push_back(*std::move(key));
  }
  if (const auto missing = ca::missing_revocation_keys(used, known, now); !missing.empty()) {
    return fail(ErrorCode::conflict, "revocation-key-unknown",
                "certificates were issued with revocation key " + listed(missing) + ", and " + directory.ca().string() + " holds " + found +
                    ". Bring the right file back as ca/revocation.key, or beside it as ca/revocation-" + missing.front().id +
                    ".key; if it is lost for good, run quicklime ca rotate-revocation-key --lost " + missing.front().id);
  }
  return ca::RevocationKeys(*std::move(current), std::move(others));
}

Result<std::vector<RevocationKeyFile>> revocation_key_files(const DataDirectory& directory) {
  std::error_code ignored;
  std::vector<std::filesystem::path> files;
  if (std::filesystem::exists(directory.revocation_key(), ignored)) files.push_back(directory.revocation_key());
  const auto others = other_revocation_files(directory);
  if (!others) return forward(others);
  std::copy_if(others->begin(), others->end(), std::back_inserter(files), [](const auto& file) { return file.extension() == ".key"; });
  std::vector<RevocationKeyFile> found;
  for (const auto& file : files) {
    const auto key = read_revocation_key(file);
    if (!key) return forward(key);
    found.push_back({key->id(), file});
  }
  return found;
}

Result<ca::RevocationKeys> load_revocation_keys(const DataDirectory& directory, views::View& view, Instant now) {
  const auto points = async::run_to_end(view.get({ca::revocation_keys_key()}));
  if (!points) return forward(points);
  const auto used = ca::decode_revocation_keys(points->values.front());
  if (!used) return forward(used);
  return load_revocation_keys(directory, *used, now);
}

}  // namespace quicklime::installation
