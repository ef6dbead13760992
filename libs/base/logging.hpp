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

// Any thread. Values are escaped here; a Secret does not convert to a Field.
void write(Level level, std::string_view message, std::initializer_list<Field> fields = {});

inline void debug(std::string_view message, std::initializer_list<Field> fields = {}) { write(Level::debug, message, fields); }
inline void info(std::string_view message, std::initializer_list<Field> fields = {}) { write(Level::info, message, fields); }
inline void warning(std::string_view message, std::initializer_list<Field> fields = {}) { write(Level::warning, message, fields); }
inline void error(std::string_view message, std::initializer_list<Field> fields = {}) { write(Level::error, message, fields); }

}  // namespace quicklime::log
