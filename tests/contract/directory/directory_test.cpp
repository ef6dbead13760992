// Who is it, asked of a real slapd: by a service account, by whoever signs in himself, over StartTLS and over TLS from the first octet.

#include "identity/directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/encoding.hpp"
#include "real_directory.hpp"
#include "support/temporary_directory.hpp"

namespace quicklime::identity {
namespace {

using test::by_service_account;
using test::by_themselves;
using test::kPatient;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Seen = Result<std::optional<Person>>;

Directory directory_of(const DirectorySettings& settings, Milliseconds deadline = kPatient) {
  auto made = Directory::make("acme", settings, deadline);
  if (!made) throw std::runtime_error(made.error().detail);
  return std::move(*made);
}
Seen sign_in(const DirectorySettings& settings, const std::string& name, const std::string& password) {
  return directory_of(settings).sign_in(name, Secret::copy_of(password));
}
Seen look_up(const DirectorySettings& settings, const std::string& subject) { return directory_of(settings).look_up(subject); }

Person person(const Seen& seen) {
  EXPECT_TRUE(seen) << seen.error().detail;
  EXPECT_TRUE(!seen || *seen) << "nobody";
  return seen && *seen ? **seen : Person{};
}
bool nobody(const Seen& seen) {
  EXPECT_TRUE(seen) << seen.error().detail;
  return seen && !*seen;
}
Error refusal(const Seen& seen) {
  EXPECT_FALSE(seen);
  return seen ? Error{} : seen.error();
}
std::vector<std::string> groups(const Seen& seen) { return person(seen).claims["groups"]; }

struct Way {
  const char* name;
  DirectorySettings (*settings)();
  const char* url;  // the file that says it
};

std::ostream& operator<<(std::ostream& stream, const Way& way) { return stream << way.name; }

class EveryWay : public testing::TestWithParam<Way> {
 protected:
  DirectorySettings settings() const {
    auto made = GetParam().settings();
    made.url = test::first_line_of(GetParam().url);
    return made;
  }
};

INSTANTIATE_TEST_SUITE_P(Directory, EveryWay,
                         testing::Values(Way{"ServiceAccountStartTls", by_service_account, "url"},
                                         Way{"ServiceAccountTls", by_service_account, "ldaps-url"},
                                         Way{"ThemselvesStartTls", by_themselves, "url"}, Way{"ThemselvesTls", by_themselves, "ldaps-url"}),
                         [](const auto& info) { return info.param.name; });

TEST_P(EveryWay, WhoHasThePasswordIsWhoTheDirectorySays) {
  const Person alice = person(sign_in(settings(), "alice", "alice-password"));
  EXPECT_EQ(alice.provider, "acme");
  EXPECT_EQ(alice.subject, "alice");
  EXPECT_EQ(alice.name, "Alice Adams");
  EXPECT_THAT(alice.claims.at("dn"), ElementsAre("uid=alice,ou=people,dc=acme"));
  // pki-admins holds Operations, and early and late hold each other.
  EXPECT_THAT(alice.claims.at("groups"), ElementsAre("Operations", "early", "late", "pki-admins"));
}

TEST_P(EveryWay, AnotherPasswordOrAnotherNameIsNobody) {
  EXPECT_TRUE(nobody(sign_in(settings(), "alice", "bob-password")));
  EXPECT_TRUE(nobody(sign_in(settings(), "nobody", "alice-password")));
  EXPECT_TRUE(nobody(sign_in(settings(), "", "alice-password")));
}

TEST_P(EveryWay, WhateverIsTypedHeIsCalledAsTheDirectoryCallsHim) {
  EXPECT_EQ(person(sign_in(settings(), "ALICE", "alice-password")).subject, "alice");
  EXPECT_EQ(person(sign_in(settings(), "alice ", "alice-password")).subject, "alice");
  EXPECT_EQ(person(sign_in(settings(), "bob", "Bob-password")).subject, "Bob");
  EXPECT_EQ(person(sign_in(settings(), "jürgen", "jürgen-password")).name, "Jürgen Groß");
}

TEST_P(EveryWay, AnEmptyPasswordIsShownToNobody) {
  const auto before = test::times_asked(" ACCEPT from ");
  EXPECT_TRUE(nobody(sign_in(settings(), "alice", "")));
  EXPECT_EQ(test::times_asked(" ACCEPT from "), before);
}

TEST_P(EveryWay, AFilterOrADnIsNoName) {
  for (const char* name :
       {"*", "*)(uid=*", "alice)(uid=*", "a*", "alice,ou=people", "alice\\", "alice\\2c", "alice#", "\\61lice", "alice+cn=x"}) {
    EXPECT_TRUE(nobody(sign_in(settings(), name, "alice-password"))) << name;
  }
  EXPECT_TRUE(nobody(sign_in(settings(), std::string("alice\0", 6), "alice-password")));
  EXPECT_TRUE(nobody(sign_in(settings(), "alice\n", "alice-password")));
  EXPECT_TRUE(nobody(sign_in(settings(), std::string(5000, 'a'), "alice-password")));
}

TEST_P(EveryWay, ACertificateUnderOtherRootsIsRefusedWithWhatToLookAt) {
  auto other = settings();
  other.roots = test::slapd_file("other-roots.pem");
  const Error error = refusal(sign_in(other, "alice", "alice-password"));
  EXPECT_EQ(error.reason, "directory-unreachable");
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_THAT(error.detail, AllOf(HasSubstr(other.url), HasSubstr("other-roots.pem"), HasSubstr("openssl s_client -connect 127.0.0.1:")));
  other.roots.clear();
  EXPECT_EQ(refusal(sign_in(other, "alice", "alice-password")).reason, "directory-unreachable");  // the system does not know them either
}

TEST_P(EveryWay, ACertificateOfAnotherNameIsRefused) {
  auto other = settings();
  other.url.replace(other.url.find("127.0.0.1"), 9, "0x7f000001");  // the same address, and no name that the certificate has
  const Error error = refusal(sign_in(other, "alice", "alice-password"));
  EXPECT_EQ(error.reason, "directory-unreachable");
  EXPECT_THAT(error.detail, HasSubstr("it must be for 0x7f000001 "));
}

TEST_P(EveryWay, NothingInTheEnvironmentMakesItLessStrict) {
  auto other = settings();
  other.roots = test::slapd_file("other-roots.pem");
  ::setenv("LDAPTLS_REQCERT", "never", 1);
  ::setenv("LDAPTLS_CACERT", test::slapd_file("roots.pem").c_str(), 1);
  EXPECT_FALSE(sign_in(other, "alice", "alice-password"));
  ::unsetenv("LDAPTLS_REQCERT");
  ::unsetenv("LDAPTLS_CACERT");
}

TEST_P(EveryWay, AServerThatSaysNothingIsGivenUpInTime) {
  const test::SilentServer silent;
  auto other = settings();
  other.url = (other.url.starts_with("ldaps") ? "ldaps://" : "ldap://") + silent.address();
  const auto began = std::chrono::steady_clock::now();
  const Error error = refusal(directory_of(other, std::chrono::seconds(3)).sign_in("alice", Secret::copy_of("alice-password")));
  const auto took = std::chrono::steady_clock::now() - began;
  EXPECT_EQ(error.reason, "directory-unreachable");
  EXPECT_THAT(error.detail, HasSubstr("did not answer in time"));
  EXPECT_GE(took, std::chrono::milliseconds(2900));
  EXPECT_LT(took, std::chrono::seconds(20));  // libldap by itself waits for ever
}

TEST_P(EveryWay, APasswordThatMustBeChangedIsGoodForNothing) {
  const Error error = refusal(sign_in(settings(), "reset", "reset-password"));
  EXPECT_EQ(error.reason, "password-must-change");
  EXPECT_EQ(error.code, ErrorCode::denied);
  EXPECT_TRUE(nobody(sign_in(settings(), "reset", "another-password")));  // who does not know it is not told
}

TEST_P(EveryWay, AnEntryWithTwoIdsIsNobodyInParticular) {
  EXPECT_EQ(refusal(sign_in(settings(), "both", "both-password")).reason, "directory-entry-unusable");
  EXPECT_TRUE(nobody(sign_in(settings(), "both", "another-password")));
}

TEST_P(EveryWay, TooManyGroupsOrTooDeepAreRefused) {
  EXPECT_EQ(refusal(sign_in(settings(), "many", "many-password")).reason, "groups-unbounded");
  EXPECT_EQ(refusal(sign_in(settings(), "deep", "deep-password")).reason, "groups-unbounded");
  auto flat = settings();
  flat.nested = false;
  EXPECT_THAT(groups(sign_in(flat, "deep", "deep-password")), ElementsAre("chain-1"));
}

// ---- what only a service account can

TEST(ServiceAccount, CommasAndParenthesesInNamesAreText) {
  const Person wei = person(sign_in(by_service_account(), "wei", "wei-password"));
  EXPECT_EQ(wei.name, "Ng, Wei (Ops)");
  EXPECT_THAT(wei.claims.at("groups"), ElementsAre("Shift, day (all)", "pki-agents"));
}

TEST(ServiceAccount, OfTwoWithOneNameNeitherSignsIn) {
  EXPECT_TRUE(nobody(sign_in(by_service_account(), "twin", "twin-password")));
  auto narrower = by_service_account();
  narrower.user_base = "ou=contractors,ou=people,dc=acme";
  EXPECT_EQ(person(sign_in(narrower, "twin", "twin-password")).name, "Twin Two");
}

TEST(ServiceAccount, WhoIsUnknownIsAskedForAsOften) {
  const auto binds_of = [](const std::string& name) {
    const auto before = test::times_asked(" BIND dn=");
    EXPECT_TRUE(nobody(sign_in(by_service_account(), name, "not-the-password")));
    // The next connection's first question is logged after the last one of ours.
    return test::times_asked(" BIND dn=") - before;
  };
  const auto known = binds_of("alice");
  EXPECT_GE(known, 2U);
  EXPECT_EQ(binds_of("nobody"), known);
  EXPECT_EQ(binds_of("twin"), known);
}

TEST(ServiceAccount, ThatIsRefusedMakesNobodyUnknown) {
  auto wrong = by_service_account();
  const test::TemporaryDirectory temporary;
  wrong.bind_password_file = temporary.path() / "password";
  std::ofstream(wrong.bind_password_file) << "another\n";
  const Error error = refusal(sign_in(wrong, "alice", "alice-password"));
  EXPECT_EQ(error.reason, "directory-refused");
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_THAT(error.detail, AllOf(HasSubstr("cn=quicklime,dc=acme"), HasSubstr(wrong.bind_password_file)));
}

TEST(ServiceAccount, ANewPasswordInItsFileNeedsNoRestart) {
  auto settings = by_service_account();
  const test::TemporaryDirectory temporary;
  settings.bind_password_file = temporary.path() / "password";
  std::ofstream(settings.bind_password_file) << "the old one\n";
  const auto directory = directory_of(settings);
  EXPECT_FALSE(directory.sign_in("alice", Secret::copy_of("alice-password")));
  std::ofstream(settings.bind_password_file) << test::first_line_of("bind-password") << "\n";
  EXPECT_EQ(person(directory.sign_in("alice", Secret::copy_of("alice-password"))).subject, "alice");
}

TEST(ServiceAccount, FilesThatAreNotThereAreNamedAtTheStart) {
  auto settings = by_service_account();
  settings.bind_password_file = "/nowhere/password";
  auto made = Directory::make("acme", settings);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().detail, AllOf(HasSubstr("ldap.acme.bind_password_file"), HasSubstr("/nowhere/password")));
  settings = by_service_account();
  settings.roots = settings.bind_password_file;
  made = Directory::make("acme", settings);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().detail, AllOf(HasSubstr("ldap.acme.roots"), HasSubstr("no certificate")));
}

