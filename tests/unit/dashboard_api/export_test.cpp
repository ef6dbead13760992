// The whole inventory in one answer, to whoever reads however slowly.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "dashboard_api/csv.hpp"
#include "dashboard_api/service.hpp"
#include "support/role_fixture.hpp"

namespace quicklime::dashboard_api {
namespace {

using test::Answer;
using test::Json;
using ::testing::StartsWith;

class Export : public ::testing::Test {
 protected:
  Export() : role(projection()) {
    role.serve([](api::ServiceContext context) { return make_service(context); });
  }
  Answer get(const std::string& query = "") { return role.get("/v1/certificates/export" + query).as_administrator().send(); }
  static std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }
  static std::string serial(int number) {
    std::ostringstream text;
    text << std::hex << 0x10000000 + number;
    return text.str();
  }

  test::Role role;
};

TEST_F(Export, IsATableForSpreadsheets) {
  auto issued = test::an_issued("a1", {"DNS:a.internal", "DNS:b.internal"});
  issued.service = "=HYPERLINK(\"http://evil\")";
  role.given(issued, {events::Actor::Kind::token, "ci"});
  const auto answer = get();
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.header("Content-Type"), "text/csv; charset=utf-8");
  EXPECT_EQ(answer.header("Content-Disposition"), "attachment; filename=\"certificates.csv\"");
  EXPECT_EQ(answer.header("Quicklime-Position"), "0.1");
  const auto lines = lines_of(answer.all_pieces());
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_THAT(lines[0], StartsWith("serial,names,status,"));
  EXPECT_THAT(lines[1],
              StartsWith("a1,DNS:a.internal DNS:b.internal,good,no,,,,tls-server,issuing-1,\"'=HYPERLINK(\"\"http://evil\"\")\",,"))
      << "no formula of a stranger's";
}

TEST_F(Export, IsALineOfJsonEachAndAnswersTheQuestionsOfTheList) {
  role.given(test::an_issued("a1", {"DNS:a.internal"}));
  role.given(test::an_issued("b1", {"DNS:b.internal"}));
  const auto answer = get("?format=ndjson&name=b.internal");
  EXPECT_EQ(answer.header("Content-Type"), "application/x-ndjson");
  const auto lines = lines_of(answer.all_pieces());
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(Json::parse(lines[0])["serial"], "b1");
  EXPECT_EQ(get("?format=xml").reason(), "format-unknown");
  EXPECT_EQ(get("?limit=3").reason(), "parameter-unknown");
  EXPECT_EQ(lines_of(get("?name=nobody.internal").all_pieces()).size(), 1U) << "the head alone";
  EXPECT_EQ(get("?format=ndjson&name=nobody.internal").all_pieces(), "");
}

TEST_F(Export, ShowsARequesterHisOwnAlone) {
  const auto token = role.given_token(access::Role::requester);
  role.given(test::an_issued("a1"));
  role.given(test::an_issued("b1"), {events::Actor::Kind::token, test::Role::id_of(token).text()});
  const auto answer = role.get("/v1/certificates/export?format=ndjson").as(token).send();
  const auto lines = lines_of(answer.all_pieces());
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(Json::parse(lines[0])["serial"], "b1");
}

TEST_F(Export, IsMadePageByPageWhileItIsRead) {
  constexpr int kAll = 4'000;
  for (int i = 0; i < kAll; ++i) role.given_unchecked(test::an_issued(serial(i)));
  role.settle();
  const auto answer = get("?format=ndjson");
  std::set<std::string> serials;
  std::size_t pieces = 0, largest = 0;
  for (std::string piece = answer.next_piece(); piece != "the end"; piece = answer.next_piece()) {
    // What comes meanwhile is not in it, and takes nothing out of it.
    if (pieces == 10) role.given(test::an_issued("ff"));
    ++pieces;
    largest = std::max(largest, piece.size());
    for (const auto& line : lines_of(piece)) EXPECT_TRUE(serials.insert(Json::parse(line)["serial"]).second) << line;
  }
  EXPECT_EQ(serials.size(), static_cast<std::size_t>(kAll));
  EXPECT_EQ(pieces, 20U);
  EXPECT_LT(largest, 128U * 1024);
}

TEST(CsvRecord, QuotesWhatItMust) {
  EXPECT_EQ(csv_record({"a", "", "b,c", "d\"e", "+1", "@x", "-", "f\ng"}), "a,,\"b,c\",\"d\"\"e\",'+1,'@x,'-,\"f\ng\"\r\n");
}

}  // namespace
}  // namespace quicklime::dashboard_api
