#pragma once
// The embedded data directory (architecture section 10): where it is, who holds it, what is in it.

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "base/instant.hpp"
#include "base/result.hpp"
#include "ca/authority.hpp"
#include "ca/revocation_key_use.hpp"
#include "ca/revocation_secret.hpp"
#include "ca/signing_keys.hpp"
#include "crypto/signer.hpp"
#include "views/view.hpp"

namespace quicklime::installation {

struct DataDirectory {
  std::filesystem::path root;
  std::filesystem::path configuration() const { return root / "quicklime.toml"; }
  std::filesystem::path log() const { return root / "log.db"; }
  std::filesystem::path views() const { return root / "views"; }
  std::filesystem::path ca() const { return root / "ca"; }
  std::filesystem::path root_key() const { return ca() / "root.key"; }
  std::filesystem::path authority_key(const AuthorityId& authority) const { return ca() / (authority.text() + ".key"); }
  std::filesystem::path revocation_key() const { return ca() / "revocation.key"; }
  std::filesystem::path revocation_key(const std::string& id) const { return ca() / ("revocation-" + id + ".key"); }
  std::filesystem::path lost_revocation_key(const std::string& id) const { return ca() / ("revocation-" + id + ".lost"); }
  std::filesystem::path access_key() const { return ca() / "access.key"; }
  std::filesystem::path own() const { return root / "own"; }                    // this process's TLS and OCSP keys: replaceable
  std::filesystem::path highest_seen() const { return root / "highest_seen"; }  // daemons and projectors: installation/highest_seen.hpp
  std::filesystem::path lock() const { return root / "LOCK"; }
  std::filesystem::path control_socket() const { return root / "control.sock"; }
};

// --data, else $QUICKLIME_DATA, else /var/lib/quicklime for root, else $XDG_DATA_HOME/quicklime (~/.local/share). Absolute.
DataDirectory find_data_directory(const std::string& option);
// " --data DIR", as a next command needs it; empty when the command would find the directory without it.
std::string data_option(const DataDirectory& directory);

// One process holds the directory (flock). The file's content says pid, command and since when; it is not removed.
class DirectoryLock {
 public:
  // Blocks up to `patience`, then "data-directory-held" (conflict) naming the holder. A stale control socket is unlinked
  // here, by the new holder only. "data-directory-missing" (not_found) with the command to make one, when there is no such
  // directory or nothing in it. The lock ends with the process, however it ends.
  static Result<std::unique_ptr<DirectoryLock>> take(const DataDirectory& directory, const std::string& command, Milliseconds patience);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  explicit DirectoryLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};
// Who holds it now, in words: "pid 4711, quicklime serve, since 2026-11-21T01:02:03Z"; nullopt: nobody, or the lock file cannot be opened.
std::optional<std::string> lock_holder(const DataDirectory& directory);

// Key files of ca/: refused when others may read them ("key-file-mode", with the chmod to run).

// ca/<authority>.key of every authority that is not a root: a root's key is never read by a process that runs. A file that is added,
// replaced or taken away is found at the next question, also behind the links of a mounted Secret; one that has not changed is not read.
class KeyFiles final : public ca::KeySource {
 public:
  explicit KeyFiles(DataDirectory directory) : directory_(std::move(directory)) {}
  // "key-file-wrong" when a key is not that of its authority's certificate.
  Result<std::shared_ptr<const crypto::Signer>> signer_of(const ca::Authority& authority) override;

 private:
  struct Read {
    std::string file;  // what it was: its inode, its times
    Result<std::shared_ptr<const crypto::Signer>> signer;
  };
  DataDirectory directory_;
  std::map<AuthorityId, Read> read_;
};

// ca/access.key, by which the passwords of people are sealed: 32 octets. make: where it is missing, as in a directory that was made before
// people signed in, or where it was lost with all passwords and nothing else. "access-key-missing".
Result<Secret> load_access_key(const DataDirectory& directory);
Result<void> make_missing_access_key(const DataDirectory& directory);
// ca/revocation.key makes the secrets of new certificates; every other ca/revocation-<anything>.key verifies too. Each is its 32
// octets, nothing else. `used` is what the view says that the log's certificates count on: an id that is not among them is
// "revocation-key-unknown" (conflict), naming it and what is here, unless a file ca/revocation-<id>.lost says that it is lost or
// stolen: then it verifies nothing either. "revocation-key-missing": there is no ca/revocation.key. "revocation-key-lost" (conflict): it
// is one that was given up.
Result<ca::RevocationKeys> load_revocation_keys(const DataDirectory& directory, const std::vector<ca::RevocationKeyUse>& used, Instant now);
// Those that are in ca/, given up or not: revocation.key before the others.
struct RevocationKeyFile {
  std::string id;
  std::filesystem::path file;
};
Result<std::vector<RevocationKeyFile>> revocation_key_files(const DataDirectory& directory);
// The same, with what this view of a role that folds them says of `used`. Blocks.
Result<ca::RevocationKeys> load_revocation_keys(const DataDirectory& directory, views::View& view, Instant now);

}  // namespace quicklime::installation
