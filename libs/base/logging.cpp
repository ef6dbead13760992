#include "base/logging.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>

#include "base/instant.hpp"

namespace quicklime::log {
namespace {

struct State {
  std::shared_ptr<spdlog::logger> sink;
  Format format = Format::text;
  std::string service = "quicklime";

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

// RFC 8259 section 7. Bytes above 0x7f pass: what is logged is UTF-8 or has been escaped before.
void append_escaped(std::string& line, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      line.push_back('\\');
      line.push_back(c);
    } else if (octet < 0x20 || octet == 0x7f) {
      line += "\\u00";
      line.push_back(digits[octet >> 4U]);
      line.push_back(digits[octet & 15U]);
    } else {
      line.push_back(c);
    }
  }
}

void append_member(std::string& line, std::string_view name, std::string_view value) {
  line += line.size() == 1 ? "\"" : ",\"";
  line += name;
  line += "\":\"";
  append_escaped(line, value);
  line.push_back('"');
}

}  // namespace

void configure(Level level, Format format, std::string service) {
  state().format = format;
  state().service = std::move(service);
  state().sink->set_level(spdlog_level(level));
}

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  State& current = state();
  if (!current.sink->should_log(spdlog_level(level))) return;
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

}  // namespace quicklime::log
