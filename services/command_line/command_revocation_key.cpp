// ca rotate-revocation-key: a new key for the secrets of new certificates; those that are out go on being good.

#include <algorithm>
#include <cstdio>

#include "async/task.hpp"
#include "base/file.hpp"
#include "ca/revocation_key_use.hpp"
#include "command_line/bodies.hpp"
#include "command_line/client.hpp"
#include "command_line/commands.hpp"
#include "command_line/output.hpp"
#include "crypto/random.hpp"
#include "installation/data_directory.hpp"
#include "issuance/service.hpp"
#include "views/sqlite_store.hpp"

namespace quicklime::command_line {
namespace {

using runtime::Arguments;
using runtime::ExitCode;

constexpr const char* kRotate = "ca rotate-revocation-key";

bool is_id(const std::string& text) { return text.size() == 8 && text.find_first_not_of("0123456789abcdef") == std::string::npos; }

// The ids that certificates in the log count on, where a view is here that says it; nullopt: nothing here knows.
std::optional<std::vector<std::string>> ids_in_use(const installation::DataDirectory& directory) {
  const auto projection = issuance::projection();
  const auto file = directory.views() / (projection.name + ".db");
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return std::nullopt;
  const SystemClock clock;
  const auto store = views::open_sqlite_store(file, projection.spaces, clock);
  if (!store) return std::nullopt;
  const auto points = async::run_to_end((*store)->get({ca::revocation_keys_key()}));
  if (!points) return std::nullopt;
  const auto uses = ca::decode_revocation_keys(points->values.front());
  if (!uses) return std::nullopt;
  std::vector<std::string> ids;
  for (const auto& use : *uses) ids.push_back(use.id);
  return ids;
}

// What is given up by a slip of the hand is missed by nobody, and the one that is meant goes on counting.
Result<void> check_lost(const installation::DataDirectory& directory, const std::vector<std::string>& lost,
                        const std::vector<installation::RevocationKeyFile>& files) {
  std::vector<std::string> known, said;
  for (const auto& file : files) {
    known.push_back(file.id);
    said.push_back(file.id + " (" + file.file.filename().string() + ")");
  }
  const auto used = ids_in_use(directory);
  for (const auto& id : used.value_or(std::vector<std::string>())) {
    if (std::find(known.begin(), known.end(), id) != known.end()) continue;
    known.push_back(id);
    said.push_back(id + " (certificates were issued with it)");
  }
  for (const auto& id : lost) {
    if (!is_id(id)) return wrong_use("--lost takes the id of a revocation key, 8 hex digits: " + id);
    std::error_code ignored;
    const bool is_lost = std::filesystem::exists(directory.lost_revocation_key(id), ignored);
    if (!used || is_lost || std::find(known.begin(), known.end(), id) != known.end()) continue;
    return wrong_use("there is no revocation key " + id + "; there are: " + joined(said, ", "));
  }
  return {};
}

// The old key gets its name before the new one takes its place: a crash between leaves it under both.
Result<RotatedRevocationKey> rotate(const installation::DataDirectory& directory, const std::vector<std::string>& lost) {
  std::error_code ignored;
  const auto files = installation::revocation_key_files(directory);
  if (!files) return forward(files);
  if (auto checked = check_lost(directory, lost, *files); !checked) return forward(checked);
  const bool has_key = std::filesystem::exists(directory.revocation_key(), ignored);
  if (!has_key && lost.empty()) {
    return fail(ErrorCode::not_found, "revocation-key-missing",
                "there is no " + directory.revocation_key().string() +
                    ". Restore it from the backup of ca/; if it is lost for good, name its id with --lost (serve says it)");
  }
  RotatedRevocationKey rotated;
  if (has_key) {
    const auto old = read_secret_file(directory.revocation_key());
    if (!old) return forward(old);
    rotated.previous = files->front().id;
    const bool given_up = std::find(lost.begin(), lost.end(), rotated.previous) != lost.end() ||
                          std::filesystem::exists(directory.lost_revocation_key(rotated.previous), ignored);
    if (!given_up) {
      const auto kept = directory.revocation_key(rotated.previous);
      if (auto written = write_file(kept, old->reveal(), FileMode::private_, Overwrite::yes); !written) return forward(written);
      rotated.previous_file = kept.string();
    }
  }
  for (const auto& id : lost) {
    if (auto written = write_file(directory.lost_revocation_key(id), "", FileMode::private_, Overwrite::yes); !written)
      return forward(written);
  }
  const Secret fresh = crypto::random_secret(32);
  if (auto written = write_file(directory.revocation_key(), fresh.reveal(), FileMode::private_, Overwrite::yes); !written)
    return forward(written);
  rotated.id = ca::RevocationKey(Secret::copy_of(fresh.reveal())).id();
  rotated.file = directory.revocation_key().string();
  return rotated;
}

ExitCode run_rotate(const Arguments& arguments) {
  if (auto here = Remote::require_here(arguments, kRotate); !here) return report(here.error());
  const auto directory = installation::find_data_directory(arguments.text("--data"));
  // Who serves has read the keys already, and would go on with the old one.
  const auto lock = installation::DirectoryLock::take(directory, std::string("quicklime ") + kRotate, std::chrono::seconds(5));
  if (!lock) return report(lock.error());
  const auto lost = arguments.texts("--lost");
  const auto rotated = rotate(directory, lost);
  if (!rotated) return report(rotated.error());
  if (arguments.text("--output") == "json") {
    std::printf("%s\n", encode(*rotated).c_str());
    return ExitCode::ok;
  }
  std::printf("New certificates get their revocation secret by key %s (%s).\n", rotated->id.c_str(), rotated->file.c_str());
  if (!rotated->previous_file.empty()) {
    std::printf("The secrets of key %s stay good: keep %s until the last certificate that it was used for has expired.\n",
                rotated->previous.c_str(), rotated->previous_file.c_str());
  }
  for (const auto& id : lost) std::printf("The secrets of key %s are refused from now on.\n", id.c_str());
  std::printf(
      "Back up ca/. In a cluster hand ca/revocation* to revocation first, then to renewal and issuance, and restart them in that order.\n");
  return ExitCode::ok;
}

}  // namespace

std::vector<runtime::Command> revocation_key_commands() {
  return {{.name = kRotate,
           .purpose = "Make a new key for revocation secrets; the old one goes on verifying",
           .examples = {"quicklime ca rotate-revocation-key", "quicklime ca rotate-revocation-key --lost 3f2a9c1e"},
           .options = {{.name = "--lost",
                        .value = "ID",
                        .help = "a key that is lost for good, or stolen: its secrets are refused from now on, and no process waits for it",
                        .many = true}},
           .run = run_rotate}};
}

}  // namespace quicklime::command_line
