#pragma once
// What Issuer holds: seen by issue.cpp, issuing_authority.cpp and sweep.cpp alone.

#include <array>
#include <atomic>
#include <set>

#include "ca/issue.hpp"
#include "ca/lineage.hpp"
#include "ca/once_keys.hpp"
#include "ca/read_event.hpp"

namespace quicklime::ca {

// A profile under this authority: everything that is the same in each of its certificates, encoded once.
struct PreparedProfile {
  Profile profile;
  std::string sha256;
  std::array<pki::CertificateTemplate, crypto::kKeyFamilies> certificates;  // by the family of the key, which has usages of its own
  std::shared_ptr<std::atomic<bool>> defined;                               // known to stand in the log; of this name everywhere
};

// An authority whose key is here.
struct PreparedAuthority {
  Authority authority;
  std::shared_ptr<const crypto::Signer> signer;
  std::string chain;  // PEM, of this authority, root left out
  std::map<std::string, std::shared_ptr<const PreparedProfile>, std::less<>> profiles;
};

// All that can be issued by, as the view had the authorities and as the keys were. Immutable: requests hold what they began with.
struct PreparedAuthorities {
  std::optional<std::string> value;  // of authorities_key()
  std::uint64_t generation;          // of the keys
  std::vector<Authority> all;
  Lineage lineage;
  std::map<AuthorityId, std::shared_ptr<const PreparedAuthority>> issuing;
};

// Which of them is to issue.
struct WantedAuthority {
  std::optional<AuthorityId> named{};        // by the request or its profile
  std::optional<AuthorityId> preferred{};    // by the profile of what is renewed, as long as it may issue
  std::optional<AuthorityId> predecessor{};  // of the certificate that is renewed
  bool answers_for_it = false;               // for a responder, which a retired one goes on to need
  bool is_ca = false;                        // for an authority, which one that has room below it alone makes
};
// The one that is named, else the newest that may; one that may not, where none may: why is found out behind this. Errors: see
// Issuer::issue.
Result<std::shared_ptr<const PreparedAuthority>> choose_authority(const PreparedAuthorities& known, const WantedAuthority& wanted,
                                                                  Instant now);

struct Issuer::Implementation {
  std::shared_ptr<SigningKeys> keys;
  RevocationKeys revocation_keys;
  IssuePolicy policy;
  eventlog::EventWriter& writer;
  eventlog::EventLog& log;
  views::View& view;
  const Clock& clock;
  async::Pools& pools;

  std::map<std::string, std::shared_ptr<std::atomic<bool>>, std::less<>> defined{};  // of each profile, for all authorities
  std::mutex prepared_mutex{};
  std::shared_ptr<const PreparedAuthorities> prepared{};
  OnceKeys once_keys{};

  std::mutex sweep_mutex{};
  std::set<std::string> swept{};  // revoked by us, and not yet gone from the view's list: one append per serial
};

}  // namespace quicklime::ca
