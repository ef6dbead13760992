#include "runtime/configuration.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "base/toml.hpp"
#include "ca/name_policy.hpp"
#include "runtime/nearest.hpp"
#include "runtime/settings.hpp"

namespace quicklime::runtime {
namespace {

using Values = std::map<std::string, TomlValue>;

// Where a complaint belongs: every error names file, line and key.
struct Place {
  std::string_view file;
  const Values& values;

  Failure complain(const std::string& key, const std::string& why) const {
    const auto value = values.find(key);
    const std::string line = value == values.end() ? "" : ", line " + std::to_string(value->second.line);
    return fail(ErrorCode::invalid, "setting-invalid", std::string(file) + line + ": " + key + ": " + why, key);
  }
};

Failure wrong(std::string why) { return fail(ErrorCode::invalid, "setting-invalid", std::move(why)); }

Result<std::string> text_of(const TomlValue& value, const char* example) {
  if (const auto* text = std::get_if<std::string>(&value.value)) return *text;
  return wrong(std::string("a text in quotes is expected: ") + example);
}

Result<std::int64_t> number_of(const TomlValue& value, const Row& row) {
  const auto* number = std::get_if<std::int64_t>(&value.value);
  if (number != nullptr && *number >= row.minimum && *number <= row.maximum) return *number;
  return wrong("a whole number from " + std::to_string(row.minimum) + " to " + std::to_string(row.maximum) + " is expected");
}

template <class Choice>
Result<Choice> choice_of(const TomlValue& value) {
  const std::vector<std::string>& known = words(Choice{});
  const auto* text = std::get_if<std::string>(&value.value);
  const auto found = text == nullptr ? known.end() : std::find(known.begin(), known.end(), *text);
  if (found != known.end()) return static_cast<Choice>(found - known.begin());
  std::string list;
  for (const std::string& word : known) list += (list.empty() ? "\"" : ", \"") + word + "\"";
  return wrong("one of " + list + " is expected");
}

Result<std::string> read(const TomlValue& value, const Row&, const std::string&) { return text_of(value, "\"http://ca.internal:8080\""); }

Result<std::vector<std::string>> read(const TomlValue& value, const Row&, const std::vector<std::string>&) {
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value.value)) return *texts;
  return wrong("a list of texts is expected: [\"...\", \"...\"]");
}

Result<ListenAddress> read(const TomlValue& value, const Row&, const ListenAddress&) {
  auto text = text_of(value, "\"127.0.0.1:8443\"");
  if (!text) return forward(text);
  return parse_listen_address(*text);
}

Result<Milliseconds> read(const TomlValue& value, const Row& row, Milliseconds) {
  auto text = text_of(value, "\"90d\", \"12h\", \"30m\", \"10s\", \"250ms\"");
  if (!text) return forward(text);
  auto duration = parse_duration(*text);
  if (duration && (duration->count() < row.minimum || duration->count() > row.maximum)) {
    return wrong("a duration from " + duration_text(Milliseconds(row.minimum)) + " to " + duration_text(Milliseconds(row.maximum)) +
                 " is expected, not " + *text);
  }
  return duration;
}

Result<std::size_t> read(const TomlValue& value, const Row& row, std::size_t) {
  auto number = number_of(value, row);
  if (!number) return forward(number);
  return static_cast<std::size_t>(*number);
}

Result<unsigned> read(const TomlValue& value, const Row& row, unsigned) {
  auto number = number_of(value, row);
  if (!number) return forward(number);
  return static_cast<unsigned>(*number);
}

Result<bool> read(const TomlValue& value, const Row&, bool) {
  if (const auto* flag = std::get_if<bool>(&value.value)) return *flag;
  return wrong("true or false is expected, without quotes");
}

Result<log::Level> read(const TomlValue& value, const Row&, log::Level) { return choice_of<log::Level>(value); }
Result<log::Format> read(const TomlValue& value, const Row&, log::Format) { return choice_of<log::Format>(value); }

