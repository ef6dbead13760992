#include "identity/directory_groups.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "base/printable.hpp"
#include "identity/ldap_text.hpp"

namespace quicklime::identity {
namespace {

Failure unbounded(const std::string& dn, const std::string& what) {
  return fail(
      ErrorCode::denied, "groups-unbounded",
      printable(dn) + " is in " + what + "; narrow group_base or group_filter to the groups that rules name, or set nested = false");
}

// Those that any of the members is in.
std::string filter_of(const DirectorySettings& settings, const std::vector<std::string>& members, const std::string& subject) {
  std::string any;
  for (const auto& member : members) {
    any += filled(settings.group_filter, {{"{dn}", filter_value(member)}, {"{name}", filter_value(subject)}});
  }
  return members.size() == 1 ? any : "(|" + any + ")";
}

std::vector<std::string> names_of(const Entry& group, const std::string& attribute) {
  if (attribute == "dn") return {group.dn};
  const auto named = group.attributes.find(attribute);
  return named == group.attributes.end() ? std::vector<std::string>() : named->second;
}

}  // namespace

Result<std::vector<std::string>> groups_of(const DirectorySettings& settings, const std::string& dn, const std::string& subject,
                                           const GroupSearch& search) {
  std::set<std::string> names;
  std::set<std::string> met{folded(dn)};
  std::vector<std::string> level{dn};
  for (std::size_t depth = 0; !level.empty(); ++depth) {
    if (depth == kDeepestNesting) return unbounded(dn, "groups of groups more than " + std::to_string(kDeepestNesting) + " deep");
    std::vector<std::string> next;
    for (std::size_t from = 0; from < level.size(); from += kMembersOfASearch) {
      const auto begin = level.begin() + static_cast<std::ptrdiff_t>(from);
      const auto end = level.begin() + static_cast<std::ptrdiff_t>(std::min(from + kMembersOfASearch, level.size()));
      auto found = search(filter_of(settings, {begin, end}, subject));
      if (!found) return forward(std::move(found));
      for (const auto& group : found->entries) {
        if (!met.insert(folded(group.dn)).second) continue;
        next.push_back(group.dn);
        for (auto& name : names_of(group, settings.group_attribute)) {
          if (is_printable(name)) names.insert(std::move(name));
        }
      }
      if (found->more || met.size() > kMostGroups + 1) return unbounded(dn, "more than " + std::to_string(kMostGroups) + " groups");
    }
    if (!settings.nested) break;
    level = std::move(next);
  }
  return std::vector<std::string>(names.begin(), names.end());
}

}  // namespace quicklime::identity
