#pragma once
// Somebody whom the log can take back. Whether he was somebody at an offset is read out of one view, as of that offset (architecture
// section 5); which points say it, of each kind of actor, stands in one switch: access::principal_of.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/serial_number.hpp"
#include "events/event.hpp"
#include "views/projection.hpp"

namespace quicklime::ca {

struct Principal {
  std::vector<views::PointKey> records;  // where the view has him
  // Of what stands there, in the same order: this log knows him, and has not taken him back.
  bool (*is_live)(std::span<const std::optional<std::string>> records);
  std::string_view refusal;  // of what he asked for when he was not live: "token-revoked"
  unsigned since = 1;        // the rules under which a certificate that he asks for was first judged by it
  // The holder of a certificate of ours: the same view may have its key as blocked. Only views of roles that issue know a certificate by
  // its serial alone.
  std::optional<SerialNumber> certificate{};
};

bool is_live(const Principal& principal, views::Fold& fold);

// nullopt: nobody whom the log can take back. Provided by libs/access, which knows the records.
using PrincipalOf = std::optional<Principal> (*)(const events::Actor& actor);

}  // namespace quicklime::ca