TEST(ServiceAccount, LooksUpWhoIsSignedIn) {
  const Person alice = person(look_up(by_service_account(), "alice"));
  EXPECT_EQ(alice.subject, "alice");
  EXPECT_THAT(alice.claims.at("groups"), ElementsAre("Operations", "early", "late", "pki-admins"));
  EXPECT_TRUE(nobody(look_up(by_service_account(), "nobody")));
  EXPECT_TRUE(nobody(look_up(by_service_account(), "ALICE")));  // it is the directory's spelling that signed in
  EXPECT_TRUE(nobody(look_up(by_service_account(), "twin")));
  EXPECT_TRUE(nobody(look_up(by_service_account(), "*")));
}

TEST(ServiceAccount, LooksUpOnlyWhomTheFilterLetsIn) {
  auto settings = by_service_account();
  settings.user_filter = "(&(|(uid={name})(cn={name}))(!(cn=Bob Brown)))";
  EXPECT_EQ(person(sign_in(settings, "Alice Adams", "alice-password")).subject, "alice");
  EXPECT_EQ(person(look_up(settings, "alice")).subject, "alice");
  EXPECT_TRUE(nobody(sign_in(settings, "Bob", "Bob-password")));
  EXPECT_TRUE(nobody(look_up(settings, "Bob")));
}

