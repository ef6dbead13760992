#include "eventlog/export_file.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <fstream>

#include "async/task.hpp"
#include "base/file.hpp"
#include "eventlog/copy.hpp"
#include "eventlog/memory_log.hpp"
#include "eventlog/seal.hpp"
#include "events/codec.hpp"

namespace quicklime::eventlog {
namespace {

class ExportFile : public testing::Test {
 protected:
  static std::string event(int sequence, events::Data data) {
    return events::encode({.id = EventId("event-" + std::to_string(sequence)),
                           .time = Instant::from_seconds(1'800'000'000 + sequence),
                           .writer = {"test", static_cast<std::uint64_t>(sequence)},
                           .actor = {events::Actor::Kind::control, "test"},
                           .request = RequestId("test"),
                           .data = std::move(data)});
  }
  void append(std::string bytes) { ASSERT_TRUE(async::run_to_end(log_->append(std::move(bytes)))); }
  void append_tokens(int count) {
    for (int i = 0; i < count; ++i) append(event(10 + i, events::TokenRevoked{TokenId("token-" + std::to_string(i))}));
  }
  void seal() { append(event(5'000, events::LogSealed{})); }
  std::string export_fails() {
    const auto exported = export_log(*log_, file_, ExportOf::sealed_log);
    return exported ? "no failure" : exported.error().reason;
  }
  Error open_fails() {
    const auto opened = open_export(file_);
    return opened ? Error{ErrorCode::internal, "no failure", ""} : opened.error();
  }
  std::string content() { return *read_file(file_); }
  void set_content(const std::string& content) { ASSERT_TRUE(write_file(file_, content, FileMode::private_, Overwrite::yes)); }
  // A log of 4 events (lines 2 to 5), exported, and one line of the file changed.
  void export_and_change(std::size_t line, const std::function<std::string(std::string)>& change) {
    append_tokens(2);
    seal();
    ASSERT_TRUE(export_log(*log_, file_, ExportOf::sealed_log));
    std::string changed, text = content();
    for (std::size_t number = 1; !text.empty(); ++number) {
      const auto end = text.find('\n') + 1;
      changed += number == line ? change(text.substr(0, end)) : text.substr(0, end);
      text.erase(0, end);
    }
    set_content(changed);
  }

  void SetUp() override {
    char name[] = "/tmp/quicklime-export-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    folder_ = name;
    file_ = folder_ / "log.jsonl";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_, file_;
  std::unique_ptr<MemoryLog> log_ = make_memory_log(LogId("the-log"), event(1, events::LogCreated{LogId("the-log")}));
};

TEST_F(ExportFile, HoldsEachEventAsItIsInItsLine) {
  append_tokens(3);
  seal();
  const auto last = export_log(*log_, file_, ExportOf::sealed_log);
  ASSERT_TRUE(last) << last.error().detail;
  EXPECT_EQ(last->position.offset, 4u);
  std::ifstream lines(file_);
  std::string line;
  std::getline(lines, line);
  EXPECT_TRUE(line.starts_with(R"({"quicklime":"log","log_id":"the-log","events":5,"chain":")")) << line;
  for (std::uint64_t offset = 0; offset < 5; ++offset) {
    ASSERT_TRUE(std::getline(lines, line));
    EXPECT_EQ(line, log_->read_one(offset)->bytes);
  }
  EXPECT_FALSE(std::getline(lines, line));
}

TEST_F(ExportFile, IsTheSameBytesTwice) {
  append_tokens(3);
  seal();
  ASSERT_TRUE(export_log(*log_, file_, ExportOf::sealed_log));
  const auto first = content();
  ASSERT_TRUE(export_log(*log_, file_, ExportOf::sealed_log));
  EXPECT_EQ(content(), first);
}

TEST_F(ExportFile, DoesNotReplaceAnotherFile) {
  seal();
  set_content("precious\n");
  EXPECT_EQ(export_fails(), "file-exists");
  EXPECT_EQ(content(), "precious\n");
}

TEST_F(ExportFile, IsALogThatCanBeCopied) {
  append_tokens(1'234);
  append(event(2'000, events::LogRestored{7}));
  seal();
  const auto last = export_log(*log_, file_, ExportOf::sealed_log);
  ASSERT_TRUE(last);
  const auto opened = open_export(file_);
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_EQ((*opened)->id().text(), "the-log");
  EXPECT_EQ((*opened)->end()->epoch, 7u);
  const auto to = make_memory_log(LogId("the-log"), log_->read_one(0)->bytes);
  const auto copied = copy_log(**opened, *to);
  ASSERT_TRUE(copied) << copied.error().detail;
  EXPECT_EQ(copied->chain, last->chain);
  EXPECT_EQ(copied->position, last->position);
  EXPECT_EQ(verify_chain(*to)->chain, verify_chain(*log_)->chain);
  EXPECT_EQ((*opened)->read_one(1'235)->bytes, log_->read_one(1'235)->bytes);
  EXPECT_EQ((*opened)->read_one(1'237).error().reason, "log-offset-missing");
  EXPECT_EQ(async::run_to_end((*opened)->append("more")).error().reason, "log-read-only");
}

TEST_F(ExportFile, IsMadeOfASealedLogOnly) {
  append_tokens(1);
  EXPECT_EQ(export_fails(), "log-not-sealed");
  seal();
  append(event(5'001, events::LogOpened{"a test"}));
  EXPECT_EQ(export_fails(), "log-not-sealed");
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(ExportFile, IsABackupOfALogThatGoesOn) {
  append_tokens(1);
  const auto last = export_log(*log_, file_, ExportOf::log_until_now);
  ASSERT_TRUE(last) << last.error().detail;
  append_tokens(1);
  const auto opened = open_export(file_);
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_EQ((*opened)->end()->offset, 2u);
  EXPECT_EQ(verify_chain(**opened)->chain, last->chain);
  EXPECT_EQ(require_sealed(**opened).error().reason, "log-not-sealed");
  const auto later = export_log(*log_, file_, ExportOf::log_until_now);
  EXPECT_EQ(later ? "" : later.error().reason, "file-exists") << "a backup does not replace an older one";
}

TEST_F(ExportFile, AnEventOfSeveralLinesIsRefused) {
  std::string two_lines = event(2, events::TokenRevoked{TokenId("token")});
  append("{\n" + two_lines.substr(1));
  seal();
  EXPECT_EQ(export_fails(), "event-undecodable");
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(ExportFile, AnEventOfALaterVersionIsCarriedAlong) {
  std::string later = event(2, events::TokenRevoked{TokenId("token")});
  later.replace(later.find("token.revoked/1-"), 16, "token.revoked/9-");
  append(later);
  seal();
  ASSERT_TRUE(export_log(*log_, file_, ExportOf::sealed_log));
  EXPECT_TRUE(open_export(file_));
}

TEST_F(ExportFile, AChangedLetterIsFound) {
  export_and_change(3, [](std::string line) {
    line.replace(line.find("token-0"), 7, "token-9");
    return line;
  });
  const auto error = open_fails();
  EXPECT_EQ(error.reason, "export-damaged");
  EXPECT_EQ(error.code, ErrorCode::verification_failed);
  EXPECT_NE(error.detail.find("the chain"), std::string::npos) << error.detail;
}

TEST_F(ExportFile, ABrokenLineIsNamed) {
  export_and_change(4, [](std::string line) { return line.erase(line.size() - 2, 1); });
  const auto error = open_fails();
  EXPECT_EQ(error.reason, "export-damaged");
  EXPECT_NE(error.detail.find("line 4:"), std::string::npos) << error.detail;
}

TEST_F(ExportFile, AMissingLineIsNamed) {
  export_and_change(5, [](const std::string&) { return ""; });
  EXPECT_NE(open_fails().detail.find("line 5: the file ends here"), std::string::npos);
}

TEST_F(ExportFile, ALineCutShortIsNamed) {
  export_and_change(5, [](const std::string& line) { return line.substr(0, line.size() - 1); });
  EXPECT_NE(open_fails().detail.find("line 5: the line has no end"), std::string::npos) << open_fails().detail;
}

TEST_F(ExportFile, ALineTooManyIsNamed) {
  export_and_change(5, [](const std::string& line) { return line + line; });
  EXPECT_NE(open_fails().detail.find("line 6: the file goes on"), std::string::npos);
}

TEST_F(ExportFile, ALineTooLongIsNamed) {
  export_and_change(3, [](const std::string& line) { return std::string(100'000, 'x') + line; });
  EXPECT_NE(open_fails().detail.find("line 3:"), std::string::npos);
}

TEST_F(ExportFile, AnotherLogsBeginningIsRefused) {
  export_and_change(1, [](std::string line) {
    line.replace(line.find("the-log"), 7, "my-log!");
    return line;
  });
  EXPECT_NE(open_fails().detail.find("line 2: this is not the beginning"), std::string::npos);
}

TEST_F(ExportFile, WhatIsNoExportIsRefused) {
  EXPECT_EQ(open_fails().reason, "file-error");
  for (const std::string text : {"", "\n", "{}\n", "{\"quicklime\":\"log\",\"log_id\":\"x\",\"events\":0,\"chain\":\"\"}\n"}) {
    set_content(text);
    EXPECT_EQ(open_fails().reason, "export-format") << text;
  }
  std::filesystem::remove(file_);
  export_and_change(1, [](const std::string& line) { return " " + line; });
  EXPECT_EQ(open_fails().reason, "export-format");
}

TEST_F(ExportFile, OnlyASealAtTheEndSeals) {
  EXPECT_FALSE(*is_sealed(*log_));
  EXPECT_TRUE(require_open(*log_));
  EXPECT_EQ(require_sealed(*log_).error().reason, "log-not-sealed");
  seal();
  EXPECT_TRUE(*is_sealed(*log_));
  EXPECT_EQ(require_open(*log_).error().reason, "log-sealed");
  EXPECT_TRUE(require_sealed(*log_));
  append(event(5'001, events::LogOpened{"a test"}));
  EXPECT_TRUE(require_open(*log_)) << "opened again";
  EXPECT_EQ(require_sealed(*log_).error().reason, "log-not-sealed");
}

}  // namespace
}  // namespace quicklime::eventlog
