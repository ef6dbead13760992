#include <algorithm>

#include "api/request_input.hpp"
#include "api/requests.hpp"
#include "identity/grant_body.hpp"
#include "identity/routes.hpp"
#include "identity/service_json.hpp"
#include "identity/writing.hpp"
#include "runtime/profiles.hpp"
#include "runtime/shared_settings.hpp"

namespace quicklime::identity {
namespace {

using access::Role;

class RuleRoutes {
 public:
  explicit RuleRoutes(const api::ServiceContext& context)
      : context_(context), profiles_(runtime::configured_profiles(context.configuration.of<runtime::SharedSettings>())) {
    const auto& settings = context.configuration.of<Settings>();
    for (const auto& [name, ldap] : settings.ldap) providers_.push_back(name);
    for (const auto& [name, oidc] : settings.oidc) providers_.push_back(name);
    providers_.emplace_back(access::kCertificateProvider);
  }

  async::Task<Answer> set(Call& call) {
    const auto body = api::JsonBody::parse(call.request, {"provider", "when", "role", "profiles", "names"});
    if (!body) co_return forward(body);
    const auto provider = read_provider(*body);
    if (!provider) co_return forward(provider);
    const auto when = body->texts("when");
    if (!when) co_return forward(when);
    const auto role = read_role_of_people(*body);
    if (!role) co_return forward(role);
    auto profiles = read_profiles(*body, *role, profiles_);
    if (!profiles) co_return forward(profiles);
    auto names = read_names(*body, *role);
    if (!names) co_return forward(names);
    const Rule rule{call.request.parameters.at("id"),
                    *provider,
                    when->value_or(std::vector<std::string>()),
                    *role,
                    *std::move(profiles),
                    *std::move(names)};
    if (auto fits = check_rule(rule); !fits) co_return forward(fits);
    for (const auto& one : rule.when) {
      if (!is_presentable(one))
        co_return fail(ErrorCode::invalid, "rule-invalid", "a condition is 1 to 256 bytes of printable text that show no secret", "/when");
    }
    if (rule.id == "test")
      co_return fail(ErrorCode::invalid, "rule-invalid", "a rule cannot be called test: that is where rules are tried", "/rule");
    const RuleId id(rule.id);
    const auto all = co_await read_rules(context_.view);
    if (!all) co_return forward(all);
    const auto known = std::find_if(all->rules.begin(), all->rules.end(), [&](const RuleRecord& one) { return one.rule == id; });
    if (known == all->rules.end() && all->rules.size() >= kMostRules)
      co_return fail(ErrorCode::conflict, "rules-full", "there are " + std::to_string(kMostRules) + " rules already; remove some");
    if (known != all->rules.end() && known->provider != rule.provider) {
      co_return fail(ErrorCode::conflict, "rule-of-another-provider",
                     "the rule " + rule.id + " is for " + known->provider + "; remove it first, or use another name", "/provider");
    }
    events::Data event = events::RuleSet{id, rule.provider, rule.when, std::string(access::name(rule.role)), rule.profiles, rule.names};
    Accepted accepted{{access::provider_key(rule.provider)}, [](const auto& values, const eventlog::Appended& appended) {
                        return access::decode_provider_version(values.front()) >= appended.position.offset;
                      }};
    Error lost{ErrorCode::conflict, "rule-not-set", "the rule did not take effect; set it again", ""};
    const auto written = co_await write_judged(context_, call, rule.id, std::move(event), std::move(accepted), std::move(lost));
    if (!written) co_return forward(written);
    const auto now = co_await find(id);
    if (!now) co_return forward(now);
    if (!*now) co_return fail(ErrorCode::conflict, "rule-not-set", "the rule was removed at this moment");
    auto response = http::Response::json(200, rule_json(**now));
    api::set_position(response, written->position);
    co_return response;
  }

  async::Task<Answer> list(Call& call) {
    if (auto none = api::only_parameters(call.request, {}); !none) co_return forward(none);
    const auto known = co_await read_rules(context_.view);
    if (!known) co_return forward(known);
    auto response = http::Response::json(200, rules_json(*known));
    api::set_position(response, known->meta.anchor.position);
    co_return response;
  }

