#pragma once
// Every event that any test appends is validated against its JSON Schema in docs/events/.

#include <gtest/gtest.h>

#include <string_view>

#include "eventlog/event_log.hpp"

namespace quicklime::test {

// EXPECT_TRUE(validate_event(bytes)): says which schema was broken, and where.
testing::AssertionResult validate_event(std::string_view bytes);

// A log that validates what is appended and hands it on. Give it to the EventWriter in place of the log behind it.
class ValidatingLog final : public eventlog::EventLog {
 public:
  explicit ValidatingLog(eventlog::EventLog& log) : log_(log) {}
  const LogId& id() const override { return log_.id(); }
  async::Task<Result<Position>> append(std::string bytes, eventlog::PersistBy persist_by) override {
    EXPECT_TRUE(validate_event(bytes));
    return log_.append(std::move(bytes), persist_by);
  }
  Result<void> takes_events() const override { return log_.takes_events(); }
  Result<Position> end() override { return log_.end(); }
  Result<eventlog::Entry> read_one(std::uint64_t offset) override { return log_.read_one(offset); }
  Result<std::unique_ptr<eventlog::LogReader>> follow(const std::optional<eventlog::Anchor>& anchor) override {
    return log_.follow(anchor);
  }

 private:
  eventlog::EventLog& log_;
};

}  // namespace quicklime::test
