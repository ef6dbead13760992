#include "installation/init.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/metrics.hpp"
#include "ca/authority.hpp"
#include "ca/crl_publication.hpp"
#include "crypto/random.hpp"
#include "eventlog/event_writer.hpp"
#include "eventlog/export_file.hpp"
#include "eventlog/sqlite_log.hpp"
#include "events/codec.hpp"
#include "pki/pem.hpp"

namespace quicklime::installation {
namespace {

namespace fs = std::filesystem;

// The directory under construction, locked while its maker lives, removed unless it was renamed away.
class Construction {
 public:
  static Result<Construction> begin(const fs::path& target) {
    const std::string prefix = "." + target.filename().string() + ".new-";
    remove_abandoned(target.parent_path(), prefix);
    const fs::path path = target.parent_path() / (prefix + hex_encode(crypto::random_bytes(4)));
    if (::mkdir(path.c_str(), 0700) != 0) {
      return fail(ErrorCode::denied, "directory-not-writable",
                  "cannot make a directory in " + target.parent_path().string() + ": choose another with --data");
    }
    const int descriptor = lock(path);
    if (descriptor < 0) return fail(ErrorCode::internal, "file-error", "cannot lock " + path.string());
    return Construction(path, descriptor);
  }
  Construction(Construction&& other) noexcept : path_(std::exchange(other.path_, {})), descriptor_(std::exchange(other.descriptor_, -1)) {}
  Construction& operator=(Construction&&) = delete;
  ~Construction() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  const fs::path& path() const { return path_; }
  Result<void> finish(const fs::path& target) {
    auto renamed = rename_durably(path_, target);
    if (renamed) path_.clear();
    return renamed;
  }

 private:
  Construction(fs::path path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  static int lock(const fs::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor >= 0 && ::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return descriptor;
    if (descriptor >= 0) ::close(descriptor);
    return -1;
  }
  // What an init that was killed left behind: keys of a CA that never was.
  static void remove_abandoned(const fs::path& parent, const std::string& prefix) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(parent, ignored)) {
      if (!entry.path().filename().string().starts_with(prefix)) continue;
      const int descriptor = lock(entry.path());
      if (descriptor < 0) continue;
      fs::remove_all(entry.path(), ignored);
      ::close(descriptor);
    }
  }

  fs::path path_;
  int descriptor_;
};

Result<void> check_target(const fs::path& target) {
  std::error_code error;
  if (!fs::exists(target, error)) {
    fs::create_directories(target.parent_path(), error);
    if (!error) return {};
    return fail(ErrorCode::denied, "directory-not-writable", "cannot make " + target.parent_path().string() + ": " + error.message());
  }
  if (fs::is_directory(target, error) && fs::is_empty(target, error)) return {};
  return fail(ErrorCode::conflict, "data-directory-exists",
              target.string() + " is not empty: quicklime serve uses the CA that is there; another one needs another --data");
}

Result<void> write_authority(const ca::NewAuthority& authority, const fs::path& certificate_file, const fs::path& key_file,
                             const Secret& passphrase) {
  const auto key = authority.key.to_pem(passphrase);
  if (!key) return forward(key);
  const std::string certificate = pki::pem_encode("CERTIFICATE", authority.certificate.der());
  if (auto written = write_file(certificate_file, certificate, FileMode::public_, Overwrite::no); !written) return written;
  return write_file(key_file, key->reveal(), FileMode::private_, Overwrite::no);  // last: who fails has written none
}

// The root's key, where it was written outside the directory: removed again when no CA comes of it.
class KeyOutside {
 public:
  explicit KeyOutside(fs::path file) : file_(std::move(file)) {}
  ~KeyOutside() {
    std::error_code ignored;
    if (!file_.empty()) fs::remove(file_, ignored);
  }
  KeyOutside(const KeyOutside&) = delete;
  KeyOutside& operator=(const KeyOutside&) = delete;
  void keep() { file_.clear(); }