TEST(ServiceAccount, SeesWhoHasLeftAGroupOrTheDirectory) {
  const std::string dn = "dn: uid=leaver,ou=people,dc=acme\n";
  const std::string member = "member: uid=leaver,ou=people,dc=acme\n";
  test::change_directory(dn + "changetype: add\nobjectClass: inetOrgPerson\nuid: leaver\ncn: Leaver\nsn: Leaver\n\n" +
                         "dn: cn=pki-agents,ou=groups,dc=acme\nchangetype: modify\nadd: member\n" + member);
  EXPECT_THAT(groups(look_up(by_service_account(), "leaver")), ElementsAre("pki-agents"));
  test::change_directory("dn: cn=pki-agents,ou=groups,dc=acme\nchangetype: modify\ndelete: member\n" + member);
  EXPECT_THAT(groups(look_up(by_service_account(), "leaver")), IsEmpty());
  test::change_directory(dn + "changetype: delete\n");
  EXPECT_TRUE(nobody(look_up(by_service_account(), "leaver")));
}

TEST(ServiceAccount, WhomTheDirectoryHasLockedIsNobodyWhateverHeKnows) {
  // A new password unlocks.
  test::change_directory("dn: uid=strict,ou=people,dc=acme\nchangetype: modify\nreplace: userPassword\nuserPassword: strict-password\n");
  EXPECT_EQ(person(sign_in(by_service_account(), "strict", "strict-password")).subject, "strict");
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(nobody(sign_in(by_service_account(), "strict", "another-password")));
  EXPECT_TRUE(nobody(sign_in(by_service_account(), "strict", "strict-password")));
}