Failure unknown_key(std::string_view file, const std::string& key, std::size_t line) {
  std::vector<std::string> known;
  for (const Row& row : rows()) known.push_back(row.key);
  const auto meant = nearest(key, known);
  return fail(ErrorCode::invalid, "setting-unknown",
              std::string(file) + ", line " + std::to_string(line) + ": there is no setting '" + key + "'" +
                  (meant ? "; did you mean '" + *meant + "'?" : "; docs/configuration.md lists them all"),
              key);
}

// It is appended to ("/ocsp") and stands in certificates for years.
Result<void> check_public_url(const std::string& url, const Place& place) {
  if (url.empty()) return {};
  const std::size_t scheme = url.starts_with("http://") ? 7 : url.starts_with("https://") ? 8 : 0;
  if (scheme == 0 || url.size() == scheme || url[scheme] == '/' || url[scheme] == ':' || url.ends_with('/') ||
      std::any_of(url.begin(), url.end(), [](char c) { return c <= ' ' || c > '~' || c == '?' || c == '#' || c == '"' || c == '\\'; })) {
    return place.complain("public_url",
                          "http://HOST, http://HOST:PORT or one with a path is expected, without a final '/', not '" + url + "'");
  }
  return {};
}

// What no single value shows.
Result<void> check_whole(const Configuration& c, const Place& place) {
  auto url = check_public_url(c.public_url, place);
  if (!url) return url;

  if (auto allow = ca::NamePolicy::make(c.names_allow, {}); !allow) return place.complain("names.allow", allow.error().detail);
  if (auto deny = ca::NamePolicy::make({}, c.names_deny); !deny) return place.complain("names.deny", deny.error().detail);

  const struct {
    const char* profile;
    Milliseconds standard, maximum;
  } lifetimes[] = {{"tls-server", c.tls_server_default_lifetime, c.tls_server_maximum_lifetime},
                   {"tls-client", c.tls_client_default_lifetime, c.tls_client_maximum_lifetime},
                   {"tls-peer", c.tls_peer_default_lifetime, c.tls_peer_maximum_lifetime}};
  for (const auto& lifetime : lifetimes) {
    if (lifetime.standard <= lifetime.maximum) continue;
    const std::string table = std::string("profiles.") + lifetime.profile;
    const std::string key = table + (place.values.contains(table + ".default_lifetime") ? ".default_lifetime" : ".maximum_lifetime");
    return place.complain(key, "the default lifetime (" + duration_text(lifetime.standard) + ") is longer than the maximum (" +
                                   duration_text(lifetime.maximum) + "); set both");
  }
  return {};
}

}  // namespace

Result<Configuration> parse_configuration(std::string_view toml, std::string_view file_name) {
  auto values = parse_toml(toml, file_name);
  if (!values) return forward(values);

  const Place place{file_name, *values};
  Configuration configuration;
  for (const auto& [key, value] : *values) {
    const auto row = std::find_if(rows().begin(), rows().end(), [&key = key](const Row& each) { return each.key == key; });
    if (row == rows().end()) return unknown_key(file_name, key, value.line);
    auto done = std::visit(
        [&](auto member) -> Result<void> {
          auto read_value = read(value, *row, configuration.*member);
          if (!read_value) return forward(read_value);
          configuration.*member = std::move(*read_value);
          return {};
        },
        row->member);
    if (!done) return place.complain(key, done.error().detail);
  }
  auto checked = check_whole(configuration, place);
  if (!checked) return forward(checked);
  return configuration;
}

Result<Configuration> load_configuration(const std::filesystem::path& file) {
  auto content = read_file(file);
  if (!content) {
    if (content.error().code != ErrorCode::not_found) return forward(content);
    return fail(ErrorCode::not_found, "configuration-missing",
                "there is no " + file.string() + "; `quicklime init` writes one, and an empty file means all defaults");
  }
  return parse_configuration(*content, file.string());
}

}  // namespace quicklime::runtime
