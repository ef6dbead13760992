#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>

#include "event_schema.hpp"

#pragma GCC diagnostic push  // not our header
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>
#pragma GCC diagnostic pop

namespace quicklime::test {
namespace {

using Json = nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

std::optional<Json> schema_file(const std::string& name) {
  const auto file = std::filesystem::path(QUICKLIME_SOURCE_DIR) / "docs/events" / name;
  std::ifstream stream(file);
  Json json = Json::parse(stream, nullptr, false);
  return stream && !json.is_discarded() ? std::optional(std::move(json)) : std::nullopt;
}

// Parsed once per type.
const valijson::Schema* schema_of(const std::string& type) {
  static std::mutex mutex;
  static std::map<std::string, std::unique_ptr<valijson::Schema>> schemas;
  const std::lock_guard lock(mutex);
  const auto known = schemas.find(type);
  if (known != schemas.end()) return known->second.get();
  const auto json = schema_file(type + ".schema.json");
  if (!json) return nullptr;
  auto schema = std::make_unique<valijson::Schema>();
  valijson::SchemaParser(valijson::SchemaParser::kDraft7)
      .populateSchema(
          Adapter(*json), *schema,
          [](const std::string& uri) -> const Json* {
            auto referenced = schema_file(uri);
            return referenced ? new Json(*std::move(referenced)) : nullptr;
          },
          [](const Json* referenced) { delete referenced; });
  return schemas.emplace(type, std::move(schema)).first->second.get();
}

}  // namespace

testing::AssertionResult validate_event(std::string_view bytes) {
  const Json json = Json::parse(bytes, nullptr, false);
  if (!json.is_object() || !json.contains("schema") || !json["schema"].is_string()) {
    return testing::AssertionFailure() << "not an event: " << bytes;
  }
  const std::string name = json["schema"].get<std::string>();
  const valijson::Schema* schema = schema_of(name.substr(0, name.find('/')));
  if (!schema) return testing::AssertionFailure() << "docs/events/ has no schema for " << name;
  valijson::ValidationResults results;
  // std::regex, which it uses, fills a table of the locale as it goes, without a lock.
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  valijson::Validator validator;
  if (validator.validate(*schema, Adapter(json), &results)) return testing::AssertionSuccess();
  auto failure = testing::AssertionFailure() << bytes << "\nbreaks its schema:";
  valijson::ValidationResults::Error error;
  while (results.popError(error)) {
    for (const std::string& step : error.context) failure << " " << step;
    failure << ": " << error.description << "\n";
  }
  return failure;
}

}  // namespace quicklime::test
