#include "http/problem.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quicklime::http {
namespace {

using testing::HasSubstr;
using testing::Not;

Request request() {
  Request made;
  made.method = Method::post;
  made.path = "/v1/certificates";
  made.id = RequestId("r-7");
  return made;
}

TEST(Problem, SaysWhatIsWrongAndWhere) {
  const Response response = problem(Error{ErrorCode::denied, "name-not-granted", "You may not have it.", "subjectAltName"}, request());
  EXPECT_EQ(response.status, 403U);
  EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
  EXPECT_EQ(response.body, R"({"type":"https://quicklime.dev/errors#name-not-granted","title":"Forbidden","status":403,)"
                           R"("detail":"You may not have it.","instance":"/v1/certificates","request_id":"r-7",)"
                           R"("errors":[{"pointer":"subjectAltName","reason":"name-not-granted"}]})");
}

TEST(Problem, KeepsInternalErrorsToItself) {
  const Response response = problem(Error{ErrorCode::internal, "sqlite-io", "disk I/O error in /secret/log.db", "table"}, request());
  EXPECT_EQ(response.status, 500U);
  EXPECT_THAT(response.body, Not(HasSubstr("secret")));
  EXPECT_THAT(response.body, Not(HasSubstr("sqlite")));
  EXPECT_THAT(response.body, HasSubstr("r-7"));
}

TEST(Problem, DoesNotSayWhereTheProcessKeepsItsFiles) {
  hide_directory("/srv/secret");
  const std::string body =
      problem(Error{ErrorCode::unavailable, "log-unavailable", "cannot open /srv/secret/views/ocsp.db or /srv/secret"}, request()).body;
  hide_directory("");
  EXPECT_THAT(body, HasSubstr("cannot open views/ocsp.db or the data directory"));
  EXPECT_THAT(body, Not(HasSubstr("/srv")));
}

TEST(Problem, TellsWhenToAskAgainAndHowToIdentify) {
  Error busy{ErrorCode::too_many, "rate-limited", "Slower."};
  busy.retry_after_seconds = 17;
  EXPECT_EQ(problem(busy, request()).headers.get("Retry-After"), "17");
  const Response unknown = problem(Error{ErrorCode::unauthenticated, "token-missing", "Who are you?"}, request());
  EXPECT_EQ(unknown.headers.get("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(unknown.headers.get("Retry-After"), std::nullopt);
}

TEST(Problem, SpeaksToClientsOfCfsslInTheirWords) {
  Request theirs = request();
  theirs.path = "/api/v1/cfssl/sign";
  Error busy{ErrorCode::unavailable, "view-stale", "The view is old."};
  busy.retry_after_seconds = 2;
  const Response response = problem(busy, theirs);
  EXPECT_EQ(response.status, 503U);
  EXPECT_EQ(response.headers.get("Content-Type"), "application/json");
  EXPECT_EQ(response.headers.get("Retry-After"), "2");
  EXPECT_EQ(response.body,
            R"({"success":false,"result":null,"errors":[{"code":503,"message":"view-stale: The view is old."}],"messages":[]})");
  const Response internal = problem(Error{ErrorCode::internal, "sqlite-io", "disk I/O error in /secret/log.db"}, theirs);
  EXPECT_THAT(internal.body, Not(HasSubstr("secret")));
}

TEST(Problem, StandsBytesThatAreNotUtf8) {
  Request odd = request();
  odd.path = "/\xff\xfe";
  EXPECT_EQ(problem(Error{ErrorCode::not_found, "no-such-path", "Nothing at /\xff."}, odd).status, 404U);
}

TEST(Problem, EveryCodeHasAStatusThatComesBack) {
  for (const ErrorCode code :
       {ErrorCode::invalid, ErrorCode::unauthenticated, ErrorCode::denied, ErrorCode::not_found, ErrorCode::conflict, ErrorCode::too_large,
        ErrorCode::unsupported, ErrorCode::unprocessable, ErrorCode::too_many, ErrorCode::unavailable, ErrorCode::internal}) {
    EXPECT_EQ(error_from(problem(Error{code, "some-reason", "Detail."}, request())).code, code);
  }
  EXPECT_EQ(status_of(ErrorCode::outcome_unknown), 503U);
  EXPECT_EQ(status_of(ErrorCode::verification_failed), 422U);
}

TEST(ErrorFrom, ReadsAProblemBack) {
  Error original{ErrorCode::conflict, "already-renewed", "It was renewed before.", "/serial"};
  original.retry_after_seconds = 3;
  const Error error = error_from(problem(original, request()));
  EXPECT_EQ(error.reason, "already-renewed");
  EXPECT_EQ(error.detail, "It was renewed before.");
  EXPECT_EQ(error.field, "/serial");
  EXPECT_EQ(error.retry_after_seconds, 3U);
}

TEST(ErrorFrom, MakesSenseOfForeignAnswers) {
  for (const char* body : {"", "<html>502 Bad Gateway</html>", "[]", "{\"type\":7,\"errors\":[1]}", "\xff"}) {
    const Error error = error_from(Response::of(502, "text/html", body));
    EXPECT_EQ(error.code, ErrorCode::unavailable) << body;
    EXPECT_EQ(error.reason, "http-502") << body;
    EXPECT_THAT(error.detail, HasSubstr("502")) << body;
  }
}

}  // namespace
}  // namespace quicklime::http
