#include "identity/ldap_text.hpp"

#include <gtest/gtest.h>

namespace quicklime::identity {
namespace {

using namespace std::string_literals;

TEST(LdapText, AFilterInAFilterIsAName) {
  EXPECT_EQ(filter_value("*)(uid=*"), "\\2a\\29\\28uid=\\2a");
  EXPECT_EQ(filter_value("a\\b"), "a\\5cb");
  EXPECT_EQ(filter_value("a\0b"s), "a\\00b");
  EXPECT_EQ(filter_value("jürgen, of all"), "jürgen, of all");
}

TEST(LdapText, ADnInADnIsAName) {
  EXPECT_EQ(dn_value("alice,ou=admins"), "alice\\2cou\\3dadmins");
  EXPECT_EQ(dn_value("a+b;c<d>e\"f\\g"), "a\\2bb\\3bc\\3cd\\3ee\\22f\\5cg");
  EXPECT_EQ(dn_value("#1 "), "\\231\\20");
  EXPECT_EQ(dn_value("a\0b"s), "a\\00b");
  EXPECT_EQ(dn_value("jürgen"), "jürgen");
}

TEST(LdapText, WhatAValueHoldsIsNoPlaceholder) {
  EXPECT_EQ(filled("(|(uid={name})(mail={name}@acme))", {{"{name}", "{name}"}}), "(|(uid={name})(mail={name}@acme))");
  EXPECT_EQ(filled("(&(member={dn})(uid={name}))", {{"{dn}", "{name}"}, {"{name}", "alice"}}), "(&(member={name})(uid=alice))");
  EXPECT_EQ(filled("", {{"{name}", "alice"}}), "");
}

TEST(LdapText, OnlyTheCaseOfAsciiLettersIsFolded) { EXPECT_EQ(folded("CN=PKI-Admins,O=Ärzte"), "cn=pki-admins,o=Ärzte"); }

}  // namespace
}  // namespace quicklime::identity
