#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "identity/view.hpp"

// Records as the view keeps them.
namespace quicklime::identity {
namespace {

using RecordJson = nlohmann::json;

std::string text_of(const RecordJson& json, const char* name) { return json.at(name).get<std::string>(); }
std::vector<std::string> texts_of(const RecordJson& json, const char* name) { return json.at(name).get<std::vector<std::string>>(); }
Instant instant_of(const RecordJson& json, const char* name) { return Instant::from_milliseconds(json.at(name).get<std::int64_t>()); }

template <class Record, class Read>
Result<Record> decoded(std::string_view value, Read read) {
  try {
    return read(RecordJson::parse(value));
  } catch (const RecordJson::exception&) {
    return fail(ErrorCode::internal, "record-undecodable", "a record of the view identity is not one of ours; rebuild the view");
  }
}

}  // namespace

std::string encode(const Account& account) {
  RecordJson json{{"user", account.user.text()},
                  {"made_by", account.made_by.text()},
                  {"name", account.name},
                  {"role", account.role},
                  {"profiles", account.profiles},
                  {"names", account.names},
                  {"created", account.created.milliseconds()},
                  {"changed", account.changed.milliseconds()}};
  if (account.sealed_password) json["sealed_password"] = base64_encode(*account.sealed_password);
  return json.dump();
}

Result<Account> decode_account(std::string_view value) {
  return decoded<Account>(value, [](const RecordJson& json) {
    Account account{.user = UserId(text_of(json, "user")),
                    .made_by = EventId(text_of(json, "made_by")),
                    .name = text_of(json, "name"),
                    .role = text_of(json, "role"),
                    .profiles = texts_of(json, "profiles"),
                    .names = texts_of(json, "names"),
                    .created = instant_of(json, "created"),
                    .changed = instant_of(json, "changed")};
    if (json.contains("sealed_password")) account.sealed_password = base64_decode(text_of(json, "sealed_password")).value_or("");
    return account;
  });
}

std::string encode(const RuleRecord& rule) {
  return RecordJson{{"rule", rule.rule.text()},
                    {"provider", rule.provider},
                    {"when", rule.when},
                    {"role", rule.role},
                    {"profiles", rule.profiles},
                    {"names", rule.names},
                    {"changed", rule.changed.milliseconds()}}
      .dump();
}

Result<RuleRecord> decode_rule(std::string_view value) {
  return decoded<RuleRecord>(value, [](const RecordJson& json) {
    return RuleRecord{.rule = RuleId(text_of(json, "rule")),
                      .provider = text_of(json, "provider"),
                      .when = texts_of(json, "when"),
                      .role = text_of(json, "role"),
                      .profiles = texts_of(json, "profiles"),
                      .names = texts_of(json, "names"),
                      .changed = instant_of(json, "changed")};
  });
}

}  // namespace quicklime::identity
