#pragma once
// The groups of one entry of a directory, and the groups of those. We follow them ourselves: directories that would do it differ in how,
// and none says where it stopped.

#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "identity/directory_connection.hpp"
#include "identity/settings.hpp"

namespace quicklime::identity {

inline constexpr std::size_t kMostGroups = 500;       // of one person
inline constexpr std::size_t kDeepestNesting = 16;    // groups of groups of ...
inline constexpr std::size_t kMembersOfASearch = 50;  // a level is asked for with few questions

// Of at most kMostGroups + 1 entries below group_base, with group_attribute.
using GroupSearch = std::function<Result<Found>(const std::string& filter)>;

// Their names (the DNs, when group_attribute is "dn"), sorted, each once; groups that are in each other are met once. dn: the entry's, as
// the directory writes it; subject: for {name} in group_filter. More or deeper than the bounds is "groups-unbounded": with some left out,
// a rule that refuses could be passed.
Result<std::vector<std::string>> groups_of(const DirectorySettings& settings, const std::string& dn, const std::string& subject,
                                           const GroupSearch& search);

}  // namespace quicklime::identity
