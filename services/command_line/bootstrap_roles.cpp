#include "command_line/bootstrap_roles.hpp"

#include <algorithm>

#include "all_in_one/roles.hpp"
#include "base/nearest.hpp"
#include "ca/role_uri.hpp"
#include "command_line/output.hpp"

namespace quicklime::command_line {

const std::vector<std::string>& bootstrap_roles() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> found;
    for (const auto& role : all_in_one::roles()) {
      if (!role.certifies_daemons) found.push_back(role.process_name());
    }
    found.emplace_back("gateway");
    return found;
  }();
  return names;
}

Result<std::vector<std::string>> bootstrap_roles(const std::vector<std::string>& asked, const std::string& gateway) {
  if (asked.empty()) return bootstrap_roles();
  auto known = bootstrap_roles();
  for (const auto& role : all_in_one::roles()) {
    if (role.certifies_daemons) known.push_back(role.process_name());
  }
  if (!gateway.empty()) known.push_back(gateway);
  std::vector<std::string> chosen;
  for (const auto& role : asked) {
    if (std::find(known.begin(), known.end(), role) == known.end()) {
      const auto meant = nearest(role, known);
      return wrong_use("no process has the role '" + role + "'" +
                       (meant ? "; did you mean '" + *meant + "'?" : "; there are: " + joined(known, ", ")));
    }
    if (std::find(chosen.begin(), chosen.end(), role) == chosen.end()) chosen.push_back(role);
  }
  return chosen;
}

installation::BootstrapGrant bootstrap_grant(const std::string& role) {
  installation::BootstrapGrant grant{
      role, "bootstrap " + role, {ca::kRolePeerProfile}, {"quicklime:role/" + role, role, "localhost", "127.0.0.1"}};
  for (const auto& one : all_in_one::roles()) {
    if (one.process_name() == role && one.ocsp_responder) grant.profiles.push_back("ocsp-signing");
  }
  return grant;
}

}  // namespace quicklime::command_line
