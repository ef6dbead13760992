#pragma once
// Log lines: one JSON object a line (or text on a terminal) on standard error.
// For people who run the service; the audit trail is the event log, not this.

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/id.hpp"

namespace quicklime::log {

enum class Level { debug, info, warning, error };
enum class Format { text, json };

struct Field {
  std::string_view name;
  std::string value;
};

// Once, before threads start. Until then: text, from warnings up.
void configure(Level level, Format format, std::string service);

// Any thread. Values are escaped here (base/printable.hpp); a Secret does not convert to a Field.
// Of warnings and errors with one message and one field "reason" ten pass in ten seconds; the others are counted, and a line says how
// many they were (base/log_throttle.hpp) before the next line of any kind.
void write(Level level, std::string_view message, std::initializer_list<Field> fields = {});

// Says how many lines were held back in the windows that are over: from time to time, where nothing else may be logged.
void say_held_back();

inline void debug(std::string_view message, std::initializer_list<Field> fields = {}) { write(Level::debug, message, fields); }
inline void info(std::string_view message, std::initializer_list<Field> fields = {}) { write(Level::info, message, fields); }
inline void warning(std::string_view message, std::initializer_list<Field> fields = {}) { write(Level::warning, message, fields); }
inline void error(std::string_view message, std::initializer_list<Field> fields = {}) { write(Level::error, message, fields); }

}  // namespace quicklime::log