 private:
  fs::path file_;
};

events::Actor maker() { return {events::Actor::Kind::control, "init"}; }

Result<void> create_log(const DataDirectory& directory, const Clock& clock) {
  const LogId id(crypto::uuid_v7(clock.now()));
  const events::Event created{.id = EventId(crypto::uuid_v7(clock.now())),
                              .time = clock.now(),
                              .writer = {crypto::uuid_v7(clock.now()), 1},
                              .actor = maker(),
                              .request = RequestId("init"),
                              .data = events::LogCreated{id}};
  return eventlog::create_sqlite_log(directory.log(), id, events::encode(created));
}

// What the log begins with: the authorities, and the root's CRL while its key is at hand.
Result<void> write_log(const DataDirectory& directory, const ca::NewAuthority& root, const ca::NewAuthority& issuing,
                       Milliseconds backdate) {
  const SystemClock clock;
  if (auto created = create_log(directory, clock); !created) return created;
  metrics::Registry metrics;
  auto log = eventlog::open_sqlite_log(directory.log(), {}, metrics);
  if (!log) return forward(log);
  eventlog::EventWriter writer(**log, clock);
  const auto append = [&](std::string subject, events::Data data) {
    return async::run_to_end(
        writer.append({.actor = maker(), .cause = {RequestId("init")}, .subject = std::move(subject), .data = std::move(data)}));
  };

  auto appended = append(root.id.text(), events::AuthorityAdded{root.id, std::nullopt, root.certificate.der()});
  if (!appended) return forward(appended);
  appended = append(issuing.id.text(), events::AuthorityAdded{issuing.id, root.id, issuing.certificate.der()});
  if (!appended) return forward(appended);
  const crypto::KeySigner signer(root.key);
  const auto times = ca::crl_times(clock.now(), backdate, ca::kOfflineCrlLifetime);
  const auto crl = ca::make_publication({root.id, std::nullopt, root.certificate}, signer, "", appended->position, "", times);
  if (!crl) return forward(crl);
  appended = append(root.id.text(), *crl);
  if (!appended) return forward(appended);
  return {};
}

// What import_log takes: a log that ends with its seal, as a file.
Result<void> seal_for_import(const DataDirectory& directory) {
  const SystemClock clock;
  metrics::Registry metrics;
  {
    const auto log = eventlog::open_sqlite_log(directory.log(), {}, metrics);
    if (!log) return forward(log);
    eventlog::EventWriter writer(**log, clock);
    const auto sealed =
        async::run_to_end(writer.append({.actor = maker(), .cause = {RequestId("init")}, .subject = "", .data = events::LogSealed{}}));
    if (!sealed) return forward(sealed);
    if (const auto written = eventlog::export_log(**log, first_events(directory), eventlog::ExportOf::sealed_log); !written)
      return forward(written);
  }
  std::error_code ignored;
  for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(directory.log().string() + suffix, ignored);
  return {};
}

}  // namespace

std::string derived_public_url() {
  char machine[256] = {};
  ::gethostname(machine, sizeof machine - 1);
  return std::string("http://") + (machine[0] == '\0' ? "localhost" : machine) + ":8080";
}

Result<MadeAuthorities> init(const InitOptions& options) {
  const fs::path& target = options.directory.root;
  if (auto checked = check_target(target); !checked) return forward(checked);

  auto construction = Construction::begin(target);
  if (!construction) return forward(construction);
  const DataDirectory directory{construction->path()};
  if (::mkdir(directory.ca().c_str(), 0700) != 0) return fail(ErrorCode::internal, "file-error", "cannot make " + directory.ca().string());

  const SystemClock clock;
  const ca::AuthorityPlan plan{
      .organization = options.organization, .public_url = options.public_url, .key_kind = options.key_kind, .permitted = options.permitted};
  const auto root = ca::make_root(plan, clock.now());
  if (!root) return forward(root);
  const auto issuing = ca::make_issuing(plan, *root, clock.now());
  if (!issuing) return forward(issuing);

  const fs::path root_key = options.root_key_out.empty() ? directory.root_key() : fs::absolute(options.root_key_out);
  if (auto written = write_authority(*root, directory.ca() / "root.crt", root_key, options.root_key_passphrase); !written)
    return forward(written);
  KeyOutside outside(options.root_key_out.empty() ? fs::path() : root_key);
  if (auto written =
          write_authority(*issuing, directory.ca() / (issuing->id.text() + ".crt"), directory.authority_key(issuing->id), Secret());
      !written)
    return forward(written);
  if (auto made = make_missing_access_key(directory); !made) return forward(made);
  const Secret revocation_key = crypto::random_secret(32);
  if (auto written = write_file(directory.revocation_key(), revocation_key.reveal(), FileMode::private_, Overwrite::no); !written)
    return forward(written);
  if (auto written = write_file(directory.configuration(), options.configuration, FileMode::public_, Overwrite::no); !written)
    return forward(written);
  if (auto written = write_log(directory, *root, *issuing, options.backdate); !written) return forward(written);
  if (options.for_daemons) {
    if (auto carried = seal_for_import(directory); !carried) return forward(carried);
  }

  if (auto renamed = construction->finish(target); !renamed) return forward(renamed);
  outside.keep();
  return MadeAuthorities{root->certificate, issuing->certificate, options.root_key_out.empty() ? options.directory.root_key() : root_key};
}

fs::path first_events(const DataDirectory& directory) { return directory.root / "first-events.jsonl"; }

}  // namespace quicklime::installation
