#include <nlohmann/json.hpp>

#include "all_in_one/control.hpp"

namespace quicklime::all_in_one {
namespace {

using Json = nlohmann::ordered_json;

template <class Decode>
auto parsed_answer(const std::string& body, const char* expected, Decode decode) -> Result<decltype(decode(Json()))> {
  try {
    return decode(Json::parse(body));
  } catch (const Json::exception&) {
    return fail(ErrorCode::internal, "answer-not-understood",
                "the answer of what serves here is not " + std::string(expected) +
                    " as this version knows it; `quicklime version` and `quicklime version --running` say which they are");
  }
}

const char* name(api::Access::Kind kind) {
  switch (kind) {
    case api::Access::Kind::anyone: return "anyone";
    case api::Access::Kind::proof: return "proof";
    case api::Access::Kind::identified: return "identified";
  }
  return "";
}

}  // namespace

std::string encode_routes(const std::vector<std::unique_ptr<runtime::Site>>& sites) {
  Json all = Json::array();
  for (const auto& site : sites) {
    const auto add = [&](const std::vector<api::Route>& routes, const char* where) {
      for (const auto& route : routes) {
        Json roles = Json::array();
        for (const auto role : route.access.roles) roles.push_back(access::name(role));
        all.push_back({{"service", site->name()},
                       {"method", http::name(route.method)},
                       {"path", route.path},
                       {"served", where},
                       {"access", name(route.access.kind)},
                       {"roles", std::move(roles)}});
      }
    };
    add(site->service().public_routes, "plain");
    add(site->service().routes, "tls");
    add(site->service().control_routes, "control");
    add(site->service().bootstrap_routes, "bootstrap");
  }
  return all.dump();
}

std::string encode_log_page(const std::vector<eventlog::Entry>& records, Position end) {
  Json events = Json::array();
  // As text, so that what arrives is the bytes that were hashed and not another spelling of them.
  for (const auto& record : records) events.push_back({{"offset", record.position.offset}, {"event", record.bytes}});
  return Json{{"events", std::move(events)}, {"end", end.offset}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<LogPage> decode_log_page(const std::string& body) {
  return parsed_answer(body, "a part of the log", [](const Json& json) {
    LogPage page;
    page.end = json.at("end").get<std::uint64_t>();
    for (const auto& one : json.at("events")) {
      LogEvent event{.offset = one.at("offset").get<std::uint64_t>(),
                     .bytes = one.at("event").get<std::string>(),
                     .time = {},
                     .schema = {},
                     .subject = {},
                     .actor = {}};
      const Json envelope = Json::parse(event.bytes);
      event.time = envelope.value("time", "");
      event.schema = envelope.value("schema", "");
      event.subject = envelope.value("subject", "");
      if (const auto actor = envelope.find("actor"); actor != envelope.end()) {
        event.actor = actor->value("kind", "") + ":" + actor->value("id", "");
      }
      page.events.push_back(std::move(event));
    }
    return page;
  });
}

std::string encode(const LogVerification::Status& status) {
  return Json{{"running", status.running}, {"checked", status.checked}, {"end", status.end},
              {"views", status.views},     {"chain", status.chain},     {"failure", status.failure}}
      .dump();
}

Result<LogVerification::Status> decode_verification(const std::string& body) {
  return parsed_answer(body, "the state of a verification", [](const Json& json) {
    return LogVerification::Status{.running = json.at("running").get<bool>(),
                                   .checked = json.at("checked").get<std::uint64_t>(),
                                   .end = json.at("end").get<std::uint64_t>(),
                                   .views = json.at("views").get<std::vector<std::string>>(),
                                   .chain = json.at("chain").get<std::string>(),
                                   .failure = json.at("failure").get<std::string>()};
  });
}

std::string encode(const std::vector<ViewStatus>& views) {
  Json list = Json::array();
  for (const auto& view : views) {
    list.push_back({{"view", view.view}, {"position", view.position}, {"behind", view.behind}, {"stopped", view.stopped}});
  }
  return Json{{"views", std::move(list)}}.dump();
}

Result<std::vector<ViewStatus>> decode_views(const std::string& body) {
  return parsed_answer(body, "the state of the views", [](const Json& json) {
    std::vector<ViewStatus> views;
    for (const auto& one : json.at("views")) {
      views.push_back({one.at("view").get<std::string>(), one.at("position").get<std::string>(), one.at("behind").get<std::uint64_t>(),
                       one.at("stopped").get<std::string>()});
    }
    return views;
  });
}

}  // namespace quicklime::all_in_one
