#pragma once
// A struct of settings, with a row for each: the row drives reading, refusing, quicklime.toml as init writes it, and
// docs/configuration.md. Whoever goes by settings has a struct and its rows beside it:
//
//   struct Settings { Milliseconds lifetime{3'600'000}; };
//   Rows rows() { return Rows::of<Settings>({{"ocsp.lifetime", &Settings::lifetime, "From thisUpdate to nextUpdate.", 1000}}); }
//
// A table of things, [profiles.NAME], is a map of structs in the struct, with rows of its own.

#include <any>
#include <functional>
#include <map>
#include <string>
#include <typeindex>
#include <utility>
#include <vector>

#include "settings/value.hpp"

namespace quicklime::settings {

// Bounds of durations, in milliseconds.
inline constexpr std::int64_t kSecond = 1000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;

template <class S>
struct Row {
  template <class T>
  Row(std::string key, T S::*member, std::string meaning, std::int64_t minimum = Bounds().minimum, std::int64_t maximum = Bounds().maximum)
      : key(std::move(key)),
        target([member](S& settings) -> Target { return &(settings.*member); }),
        meaning(std::move(meaning)),
        bounds{minimum, maximum} {}

  std::string key;  // "ocsp.lifetime"; of a thing: "lifetime"
  std::function<Target(S& settings)> target;
  std::string meaning;  // one sentence
  Bounds bounds;
};

// Of a struct that is known by its address alone.
struct AnyRow {
  template <class S>
  explicit AnyRow(Row<S> row)
      : key(std::move(row.key)),
        target([target = std::move(row.target)](void* settings) { return target(*static_cast<S*>(settings)); }),
        meaning(std::move(row.meaning)),
        bounds(row.bounds) {}

  std::string key;
  std::function<Target(void* settings)> target;
  std::string meaning;
  Bounds bounds;
};

// Things of one kind by their names, which are 1 to 64 letters, digits, '-' and '_'. Those that the map of a fresh struct holds are there
// without being named; of others, what is not said is as in a fresh thing.
template <class S>
struct Things {
  template <class Thing>
  Things(std::string table, std::map<std::string, Thing> S::*member, std::vector<Row<Thing>> of_one)
      : table(std::move(table)),
        at([member](S& settings, const std::string& name) -> void* { return &(settings.*member)[name]; }),
        names([member](const S& settings) {
          std::vector<std::string> all;
          for (const auto& [name, thing] : settings.*member) all.push_back(name);
          return all;
        }) {
    for (auto& row : of_one) rows.emplace_back(std::move(row));
  }

  std::string table;                                              // "profiles"
  std::function<void*(S& settings, const std::string& name)> at;  // made where it is not there
  std::function<std::vector<std::string>(const S& settings)> names;
  std::vector<AnyRow> rows;  // of a thing
};

struct AnyThings {
  template <class S>
  explicit AnyThings(Things<S> things)
      : table(std::move(things.table)),
        at([at = std::move(things.at)](void* settings, const std::string& name) { return at(*static_cast<S*>(settings), name); }),
        names([names = std::move(things.names)](const void* settings) { return names(*static_cast<const S*>(settings)); }),
        rows(std::move(things.rows)) {}

  std::string table;
  std::function<void*(void* settings, const std::string& name)> at;
  std::function<std::vector<std::string>(const void* settings)> names;
  std::vector<AnyRow> rows;
};

// The rows of one struct.
struct Rows {
  // check: what no single value shows. Its error says why; its field, which key or table is wrong.
  template <class S>
  static Rows of(std::vector<Row<S>> rows, std::vector<Things<S>> things = {}, std::function<Result<void>(const S& settings)> check = {}) {
    Rows made{typeid(S), [] { return std::any(S()); }, [](std::any& holder) -> void* { return std::any_cast<S>(&holder); }, {}, {}, {}};
    for (auto& row : rows) made.rows.emplace_back(std::move(row));
    for (auto& table : things) made.things.emplace_back(std::move(table));
    if (check) made.check = [check = std::move(check)](const void* settings) { return check(*static_cast<const S*>(settings)); };
    return made;
  }

  std::type_index type;
  std::function<std::any()> fresh;                 // the struct, with its defaults
  std::function<void*(std::any& holder)> address;  // of the struct that fresh() made
  std::vector<AnyRow> rows;                        // in the order of the documentation
  std::vector<AnyThings> things;
  std::function<Result<void>(const void* settings)> check;  // may be empty
};

}  // namespace quicklime::settings
