#pragma once
// What this role knows of each certificate: enough to revoke it, hold it or release it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "base/serial_number.hpp"
#include "ca/status.hpp"
#include "views/view.hpp"

namespace quicklime::revocation {

struct Record {
  AuthorityId authority;
  std::string key_sha256;  // hex
  Instant not_after;
  ca::Status status{};
  std::uint64_t offset = 0;  // of its certificate.issued event: who revokes by its key is checked against the certificate there
  // Serials, hex, of what this view still knows; where one between has been forgotten, of those next to it. A successor that is revoked
  // and has none of its own is none.
  std::string replaces{};  // empty: nothing
  std::vector<std::string> successors{};
  std::vector<std::string> commands{};  // once keys that its events have: the newest kRememberedCommands; they go when it goes
  std::string requester{};              // whose it is: ca::requester_text
};
inline constexpr std::size_t kRememberedCommands = 64;
std::string encode(const Record& record);
Result<Record> decode_record(std::string_view text);

views::Space certificate_space();
views::PointKey certificate_key(const SerialNumber& serial);
// Which certificates have a key: an index of `<key>/<serial>`.
views::Space key_space();
views::Scan with_key(std::string_view key_sha256);

// What was written under a command, in the order of the log: an index of `<command>/<offset, 16 hex digits>/<serial>`. The claims
// themselves: ca/claims.hpp.
views::Space command_space();
std::string command_entry(std::string_view command, std::uint64_t offset, std::string_view serial);
views::Scan of_command(std::string_view command);
// "command:<hash>" of a once key "command:<hash>/<serial>", and of itself.
std::string_view command_of(std::string_view once);

struct Records {
  views::Meta meta;
  std::vector<std::optional<Record>> records;  // in the order asked; nullopt: not in this view
};
async::Task<Result<Records>> find(views::View& view, const std::vector<SerialNumber>& serials);

}  // namespace quicklime::revocation