TEST(ServiceAccount, GroupsAreCalledByTheirDnIfAsked) {
  auto settings = by_service_account();
  settings.group_attribute = "dn";
  EXPECT_THAT(groups(look_up(settings, "wei")), Contains("cn=pki-agents,ou=groups,dc=acme"));
  settings.group_base.clear();
  EXPECT_THAT(groups(look_up(settings, "wei")), IsEmpty());
}

TEST(ServiceAccount, NobodyIsFollowedToAnotherDirectory) {
  auto settings = by_service_account();
  settings.user_base = "ou=abroad,dc=acme";
  const Error error = refusal(sign_in(settings, "alice", "alice-password"));
  EXPECT_EQ(error.reason, "directory-refused");
  EXPECT_THAT(error.detail, HasSubstr("ldap://elsewhere.invalid"));
  // Where only a part of it is elsewhere, who is here is found.
  settings.user_base = "dc=acme";
  EXPECT_EQ(person(sign_in(settings, "alice", "alice-password")).subject, "alice");
  EXPECT_TRUE(nobody(sign_in(settings, "nobody", "alice-password")));
}

TEST(ServiceAccount, ABaseThatIsNotThereIsNamed) {
  auto settings = by_service_account();
  settings.user_base = "ou=nowhere,dc=acme";
  const Error error = refusal(sign_in(settings, "alice", "alice-password"));
  EXPECT_EQ(error.reason, "directory-refused");
  EXPECT_THAT(error.detail, HasSubstr("ou=nowhere,dc=acme"));
}

TEST(Themselves, AreTheEntryThatTheyBindAs) {
  auto settings = by_themselves();
  settings.user_dn = "cn={name},ou=people,dc=acme";
  settings.user_filter = "(cn={name})";
  EXPECT_EQ(person(sign_in(settings, "Ng, Wei (Ops)", "wei-password")).subject, "wei");
  settings.user_filter = "(&(cn={name})(!(uid=wei)))";
  EXPECT_TRUE(nobody(sign_in(settings, "Ng, Wei (Ops)", "wei-password")));
  EXPECT_EQ(refusal(look_up(settings, "wei")).reason, "directory-no-look-up");
}

