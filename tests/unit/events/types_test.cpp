// What each version of a type carries is written once, in tests/data/event_fields.txt: a line per version, "name/version" and its
// members, "?" where one may be absent. A changed type raises its version; QUICKLIME_WRITE_GOLDEN=1 then adds its line.
#include "events/types.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace quicklime::events {
namespace {

const std::filesystem::path kFile = std::filesystem::path(QUICKLIME_SOURCE_DIR) / "tests/data/event_fields.txt";

template <class Value>
constexpr const char* kKind = nullptr;
template <>
constexpr const char* kKind<std::string> = "text";
template <>
constexpr const char* kKind<std::vector<std::string>> = "texts";
template <>
constexpr const char* kKind<std::uint64_t> = "number";
template <>
constexpr const char* kKind<bool> = "flag";
template <>
constexpr const char* kKind<Instant> = "time";
template <>
constexpr const char* kKind<SerialNumber> = "serial";
template <class Tag>
constexpr const char* kKind<StringId<Tag>> = "id";

template <class Value>
std::string kind(Form form) {
  if (form == Form::base64) return "base64";
  return std::string(kKind<Value>) + (form == Form::whole_seconds ? "-in-seconds" : "");
}
template <class Event, class Value>
std::string member(const Field<Event, Value>& field) {
  return std::string(field.name) + ":" + kind<Value>(field.form);
}
template <class Event, class Value>
std::string member(const Field<Event, std::optional<Value>>& field) {
  return std::string(field.name) + ":" + kind<Value>(field.form) + "?";
}

// "log.created/1-0-0", and its members.
using Types = std::map<std::string, std::vector<std::string>>;

template <class... Events>
Types types_of(std::variant<Events...>*) {
  Types types;
  const auto add = [&]<class Event>(Event*) {
    if constexpr (!std::is_same_v<Event, Ignored>) {
      auto& members = types[std::string(Type<Event>::name) + "/" + std::string(version_of<Event>())];
      std::apply([&](const auto&... field) { (members.push_back(member(field)), ...); }, Type<Event>::fields);
    }
  };
  (add(static_cast<Events*>(nullptr)), ...);
  return types;
}

Types written() {
  Types types;
  std::ifstream file(kFile);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string schema;
    words >> schema;
    EXPECT_FALSE(types.contains(schema)) << schema << " stands there twice";
    auto& members = types[schema];
    for (std::string word; words >> word;) members.push_back(word);
  }
  return types;
}

TEST(EventTypes, CarryWhatWasWrittenOfTheirVersion) {
  const auto known = written();
  for (const auto& [schema, members] : types_of(static_cast<Data*>(nullptr))) {
    if (!known.contains(schema) && std::getenv("QUICKLIME_WRITE_GOLDEN") != nullptr) {
      std::ofstream file(kFile, std::ios::app);
      file << schema;
      for (const auto& one : members) file << " " << one;
      file << "\n";
      continue;
    }
    ASSERT_TRUE(known.contains(schema)) << schema << " has no line in " << kFile;
    EXPECT_EQ(members, known.at(schema)) << schema << " carries something else now: raise `version` in libs/events/types.hpp";
  }
}

TEST(EventTypes, AnAdditionAddsWhatMayBeAbsentAndChangesNothing) {
  std::map<std::string, std::vector<std::string>> before;  // by type and MODEL-REVISION; the map's order is that of the additions
  for (const auto& [schema, members] : written()) {
    auto& older = before[schema.substr(0, schema.rfind('-'))];
    ASSERT_LE(older.size(), members.size()) << schema;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i < older.size()) {
        EXPECT_EQ(members[i], older[i]) << schema;
      } else if (!older.empty()) {
        EXPECT_TRUE(members[i].ends_with("?")) << schema << " adds " << members[i] << ", which older events lack";
      }
    }
    older = members;
  }
}

}  // namespace
}  // namespace quicklime::events
