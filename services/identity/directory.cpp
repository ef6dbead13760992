#include "identity/directory.hpp"

#include <utility>
#include <vector>

#include "base/file.hpp"
#include "base/logging.hpp"
#include "base/printable.hpp"
#include "identity/directory_groups.hpp"
#include "identity/ldap_text.hpp"

namespace quicklime::identity {
namespace {

using Scope = DirectoryConnection::Scope;

constexpr std::size_t kLongestName = 256;  // octets; nobody's is longer, and no filter need be

bool may_be_a_name(std::string_view name) { return !name.empty() && name.size() <= kLongestName && is_printable(name); }

std::vector<std::string> values_of(const Entry& entry, const std::string& attribute) {
  const auto found = entry.attributes.find(attribute);
  return found == entry.attributes.end() ? std::vector<std::string>() : found->second;
}

Result<Secret> first_line(const std::string& file) {
  const auto content = read_secret_file(file);
  if (!content) return forward(content);
  auto line = Secret::copy_of(content->reveal().substr(0, content->reveal().find_first_of("\r\n")));
  // Shown empty, it would be taken for nobody's, and accepted.
  if (line.empty()) return fail(ErrorCode::invalid, "setting-invalid", "the first line of " + file + " is empty");
  return line;
}

}  // namespace

Directory::Directory(std::string provider, DirectorySettings settings, Milliseconds deadline)
    : provider_(std::move(provider)), settings_(std::move(settings)), deadline_(deadline) {}

Result<Directory> Directory::make(std::string provider, DirectorySettings settings, Milliseconds deadline) {
  const auto wrong = [&](const char* key, Error error) {
    error.field = "ldap." + provider + "." + key;
    error.detail = error.field + ": " + error.detail;
    return fail(std::move(error));
  };
  if (!settings.roots.empty()) {
    auto roots = read_file(settings.roots);
    if (!roots) return wrong("roots", roots.error());
    if (roots->find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
      return wrong("roots", {ErrorCode::invalid, "setting-invalid", settings.roots + " holds no certificate in PEM"});
    }
  }
  if (!settings.bind_dn.empty()) {
    if (auto password = first_line(settings.bind_password_file); !password) return wrong("bind_password_file", password.error());
  }
  return Directory(std::move(provider), std::move(settings), deadline);
}

Result<Directory::Connection> Directory::connect() const {
  return DirectoryConnection::open(settings_.url, settings_.roots, std::chrono::steady_clock::now() + deadline_);
}

// The file is read each time: a password that is changed there needs no restart.
Result<void> Directory::bind_as_service(DirectoryConnection& connection) const {
  const auto password = first_line(settings_.bind_password_file);
  if (!password) return fail(ErrorCode::unavailable, "directory-refused", password.error().detail);
  const auto bound = connection.bind(settings_.bind_dn, *password);
  if (!bound) return forward(bound);
  if (*bound == Bound::accepted) return {};
  return fail(ErrorCode::unavailable, "directory-refused",
              settings_.url + " refuses the service account " + settings_.bind_dn +
                  (*bound == Bound::must_change ? ": its password must be changed there, and in " : ": look at its password in ") +
                  settings_.bind_password_file);
}

Result<std::optional<Entry>> Directory::only_one(DirectoryConnection& connection, const std::string& base, Scope scope,
                                                 const std::string& filter) const {
  auto found = connection.search(base, scope, filter, {settings_.id_attribute, settings_.name_attribute}, 2);
  if (!found) return forward(std::move(found));
  if (found->entries.size() == 1 && !found->more && !found->entries.front().dn.empty()) return std::optional(std::move(found->entries[0]));
  if (found->entries.size() > 1) {
    log::warning("two entries of a directory have one name: nobody signs in by it",
                 {{"provider", provider_}, {"filter", filter}, {"one", found->entries[0].dn}, {"other", found->entries[1].dn}});
  } else if (!found->elsewhere.empty()) {
    log::warning("a directory would send us to another, which we do not follow",
                 {{"provider", provider_}, {"filter", filter}, {"where", found->elsewhere.front()}});
  }
  return std::optional<Entry>();
}

Result<std::optional<Entry>> Directory::entry_by_service(DirectoryConnection& connection, std::string_view name,
                                                         const Secret& password) const {
  if (auto bound = bind_as_service(connection); !bound) return forward(std::move(bound));
  auto entry =
      only_one(connection, settings_.user_base, Scope::everything_below, filled(settings_.user_filter, {{"{name}", filter_value(name)}}));
  if (!entry) return entry;
  // Whoever is not there gets his password tried as well, so that both take as long; what comes of it counts for nothing.
  const auto bound = connection.bind(*entry ? (*entry)->dn : "cn=nobody-of-that-name," + settings_.user_base, password);
  if (!bound) return forward(bound);
  if (!*entry || *bound == Bound::refused) return std::optional<Entry>();
  if (*bound == Bound::must_change) return must_change();
  // He need not be allowed to see his groups.
  if (auto again = bind_as_service(connection); !again) return forward(std::move(again));
  return entry;
}

Result<std::optional<Entry>> Directory::entry_by_himself(DirectoryConnection& connection, std::string_view name,
                                                         const Secret& password) const {
  const std::string dn = filled(settings_.user_dn, {{"{name}", dn_value(name)}});
  const auto bound = connection.bind(dn, password);
  if (!bound) return forward(bound);
  if (*bound == Bound::refused) return std::optional<Entry>();
  if (*bound == Bound::must_change) return must_change();
  // He is the entry that he is bound as, and no other that a search for the name would find.
  auto entry = only_one(connection, dn, Scope::this_one, filled(settings_.user_filter, {{"{name}", filter_value(name)}}));
  if (entry && !*entry) {
    log::warning("somebody's password is right, and user_filter leaves him out", {{"provider", provider_}, {"dn", dn}});
  }
  return entry;
}

Failure Directory::must_change() const {
  return fail(ErrorCode::denied, "password-must-change",
              "the password is right, and must be changed in the directory " + provider_ + " before it is good for anything");
}

Result<Person> Directory::person_of(DirectoryConnection& connection, const Entry& entry) const {
  const auto subjects = values_of(entry, settings_.id_attribute);
  if (subjects.size() != 1 || !may_be_a_name(subjects.front())) {
    return fail(ErrorCode::denied, "directory-entry-unusable",
                printable(entry.dn) + " has " +
                    (subjects.empty()      ? "no "
                     : subjects.size() > 1 ? "more than one "
                                           : "an unprintable ") +
                    settings_.id_attribute + ", which says who he is; mend the entry, or choose another id_attribute");
  }
  Person person{provider_, subjects.front(), {}, {}, {}};
  const auto names = values_of(entry, settings_.name_attribute);
  person.name = printable(names.empty() ? person.subject : names.front());
  person.claims["dn"] = {entry.dn};
  auto& groups = person.claims["groups"];
  if (settings_.group_base.empty()) return person;
  auto found = groups_of(settings_, entry.dn, person.subject, [&](const std::string& filter) {
    std::vector<std::string> attributes{"1.1"};
    if (settings_.group_attribute != "dn") attributes = {settings_.group_attribute};
    return connection.search(settings_.group_base, Scope::everything_below, filter, attributes, static_cast<int>(kMostGroups) + 1);
  });
  if (!found) return forward(std::move(found));
  groups = std::move(*found);
  return person;
}

Result<std::optional<Person>> Directory::sign_in(std::string_view name, const Secret& password) const {
  if (password.empty() || !may_be_a_name(name)) return std::optional<Person>();
  const auto connection = connect();
  if (!connection) return forward(connection);
  const auto entry =
      has_service_account() ? entry_by_service(**connection, name, password) : entry_by_himself(**connection, name, password);
  if (!entry) return forward(entry);
  if (!*entry) return std::optional<Person>();
  auto person = person_of(**connection, **entry);
  if (!person) return forward(std::move(person));
  return std::optional(std::move(*person));
}

Result<std::optional<Person>> Directory::look_up(std::string_view subject) const {
  if (!has_service_account()) {
    return fail(ErrorCode::unsupported, "directory-no-look-up",
                "the directory " + provider_ + " is asked by people alone: only a service account (bind_dn) can look anybody up");
  }
  if (!may_be_a_name(subject)) return std::optional<Person>();
  const auto connection = connect();
  if (!connection) return forward(connection);
  if (auto bound = bind_as_service(**connection); !bound) return forward(std::move(bound));
  // user_filter still holds for him, whatever he typed when he signed in.
  const auto entry =
      only_one(**connection, settings_.user_base, Scope::everything_below,
               "(&(" + settings_.id_attribute + "=" + filter_value(subject) + ")" + filled(settings_.user_filter, {{"{name}", "*"}}) + ")");
  if (!entry) return forward(entry);
  if (!*entry) return std::optional<Person>();
  auto person = person_of(**connection, **entry);
  if (!person) return forward(std::move(person));
  if (person->subject != subject) return std::optional<Person>();
  return std::optional(std::move(*person));
}

}  // namespace quicklime::identity