TEST(Themselves, CannotTypeTheirWayToAnotherPlace) {
  auto settings = by_themselves();
  settings.user_dn = "uid={name},dc=acme";
  settings.user_filter = "(|(uid=alice)(uid={name}))";
  EXPECT_TRUE(nobody(sign_in(settings, "alice,ou=people", "alice-password")));
}

// ---- when it is not there

TEST(DirectoryAway, NobodyListens) {
  auto settings = by_service_account();
  settings.url = "ldaps://127.0.0.1:1";
  const Error error = refusal(sign_in(settings, "alice", "alice-password"));
  EXPECT_EQ(error.reason, "directory-unreachable");
  EXPECT_THAT(error.detail, HasSubstr("127.0.0.1:1: Connection refused"));
}

TEST(DirectoryAway, ItsNameIsUnknown) {
  auto settings = by_service_account();
  settings.url = "ldaps://directory.invalid";
  EXPECT_THAT(refusal(sign_in(settings, "alice", "alice-password")).detail, HasSubstr("directory.invalid:636"));
}

TEST(DirectoryAway, ItAgreesToTlsAndSaysNothingMore) {
  const test::SilentServer server;
  std::thread agrees([&] {
    const int connection = server.accept();
    char asked[512];
    EXPECT_GT(::read(connection, asked, sizeof asked), 0);
    const auto yes = *hex_decode("300c02010178070a010004000400");  // ExtendedResponse 1: success
    EXPECT_EQ(::write(connection, yes.data(), yes.size()), static_cast<ssize_t>(yes.size()));
    while (::read(connection, asked, sizeof asked) > 0) {
    }
    ::close(connection);
  });
  auto settings = by_service_account();
  settings.url = "ldap://" + server.address();
  const Error error = refusal(directory_of(settings, std::chrono::seconds(1)).sign_in("alice", Secret::copy_of("alice-password")));
  agrees.join();
  EXPECT_EQ(error.reason, "directory-unreachable");
  EXPECT_THAT(error.detail, HasSubstr("did not answer in time (the TLS handshake)"));
}

TEST(DirectoryAway, ItTricklesSoThatEachOctetCouldBeginAWaitAnew) {
  const test::SilentServer server;
  std::thread trickles([&] {
    const int connection = server.accept();
    const auto record = *hex_decode("1603034000");  // the beginning of a long one
    EXPECT_EQ(::write(connection, record.data(), record.size()), static_cast<ssize_t>(record.size()));
    while (::send(connection, "\0", 1, MSG_NOSIGNAL) == 1) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    ::close(connection);
  });
  auto settings = by_service_account();
  settings.url = "ldaps://" + server.address();
  const Error error = refusal(directory_of(settings, std::chrono::seconds(1)).sign_in("alice", Secret::copy_of("alice-password")));
  trickles.join();
  EXPECT_THAT(error.detail, HasSubstr("did not answer in time"));
}

TEST(DirectoryAway, ItDoesNotStartTls) {
  const test::SilentServer server;
  std::thread refuses([&] {
    const int connection = server.accept();
    char asked[512];
    EXPECT_GT(::read(connection, asked, sizeof asked), 0);
    const auto no = *hex_decode("300c02010178070a010204000400");  // ExtendedResponse 1: protocolError
    EXPECT_EQ(::write(connection, no.data(), no.size()), static_cast<ssize_t>(no.size()));
    // No bind follows in clear text: nothing, or an unbind.
    const auto more = ::read(connection, asked, sizeof asked);
    EXPECT_EQ(std::string(asked, more > 0 ? static_cast<std::size_t>(more) : 0).find("password"), std::string::npos);
    ::close(connection);
  });
  auto settings = by_themselves();
  settings.url = "ldap://" + server.address();
  const Error error = refusal(sign_in(settings, "alice", "alice-password"));
  refuses.join();
  EXPECT_EQ(error.reason, "directory-refused");
  EXPECT_THAT(error.detail, HasSubstr("does not start TLS"));
}

}  // namespace
}  // namespace quicklime::identity
