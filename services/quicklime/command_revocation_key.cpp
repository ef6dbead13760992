// ca rotate-revocation-key: a new key for the secrets of new certificates; those that are out go on being good.

#include <algorithm>
#include <cstdio>

#include "base/file.hpp"
#include "crypto/random.hpp"
#include "quicklime/bodies.hpp"
#include "quicklime/commands.hpp"
#include "quicklime/output.hpp"
#include "runtime/data_directory.hpp"

namespace quicklime::app {
namespace {

using runtime::Arguments;
using runtime::ExitCode;

bool is_id(const std::string& text) { return text.size() == 8 && text.find_first_not_of("0123456789abcdef") == std::string::npos; }

// The old key gets its name before the new one takes its place: a crash between leaves it under both.
Result<RotatedRevocationKey> rotate(const runtime::DataDirectory& directory, const std::vector<std::string>& lost) {
  std::error_code ignored;
  for (const auto& id : lost) {
    if (!is_id(id)) return wrong_use("--lost takes the id of a revocation key, 8 hex digits: " + id);
  }
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
    const auto loaded = runtime::load_revocation_keys(directory, {}, SystemClock().now());
    if (!loaded) return forward(loaded);
    rotated.previous = loaded->current().id();
    if (std::find(lost.begin(), lost.end(), rotated.previous) == lost.end()) {
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
  const auto directory = runtime::find_data_directory(arguments.text("--data"));
  // Who serves has read the keys already, and would go on with the old one.
  const auto lock = runtime::DirectoryLock::take(directory, "quicklime ca rotate-revocation-key", std::chrono::seconds(5));
  if (!lock) return report(lock.error());
  const auto rotated = rotate(directory, arguments.texts("--lost"));
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
  std::printf(
      "Back up ca/. In a cluster hand ca/revocation* to revocation first, then to renewal and issuance, and restart them in that order.\n");
  return ExitCode::ok;
}

}  // namespace

std::vector<runtime::Command> revocation_key_commands() {
  return {{.name = "ca rotate-revocation-key",
           .purpose = "Make a new key for revocation secrets; the old one goes on verifying",
           .examples = {"quicklime ca rotate-revocation-key", "quicklime ca rotate-revocation-key --lost 3f2a9c1e"},
           .options = {{.name = "--lost",
                        .value = "ID",
                        .help = "a key that is lost for good, or stolen: its secrets are refused from now on, and no process waits for it",
                        .many = true}},
           .run = run_rotate}};
}

}  // namespace quicklime::app
