#pragma once
// A log of some backend in the hands of the contract suite. Another backend joins by adding its
// factory to backends(): nothing in the suite knows which ones there are.

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "eventlog/event_log.hpp"

namespace quicklime::eventlog::contract {

inline const LogId kLogId("01890a5d-ac96-774b-bcce-b302099a8057");

// What a log of this id holds at offset 0.
inline std::string first_event(const LogId& id) {
  return R"({"schema":"log.created/1-0-0","id":"01890a5d-ac96-774b-bcce-b302099a8056","time":"2026-11-21T01:02:03.456Z",)"
         R"("writer":"01890a5d-ac96-774b-bcce-b302099a8055/1","actor":{"kind":"control","id":"0"},"request":"init",)"
         R"("data":{"log_id":")" +
         id.text() + R"("}})";
}
inline const std::string kFirst = first_event(kLogId);

class Backend {
 public:
  virtual ~Backend() = default;

  // A log that holds kFirst at offset 0 exists from construction on; this is a handle to it. The second one of the
  // same log is what another process would have.
  virtual std::unique_ptr<EventLog> open() = 0;
  // Appends from another process (where a backend has one), and returns when that is done.
  virtual void append_elsewhere(const std::vector<std::string>& events) = 0;

  virtual void stall(EventLog& log, bool stalled) = 0;
  // The next append of this process is refused, or has a commit of which nobody hears the end.
  virtual void refuse_next(EventLog& log) = 0;
  virtual void lose_next_outcome(EventLog& log) = 0;

  // Behind everybody's back:
  virtual void alter(std::uint64_t offset) = 0;
  virtual void truncate(std::uint64_t end) = 0;  // the log then ends there
  virtual void recreate(const LogId& id) = 0;    // another log stands in its place
};

struct Factory {
  std::string name;
  std::function<std::unique_ptr<Backend>()> make;
};
inline void PrintTo(const Factory& factory, std::ostream* out) { *out << factory.name; }  // for GoogleTest
std::vector<Factory> backends();

Factory memory_backend();
Factory sqlite_backend();
Factory kafka_backend();

// What main does instead of testing when it is started with one of these words: words are a file or topic, and events.
inline constexpr const char* kAppendElsewhere = "--append-elsewhere";
inline constexpr const char* kAppendToTopic = "--append-to-topic";
int append_elsewhere_main(const std::vector<std::string>& words);
int append_to_topic_main(const std::vector<std::string>& words);
// Starts this program again with these words, and waits for its end.
void run_elsewhere(std::vector<std::string> words);

// How many cases ran on each backend, printed by main at the end.
void count_case(const std::string& backend);
void print_cases();

}  // namespace quicklime::eventlog::contract
