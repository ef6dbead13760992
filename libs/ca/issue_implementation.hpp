#pragma once
// What Issuer holds: seen by issue.cpp and sweep.cpp alone.

#include <array>
#include <atomic>
#include <set>

#include "ca/issue.hpp"
#include "ca/once_keys.hpp"
#include "ca/read_event.hpp"

namespace quicklime::ca {

// A profile under this authority: everything that is the same in each of its certificates, encoded once.
struct PreparedProfile {
  Profile profile;
  std::string sha256;
  std::array<pki::CertificateTemplate, crypto::kKeyFamilies> certificates;  // by the family of the key, which has usages of its own
  mutable std::atomic<bool> defined{false};                                 // known to stand in the log
};

struct Issuer::Implementation {
  Authority authority;
  std::vector<Authority> all;
  std::string chain;  // PEM, of this authority, root left out
  std::shared_ptr<const crypto::Signer> signer;
  RevocationKeys revocation_keys;
  IssuePolicy policy;
  eventlog::EventWriter& writer;
  eventlog::EventLog& log;
  views::View& view;
  const Clock& clock;
  async::Pools& pools;

  std::map<std::string, std::shared_ptr<const PreparedProfile>, std::less<>> profiles{};
  OnceKeys once_keys{};

  std::mutex sweep_mutex{};
  std::set<std::string> swept{};  // revoked by us, and not yet gone from the view's list: one append per serial
};

}  // namespace quicklime::ca
