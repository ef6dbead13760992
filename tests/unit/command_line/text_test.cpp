// What people see: tables, file names, the names that a server certifies itself for, the reference page.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/file.hpp"
#include "command_line/bootstrap_roles.hpp"
#include "command_line/certificate_files.hpp"
#include "command_line/commands.hpp"
#include "command_line/output.hpp"
#include "runtime/own_certificates.hpp"

namespace quicklime::command_line {
namespace {

TEST(Table, ColumnsAreAsWideAsTheirWidestCell) {
  EXPECT_EQ(table({{"A", "BB"}, {"äöü", "1"}, {"", "2"}}), "A    BB\näöü  1\n     2\n");
  EXPECT_EQ(table({}), "");
}

TEST(FileName, OfWhatFileSystemsAndShellsTakeAmiss) {
  EXPECT_EQ(file_name_of("api.internal"), "api.internal");
  EXPECT_EQ(file_name_of("*.load.internal"), "_wildcard.load.internal");
  EXPECT_EQ(file_name_of("fd00::1"), "fd00__1");
  EXPECT_EQ(file_name_of("spiffe://td/../web"), "spiffe___td_.._web");
  EXPECT_EQ(file_name_of("ops@example.com"), "ops@example.com");
  EXPECT_EQ(file_name_of("../x"), "_._x");
}

TEST(BootstrapRoles, AreThoseOfDaemonsAndOfTheGatewayEachOnce) {
  using Roles = std::vector<std::string>;
  EXPECT_EQ(*bootstrap_roles({}, ""), bootstrap_roles());
  EXPECT_EQ(bootstrap_roles().size(), 7u);
  EXPECT_EQ(bootstrap_grant("crl").profiles, Roles{"role-peer"});
  EXPECT_EQ(bootstrap_grant("ocsp").profiles, (Roles{"role-peer", "ocsp-signing"}));
  EXPECT_EQ(*bootstrap_roles({"ocsp", "issuance", "ocsp", "gateway"}, ""), (Roles{"ocsp", "issuance", "gateway"}));
  EXPECT_EQ(*bootstrap_roles({"edge"}, "edge"), Roles{"edge"});
  for (const auto* wrong : {"edge", "", "Not/A/Role", "root"}) {
    const auto refused = bootstrap_roles({"ocsp", wrong}, "");
    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().reason, "usage");
    EXPECT_THAT(refused.error().detail, testing::HasSubstr("revocation, renewal")) << wrong;
  }
  EXPECT_THAT(bootstrap_roles({"renewl"}, "").error().detail, testing::HasSubstr("did you mean 'renewal'?"));
}

TEST(DateText, IsForPeople) { EXPECT_EQ(date_text(Instant::from_seconds(1'770'000'000)), "2 February 2026 02:40 UTC"); }

TEST(OwnNames, CoverTheHostOfThePublicUrlAndThisMachine) {
  const auto texts = [](const std::string& url) {
    std::set<std::string> all;
    for (const auto& name : runtime::own_names(url)) all.insert(name.text());
    return all;
  };
  EXPECT_THAT(texts("http://ca.internal:8080"), testing::IsSupersetOf({"DNS:ca.internal", "DNS:localhost", "IP:127.0.0.1", "IP:::1"}));
  EXPECT_THAT(texts("http://[fd00::1]:8080/pki"), testing::Contains("IP:fd00::1"));
  EXPECT_THAT(texts("http://10.0.0.7"), testing::Contains("IP:10.0.0.7"));
  // Named twice is named once.
  EXPECT_EQ(runtime::own_names("http://localhost:8080").size(), texts("http://localhost:8080").size());
}

TEST(Commands, EachSaysWhatItIsForAndShowsAnExample) {
  std::set<std::string> names;
  for (const auto& command : commands()) {
    EXPECT_TRUE(names.insert(command.name).second) << command.name;
    EXPECT_FALSE(command.purpose.empty()) << command.name;
    ASSERT_FALSE(command.examples.empty()) << command.name;
    for (const auto& example : command.examples) EXPECT_TRUE(example.starts_with("quicklime " + command.name)) << example;
    for (const auto& option : command.options) EXPECT_FALSE(option.help.empty()) << command.name << " " << option.name;
  }
}

TEST(Commands, TheReferencePageIsWhatTheTableSays) {
  const auto page = read_file(std::filesystem::path(QUICKLIME_SOURCE_DIR) / "docs/command-line.md");
  ASSERT_TRUE(page);
  EXPECT_EQ(*page, commands_markdown(commands())) << "quicklime reference > docs/command-line.md";
}

}  // namespace
}  // namespace quicklime::command_line
