#include "base/logging.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>
#include <mutex>

#include "base/instant.hpp"
#include "base/log_level.hpp"
#include "base/log_throttle.hpp"
#include "base/printable.hpp"

namespace quicklime::log {
namespace {

struct State {
  std::shared_ptr<spdlog::logger> sink;
  Format format = Format::text;
  std::string service = "quicklime";
  std::mutex mutex;
  Throttle throttle;  // under the mutex

  State() : sink(std::make_shared<spdlog::logger>("quicklime", std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
    sink->set_pattern("%v");
    sink->set_level(spdlog::level::warn);
    sink->flush_on(spdlog::level::trace);
  }
};

State& state() {
  static State instance;
  return instance;
}

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warning: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

std::string_view level_name(Level level) {
  switch (level) {
    case Level::debug: return "debug";
    case Level::info: return "info";
    case Level::warning: return "warning";
    case Level::error: return "error";
  }
  return "error";
}

// RFC 8259 section 7, of text without control characters.
void append_escaped(std::string& line, std::string_view text) {
  for (char c : printable(text)) {
    if (c == '"' || c == '\\') line.push_back('\\');
    line.push_back(c);
  }
}

void append_member(std::string& line, std::string_view name, std::string_view value) {
  line += line.size() == 1 ? "\"" : ",\"";
  line += name;
  line += "\":\"";
  append_escaped(line, value);
  line.push_back('"');
}

void emit(State& current, Level level, std::string_view message, std::initializer_list<Field> fields) {
  const std::string time = SystemClock().now().rfc3339();
  std::string line;
  if (current.format == Format::json) {
    line = "{";
    append_member(line, "ts", time);
    append_member(line, "level", level_name(level));
    append_member(line, "service", current.service);
    append_member(line, "msg", message);
    for (const Field& field : fields) append_member(line, field.name, field.value);
    line.push_back('}');
  } else {
    line = time + " " + std::string(level_name(level)) + " ";
    append_escaped(line, message);
    for (const Field& field : fields) {
      line += " " + std::string(field.name) + "=\"";
      append_escaped(line, field.value);
      line.push_back('"');
    }
  }
  current.sink->log(spdlog_level(level), line);
}

// 4211 as "4,211": for people.
std::string grouped(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

// Message and reason: texts of ours both, so that there are few kinds.
std::string kind_of(std::string_view message, std::initializer_list<Field> fields) {
  std::string kind(message);
  for (const Field& field : fields) {
    if (field.name == "reason") kind += ": " + field.value;
  }
  return kind;
}

}  // namespace

void configure(Level level, Format format, std::string service) {
  state().format = format;
  state().service = std::move(service);
  state().sink->set_level(spdlog_level(level));
}

bool shows_debug() { return state().sink->should_log(spdlog::level::debug); }

void say_held_back() {
  State& current = state();
  std::vector<Throttle::HeldBack> held;
  {
    const std::lock_guard lock(current.mutex);
    held = current.throttle.held_back(std::chrono::steady_clock::now());
  }
  for (const auto& [kind, count] : held) emit(current, Level::warning, kind + " (and " + grouped(count) + " more)", {});
}

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  State& current = state();
  if (!current.sink->should_log(spdlog_level(level))) return;
  say_held_back();
  if (level >= Level::warning) {
    const std::string kind = kind_of(message, fields);
    const std::lock_guard lock(current.mutex);
    if (!current.throttle.passes(kind, std::chrono::steady_clock::now())) return;
  }
  emit(current, level, message, fields);
}

}  // namespace quicklime::log
