#pragma once
// One conversation with an LDAP directory, over TLS or not at all. By libldap, which only the source of this class includes. Blocks, until
// its deadline at most; for one thread at a time.
// Errors: "directory-unreachable" (no connection, no TLS, no answer in time) and "directory-refused" (it answered, and not as it should);
// both are ErrorCode::unavailable and name the directory, certificates' roots and what to look at, for whoever runs the CA.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "identity/watched_socket.hpp"

namespace quicklime::identity {

struct Entry {
  std::string dn;                                              // as the directory writes it
  std::map<std::string, std::vector<std::string>> attributes;  // of those that were asked for, named as they were asked for
};

struct Found {
  std::vector<Entry> entries;
  bool more = false;                   // than were asked for, or than the directory gives
  std::vector<std::string> elsewhere;  // where the directory would have us ask; we do not
};

enum class Bound {
  accepted,
  refused,      // wrong password, nobody of that name, locked: the directory may not say which, and we do not
  must_change,  // the password is right and no longer good: expired, or set by an administrator (ppolicy)
};

class DirectoryConnection {
 public:
  // url: ldaps://HOST[:PORT], or ldap://HOST[:PORT], where TLS is started first. roots: PEM file; empty: those of the system.
  static Result<std::unique_ptr<DirectoryConnection>> open(const std::string& url, const std::string& roots,
                                                           WatchedSocket::Deadline deadline);
  virtual ~DirectoryConnection() = default;

  // Neither may be empty: without either the directory would take it for nobody, and accept (RFC 4513 section 5.1.2).
  virtual Result<Bound> bind(const std::string& dn, const Secret& password) = 0;
  enum class Scope { this_one, everything_below };
  virtual Result<Found> search(const std::string& base, Scope scope, const std::string& filter, const std::vector<std::string>& attributes,
                               int most) = 0;
};

}  // namespace quicklime::identity
