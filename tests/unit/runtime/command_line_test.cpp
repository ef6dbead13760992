#include "runtime/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>

namespace quicklime::runtime {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Texts = std::vector<std::string>;

// What a person sees after typing a line.
struct Seen {
  int code;
  std::string out, error;
};

class CommandLine : public testing::Test {
 protected:
  Seen type(Texts words) {
    words.insert(words.begin(), "/usr/bin/quicklime");
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    ran.reset();
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = run_command_line(static_cast<int>(argv.size()), argv.data(), "A private certificate authority.", commands());
    return {code, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
  }
  std::vector<Command> commands() {
    const auto remember = [this](const Arguments& arguments) {
      ran = arguments;
      return failure ? report(*failure) : ExitCode::ok;
    };
    return {
        {"issue",
         "A certificate for names",
         {"quicklime issue api.internal 10.0.0.7 --days 30"},
         {{"NAME", "", "a name to certify", true, true},
          {"--days", "N", "how long it lives"},
          {"--csr", "FILE", "a CSR instead of a new key"},
          {"--force", "", "overwrite files"}},
         remember},
        {"revoke", "Take a certificate back", {}, {{"WHICH", "", "", false, true}, {"--reason", "REASON", "why", false, true}}, remember},
        {"token create",
         "A token for a service",
         {},
         {{"NAME", "", "", false, true}, {"--names", "PATTERN", "names it may ask for", true}},
         remember},
        {"token list", "All tokens", {}, {}, remember},
        {"serve", "Serve the CA", {}, {{"--https", "ADDRESS", "where"}}, remember},
        {"list",
         "All certificates",
         {},
         {},
         [](const Arguments& arguments) { return arguments.has("--limit") ? ExitCode::ok : ExitCode::error; }},
        {"version", "What this is", {}, {}, remember}};
  }

  std::optional<Arguments> ran;
  std::optional<Error> failure;
};

TEST_F(CommandLine, ArgumentsAndOptionsArriveInAnyOrder) {
  EXPECT_EQ(type({"issue", "api.internal", "--days", "30", "10.0.0.7", "--force", "--csr=request.pem"}).code, 0);
  ASSERT_TRUE(ran);
  EXPECT_EQ(ran->texts("NAME"), (Texts{"api.internal", "10.0.0.7"}));
  EXPECT_EQ(ran->text("--days"), "30");
  EXPECT_EQ(ran->text("--csr"), "request.pem");
  EXPECT_TRUE(ran->has("--force"));
  EXPECT_FALSE(ran->has("--server"));
  EXPECT_EQ(ran->text("--output", "text"), "text");
}

TEST_F(CommandLine, AnOptionGivenAgainAddsAndSwallowsNothing) {
  EXPECT_EQ(type({"token", "create", "--names", "*.load.internal", "ci", "--names", "10.0.0.0/8"}).code, 0);
  ASSERT_TRUE(ran);
  EXPECT_EQ(ran->text("NAME"), "ci");
  EXPECT_EQ(ran->texts("--names"), (Texts{"*.load.internal", "10.0.0.0/8"}));
}

TEST_F(CommandLine, WhatLooksLikeAListIsOneValue) {
  EXPECT_EQ(type({"token", "create", "ci", "--names", "[a,b]", "--names", "{}"}).code, 0);
  ASSERT_TRUE(ran);
  EXPECT_EQ(ran->texts("--names"), (Texts{"[a,b]", "{}"}));
}

TEST_F(CommandLine, AnEmptyValueIsAValue) {
  EXPECT_EQ(type({"serve", "--https=", "--data", "x"}).code, 0);
  ASSERT_TRUE(ran);
  EXPECT_TRUE(ran->has("--https"));
  EXPECT_EQ(ran->text("--https", "otherwise"), "");
  EXPECT_EQ(ran->text("--data"), "x");
}

TEST_F(CommandLine, OptionsOfEveryCommandMayStandInFront) {
  EXPECT_EQ(type({"--data", "/srv/ca", "-o", "json", "token", "list"}).code, 0);
  ASSERT_TRUE(ran);
  EXPECT_EQ(ran->text("--data"), "/srv/ca");
  EXPECT_EQ(ran->text("--output"), "json");
}

TEST_F(CommandLine, TheEnvironmentSpeaksWhereTheLineIsSilent) {
  ::setenv("QUICKLIME_SERVER", "https://ca.internal:8443", 1);
  EXPECT_EQ(type({"token", "list"}).code, 0);
  EXPECT_EQ(ran->text("--server"), "https://ca.internal:8443");
  EXPECT_EQ(type({"token", "list", "--server", "https://other:8443"}).code, 0);
  EXPECT_EQ(ran->text("--server"), "https://other:8443");
  EXPECT_TRUE(ran->on_the_line("--server"));
  EXPECT_EQ(type({"token", "list"}).code, 0);
  EXPECT_FALSE(ran->on_the_line("--server"));
  ::unsetenv("QUICKLIME_SERVER");
}

// With the variable set, a certificate was revoked in the other CA.
TEST_F(CommandLine, TheCaThatTheLineNamesIsTheOneThatIsAsked) {
  ::setenv("QUICKLIME_SERVER", "https://ca.internal:8443", 1);
  ::setenv("QUICKLIME_DATA", "/srv/another", 1);
  EXPECT_EQ(type({"token", "list", "--data", "/srv/ca"}).code, 0);
  EXPECT_EQ(ran->text("--data"), "/srv/ca");
  EXPECT_FALSE(ran->has("--server"));
  EXPECT_EQ(type({"token", "list", "--server", "https://other:8443"}).code, 0) << "a directory of the environment is in nobody's way";
  ::unsetenv("QUICKLIME_SERVER");
  ::unsetenv("QUICKLIME_DATA");
  const auto both = type({"token", "list", "--data", "/srv/ca", "--server", "https://other:8443"});
  EXPECT_EQ(both.code, 2);
  EXPECT_THAT(both.error, HasSubstr("each name a CA"));
}

TEST_F(CommandLine, AnEmptyWordForWhichCaIsRefused) {
  for (const char* name : {"--data", "--server", "--roots", "--token-file"}) {
    const auto empty = type({"token", "list", name, ""});
    EXPECT_EQ(empty.code, 2) << name;
    EXPECT_THAT(empty.error, HasSubstr(std::string(name) + " is empty"));
  }
}

TEST_F(CommandLine, AMistypedCommandIsGuessed) {
  const Seen seen = type({"isue", "api.internal"});
  EXPECT_EQ(seen.code, 2);
  EXPECT_THAT(seen.error, AllOf(HasSubstr("there is no command 'isue'; did you mean 'issue'?"), HasSubstr("`quicklime --help`")));
  EXPECT_THAT(seen.out, IsEmpty());
  EXPECT_FALSE(ran);
}

TEST_F(CommandLine, AMistypedSecondWordIsGuessed) {
  const Seen seen = type({"token", "creat", "ci"});
  EXPECT_EQ(seen.code, 2);
  EXPECT_THAT(seen.error, HasSubstr("quicklime token: there is no 'creat' but create, list; did you mean 'create'?"));
}

TEST_F(CommandLine, AMissingSecondWordIsAskedFor) {
  const Seen seen = type({"token"});
  EXPECT_EQ(seen.code, 2);
  EXPECT_THAT(seen.error, HasSubstr("one of these is missing behind it: create, list"));
}

TEST_F(CommandLine, AMistypedOptionIsGuessedEvenWhenMoreIsWrong) {
  const Seen seen = type({"issue", "--dasy", "30"});
  EXPECT_EQ(seen.code, 2);
  EXPECT_THAT(seen.error, AllOf(HasSubstr("quicklime issue: there is no option '--dasy'; did you mean '--days'?"),
                                HasSubstr("`quicklime issue --help` shows what there is")));
  EXPECT_FALSE(ran);
}

TEST_F(CommandLine, WhatHasNoPlaceIsRefused) {
  const Seen seen = type({"token", "list", "please"});
  EXPECT_EQ(seen.code, 2);
  EXPECT_THAT(seen.error, HasSubstr("there is no place for 'please': it takes options alone"));
  EXPECT_THAT(type({"revoke", "api.internal", "web.internal", "--reason", "superseded"}).error,
              HasSubstr("there is no place for 'web.internal': it takes one WHICH"));
}

TEST_F(CommandLine, WrongUseIsToldToAProgramInItsOwnForm) {
  for (const auto& words :
       {Texts{"token", "list", "please", "-o", "json"}, Texts{"--output=json", "isue"}, Texts{"issue", "--dasy", "-ojson"}}) {
    const Seen seen = type(words);
    EXPECT_EQ(seen.code, 2);
    EXPECT_EQ(seen.out, "");
    EXPECT_THAT(seen.error, AllOf(testing::StartsWith(R"({"type":"https://quicklime.dev/errors#usage",)"), testing::EndsWith("}\n")));
  }
}

TEST_F(CommandLine, WhatIsMissingIsNamed) {
  EXPECT_THAT(type({"issue"}).error, HasSubstr("NAME"));
  const Seen seen = type({"revoke", "api.internal"});
  EXPECT_EQ(seen.code, 2);
  EXPECT_THAT(seen.error, HasSubstr("--reason"));
}

TEST_F(CommandLine, AnOptionGivenTwiceThatMayBeGivenOnceIsRefused) {
  const Seen seen = type({"issue", "a.internal", "--days", "1", "--days", "2"});
  EXPECT_EQ(seen.code, 2);
  EXPECT_THAT(seen.error, HasSubstr("--days"));
}

TEST_F(CommandLine, AFormOfOutputThatIsNoneIsRefused) {
  const Seen seen = type({"token", "list", "-o", "yaml"});
  EXPECT_EQ(seen.code, 2);
  EXPECT_THAT(seen.error, HasSubstr("--output is one of text, json, not 'yaml'"));
}

TEST_F(CommandLine, HelpOfACommandShowsExamplesFirst) {
  for (const Texts& words :
       {Texts{"issue", "--help"}, Texts{"issue", "a.internal", "-h"}, Texts{"help", "issue"}, Texts{"--help", "issue"}}) {
    const Seen seen = type(words);
    EXPECT_EQ(seen.code, 0);
    EXPECT_FALSE(ran);
    EXPECT_THAT(seen.error, IsEmpty());
    EXPECT_LT(seen.out.find("quicklime issue api.internal 10.0.0.7 --days 30"), seen.out.find("Options:"));
    EXPECT_THAT(seen.out,
                AllOf(HasSubstr("Usage: quicklime issue NAME... [OPTIONS]"), HasSubstr("--days N"), HasSubstr("how long it lives"),
                      HasSubstr("[$QUICKLIME_SERVER]"), HasSubstr("-o, --output FORM"), Not(HasSubstr("\033"))));
  }
}

TEST_F(CommandLine, TheOverviewNamesEveryCommand) {
  const Seen asked = type({"--help"});
  EXPECT_EQ(asked.code, 0);
  EXPECT_THAT(asked.out, AllOf(HasSubstr("token create"), HasSubstr("A certificate for names")));
  const Seen lost = type({});
  EXPECT_EQ(lost.code, 2);
  EXPECT_EQ(lost.error, asked.out);
  EXPECT_THAT(type({"token", "--help"}).out, AllOf(HasSubstr("token create"), Not(HasSubstr("revoke"))));
}

TEST_F(CommandLine, BehindTwoDashesEverythingIsAnArgument) {
  EXPECT_EQ(type({"issue", "--", "--help"}).code, 0);
  ASSERT_TRUE(ran);
  EXPECT_EQ(ran->texts("NAME"), Texts{"--help"});
}

TEST_F(CommandLine, VersionIsAlsoAnOption) {
  EXPECT_EQ(type({"--version"}).code, 0);
  EXPECT_TRUE(ran);
}

TEST_F(CommandLine, AnErrorIsForPeopleUnlessAProgramAsked) {
  failure = Error{ErrorCode::denied, "name-not-granted", "the name api.internal is not granted", "subjectAltName"};
  Seen seen = type({"token", "list"});
  EXPECT_EQ(seen.code, 4);
  EXPECT_EQ(seen.error, "quicklime: the name api.internal is not granted\n");
  seen = type({"token", "list", "-o", "json"});
  EXPECT_EQ(seen.code, 4);
  EXPECT_EQ(
      seen.error,
      "{\"type\":\"https://quicklime.dev/errors#name-not-granted\",\"status\":403,\"detail\":\"the name api.internal is not granted\","
      "\"reason\":\"name-not-granted\",\"errors\":[{\"pointer\":\"subjectAltName\",\"reason\":\"name-not-granted\"}]}\n");
  EXPECT_THAT(seen.out, IsEmpty());
}

TEST_F(CommandLine, ASlipOfOursInANameIsNotAnOptionNeverGiven) {
  const Seen seen = type({"list"});  // asks for --limit, which it never declared
  EXPECT_EQ(seen.code, 1);
  EXPECT_THAT(seen.error, HasSubstr("this command has no option --limit"));
}

TEST(ExitCodes, AreTheDocumentedOnes) {
  const auto code = [](ErrorCode error) { return static_cast<int>(exit_code_of({error, "", ""})); };
  EXPECT_EQ(code(ErrorCode::internal), 1);
  EXPECT_EQ(code(ErrorCode::conflict), 1);
  EXPECT_EQ(code(ErrorCode::not_found), 3);
  EXPECT_EQ(code(ErrorCode::unauthenticated), 4);
  EXPECT_EQ(code(ErrorCode::denied), 4);
  EXPECT_EQ(code(ErrorCode::unavailable), 5);
  EXPECT_EQ(code(ErrorCode::verification_failed), 6);
}

}  // namespace
}  // namespace quicklime::runtime