  async::Task<Answer> remove(Call& call) {
    const RuleId id(call.request.parameters.at("id"));
    const auto known = co_await find(id);
    if (!known) co_return forward(known);
    if (!*known) co_return fail(ErrorCode::not_found, "rule-not-found", "there is no rule " + id.text());
    Accepted accepted{{}, [](const auto&, const eventlog::Appended&) { return true; }};
    events::Data removed = events::RuleRemoved{id, (*known)->provider};
    Error lost{ErrorCode::internal, "internal", "", ""};
    const auto written = co_await write_judged(context_, call, id.text(), std::move(removed), std::move(accepted), std::move(lost));
    if (!written) co_return forward(written);
    auto response = http::Response::json(200, rule_json(**known));
    api::set_position(response, written->position);
    co_return response;
  }

  // What somebody with these claims would be, without signing anybody in.
  async::Task<Answer> test(Call& call) {
    const auto body = api::JsonBody::parse(call.request, {"provider", "claims"});
    if (!body) co_return forward(body);
    const auto provider = read_provider(*body);
    if (!provider) co_return forward(provider);
    const auto claims = body->texts("claims");
    if (!claims) co_return forward(claims);
    Person person{.provider = *provider, .subject = "somebody", .name = "somebody", .claims = {}};
    for (const auto& claim : claims->value_or(std::vector<std::string>())) {
      const auto equals = claim.find('=');
      if (equals == std::string::npos || equals == 0) {
        co_return fail(ErrorCode::invalid, "claim-malformed", "a claim is name=value, as \"groups=pki-admins\"; '" + claim + "' is not",
                       "/claims");
      }
      person.claims[claim.substr(0, equals)].push_back(claim.substr(equals + 1));
    }
    const auto known = co_await read_rules(context_.view);
    if (!known) co_return forward(known);
    const auto granted = judge(rules_of(known->rules), person);
    if (!granted) co_return forward(granted);
    co_return http::Response::json(200, granted_json(*granted));
  }

 private:
  Result<std::string> read_provider(const api::JsonBody& body) const {
    auto provider = body.text("provider");
    if (!provider) return forward(provider);
    if (*provider && std::find(providers_.begin(), providers_.end(), **provider) != providers_.end()) return **std::move(provider);
    std::string known;
    for (const auto& one : providers_) known += (known.empty() ? "" : ", ") + one;
    return fail(ErrorCode::invalid, "provider-unknown",
                "a rule is for people of one provider, out of quicklime.toml ([ldap.NAME], [oidc.NAME]) or \"certificate\" for clients by "
                "certificate; there are: " +
                    known,
                "/provider");
  }

  async::Task<Result<std::optional<RuleRecord>>> find(RuleId id) {
    std::vector<views::PointKey> key(1, rule_key(id));
    const auto points = co_await context_.view.get(std::move(key));
    if (!points) co_return forward(points);
    if (!points->values.front()) co_return std::optional<RuleRecord>();
    auto rule = decode_rule(*points->values.front());
    if (!rule) co_return forward(rule);
    co_return std::optional(*std::move(rule));
  }

  api::ServiceContext context_;
  std::vector<ca::Profile> profiles_;
  std::vector<std::string> providers_;
};

}  // namespace

std::vector<api::Route> rule_routes(const api::ServiceContext& context) {
  auto routes = std::make_shared<RuleRoutes>(context);
  const auto administrator = api::Access::identified({Role::administrator});
  const auto readers = api::Access::identified({Role::administrator, Role::auditor});
  using enum http::Method;
  return {{get, "/v1/rules", readers, [routes](Call& call) { return routes->list(call); }},
          {put, "/v1/rules/{id}", administrator, [routes](Call& call) { return routes->set(call); }},
          {delete_, "/v1/rules/{id}", administrator, [routes](Call& call) { return routes->remove(call); }},
          {post, "/v1/rules/test", readers, [routes](Call& call) { return routes->test(call); }}};
}

}  // namespace quicklime::identity
