#pragma once
// One [ldap.NAME]: who is it, by name and password, and is he still there. Blocks, for `deadline` at most over all it asks; any thread,
// each question by a connection of its own.

#include <optional>
#include <string>
#include <string_view>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "identity/directory_connection.hpp"
#include "identity/person.hpp"
#include "identity/settings.hpp"

namespace quicklime::identity {

// Errors of what is asked: those of directory_connection.hpp (503: nobody is refused because his directory is away); and for a person whose
// password was right, or whose entry is there: "password-must-change", "directory-entry-unusable", "groups-unbounded" (ErrorCode::denied).
class Directory {
 public:
  // Looks at the files that are named, and asks nobody.
  static Result<Directory> make(std::string provider, DirectorySettings settings, Milliseconds deadline = std::chrono::seconds(3));

  // nullopt: no such person, or not this password, or two of that name, alike. Who is unknown costs the same questions: the password is
  // shown for an entry that is not there. An empty password is shown to nobody. The person is called as the directory calls him.
  Result<std::optional<Person>> sign_in(std::string_view name, const Secret& password) const;

  // By the service account. nullopt: he is not there any more, or no longer called exactly that. A password that was changed or locked is
  // not seen, unless user_filter looks at it.
  Result<std::optional<Person>> look_up(std::string_view subject) const;
  bool has_service_account() const { return !settings_.bind_dn.empty(); }  // otherwise look_up is "directory-no-look-up" (unsupported)

 private:
  using Connection = std::unique_ptr<DirectoryConnection>;

  Directory(std::string provider, DirectorySettings settings, Milliseconds deadline);
  Result<Connection> connect() const;
  Result<void> bind_as_service(DirectoryConnection& connection) const;
  Result<std::optional<Entry>> only_one(DirectoryConnection& connection, const std::string& base, DirectoryConnection::Scope scope,
                                        const std::string& filter) const;
  Result<std::optional<Entry>> entry_for(DirectoryConnection& connection, std::string_view name, const Secret& password) const;
  Result<std::optional<Entry>> entry_by_service(DirectoryConnection& connection, std::string_view name, const Secret& password) const;
  Result<std::optional<Entry>> entry_by_himself(DirectoryConnection& connection, std::string_view name, const Secret& password) const;
  Result<Person> person_of(DirectoryConnection& connection, const Entry& entry) const;
  Failure must_change() const;

  std::string provider_;
  DirectorySettings settings_;
  Milliseconds deadline_;
};

}  // namespace quicklime::identity
