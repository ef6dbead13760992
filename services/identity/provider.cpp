#include "identity/provider.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/printable.hpp"
#include "crypto/constant_time.hpp"
#include "crypto/hash.hpp"
#include "crypto/jws.hpp"
#include "crypto/random.hpp"
#include "identity/assertion.hpp"
#include "identity/provider_keys.hpp"

namespace quicklime::identity {
namespace {

constexpr Milliseconds kFlowLasts = std::chrono::minutes(10);
constexpr Milliseconds kShownFor = std::chrono::hours(1);
constexpr std::size_t kLongestProviderWords = 200;  // of the provider, in an error

Failure flow_failed(std::string detail) { return fail(ErrorCode::unauthenticated, "browser-sign-in-failed", std::move(detail)); }

std::string provider_words(std::string_view text) { return "\"" + printable(text.substr(0, kLongestProviderWords)) + "\""; }

std::string drawn_text() { return base64url_encode(crypto::random_bytes(32)); }

void add_parameter(std::string& query, std::string_view name, std::string_view value) {
  if (!query.empty()) query += '&';
  query.append(name).append("=").append(percent_encode(value));
}

std::string value_of(const Provider::Query& query, std::string_view name) {
  const auto found = query.find(name);
  return found == query.end() ? "" : found->second;
}

Person person_of(const std::string& provider, Assertion assertion) {
  Person person{provider, std::move(assertion.subject), std::move(assertion.name), std::move(assertion.claims)};
  if (person.name.empty()) person.name = person.subject;
  return person;
}

}  // namespace

// What begin() leaves for finish().
struct Provider::Flow {
  std::string provider, redirect_uri, state, nonce, verifier;
  Instant begun;

  Secret text() const {
    return Secret(provider + "\n" + redirect_uri + "\n" + state + "\n" + nonce + "\n" + verifier + "\n" +
                  std::to_string(begun.milliseconds()));
  }
  static std::optional<Flow> parse(std::string_view text) {
    std::array<std::string_view, 6> lines;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::size_t end = text.find('\n');
      if ((end == std::string_view::npos) != (i + 1 == lines.size())) return std::nullopt;
      lines[i] = text.substr(0, end);
      text.remove_prefix(std::min(text.size(), lines[i].size() + 1));
    }
    std::int64_t begun = 0;
    const auto [end, error] = std::from_chars(lines[5].data(), lines[5].data() + lines[5].size(), begun);
    if (error != std::errc() || end != lines[5].data() + lines[5].size()) return std::nullopt;
    return Flow{std::string(lines[0]), std::string(lines[1]), std::string(lines[2]),
                std::string(lines[3]), std::string(lines[4]), Instant::from_milliseconds(begun)};
  }
};

Provider::Provider(std::string name, ProviderSettings settings, const Clock& clock)
    : name_(std::move(name)), settings_(std::move(settings)), clock_(clock), keys_(std::make_unique<ProviderKeys>(settings_, clock)) {}
Provider::~Provider() = default;

Result<std::unique_ptr<Provider>> Provider::make(std::string name, ProviderSettings settings, const Clock& clock) {
  const auto wrong = [&](const char* key, std::string why) {
    return fail(ErrorCode::invalid, "setting-invalid", "[oidc." + name + "] " + key + ": " + why, "oidc." + name + "." + key);
  };
  if (!is_provider_url(settings.issuer) || settings.issuer.find('?') != std::string::npos) {
    return wrong("issuer", "a URL is expected, https://login.internal, exactly as the provider's tokens have it in iss");
  }
  if (settings.groups.empty()) return wrong("groups", "the name of a claim is expected");
  if (settings.client_id.empty() && (settings.keys_file.empty() || settings.audience.empty())) {
    return wrong("client_id", "the provider knows this CA by it; with keys_file, audience is enough");
  }
  return std::unique_ptr<Provider>(new Provider(std::move(name), std::move(settings), clock));
}

async::Task<Result<std::string>> Provider::verified(std::string token, bool id_token) {
  const auto jws = crypto::Jws::parse(std::move(token));
  if (!jws) co_return forward(jws);
  const std::string& type = jws->header().type;
  if (!type.empty() && type != "jwt" && (type != "at+jwt" || id_token)) {
    co_return fail(ErrorCode::unauthenticated, "assertion-type",
                   "a token of type " + provider_words(type) + " is for something else; " +
                       (id_token ? "JWT is expected" : "JWT or at+jwt is expected"));
  }
  auto payload = co_await keys_->verified(*jws);
  co_return payload;
}

async::Task<Result<Person>> Provider::verify(std::string assertion) {
  const auto payload = co_await verified(std::move(assertion), false);
  if (!payload) co_return forward(payload);
  auto read = read_assertion(*payload, settings_.groups);
  if (!read) co_return forward(read);
  const std::string& audience = settings_.audience.empty() ? settings_.client_id : settings_.audience;
  if (const auto good = check_assertion(*read, settings_.issuer, audience, clock_.now()); !good) co_return forward(good);
  const auto ends = read->ends;
  Person person = person_of(name_, *std::move(read));
  person.until = ends;
  co_return person;
}

async::Task<Result<Provider::Begun>> Provider::begin(std::string redirect_uri) {
  const auto metadata = co_await keys_->metadata();
  if (!metadata) co_return forward(metadata);
  if (metadata->authorization_url.empty() || metadata->token_url.empty()) {
    co_return fail(ErrorCode::unavailable, "provider-answer", settings_.issuer + " does not say where a browser signs in");
  }
  const Flow flow{name_, std::move(redirect_uri), drawn_text(), drawn_text(), drawn_text(), clock_.now()};
  std::string scope = "openid";
  for (const std::string& more : {std::string("profile"), settings_.groups}) {
    if (std::find(metadata->scopes.begin(), metadata->scopes.end(), more) != metadata->scopes.end()) scope += " " + more;
  }
  std::string query;
  add_parameter(query, "response_type", "code");
  add_parameter(query, "client_id", settings_.client_id);
  add_parameter(query, "redirect_uri", flow.redirect_uri);
  add_parameter(query, "scope", scope);
  add_parameter(query, "state", flow.state);
  add_parameter(query, "nonce", flow.nonce);
  add_parameter(query, "code_challenge", base64url_encode(crypto::view(crypto::sha256(flow.verifier))));
  add_parameter(query, "code_challenge_method", "S256");
  const char* joint = metadata->authorization_url.find('?') == std::string::npos ? "?" : "&";
  co_return Begun{metadata->authorization_url + joint + query, flow.text()};
}

async::Task<Result<Person>> Provider::finish(Secret kept, Query query) {
  const auto flow = Flow::parse(kept.reveal());
  if (!flow || flow->provider != name_) co_return flow_failed("this browser has not begun to sign in here; begin again");
  if (clock_.now() - flow->begun > kFlowLasts) co_return flow_failed("signing in took longer than 10 minutes; begin again");
  if (!crypto::equal_in_constant_time(value_of(query, "state"), flow->state)) {
    co_return flow_failed("the answer of the provider belongs to another request (state); begin again");
  }
  const auto metadata = co_await keys_->metadata();
  if (!metadata) co_return forward(metadata);
  const std::string issuer = value_of(query, "iss");  // RFC 9207: else another provider's code could be passed for this one's
  if (issuer != settings_.issuer && (!issuer.empty() || metadata->names_itself)) {
    co_return flow_failed("the answer is from " + provider_words(issuer) + ", and " + settings_.issuer + " was asked");
  }
  if (const std::string error = value_of(query, "error"); !error.empty()) {
    co_return flow_failed("the provider says " + provider_words(error) + " " + provider_words(value_of(query, "error_description")));
  }
  const std::string code = value_of(query, "code");
  if (code.empty()) co_return flow_failed("the provider sent no code; begin again");
  auto person = co_await exchange(*flow, code);
  co_return person;
}

async::Task<Result<Person>> Provider::exchange(const Flow& flow, const std::string& code) {
  const auto metadata = co_await keys_->metadata();
  if (!metadata) co_return forward(metadata);
  http::Request request;
  request.method = http::Method::post;
  request.headers.set("Content-Type", "application/x-www-form-urlencoded");
  request.headers.set("Accept", "application/json");
  add_parameter(request.body, "grant_type", "authorization_code");
  add_parameter(request.body, "code", code);
  add_parameter(request.body, "redirect_uri", flow.redirect_uri);
  add_parameter(request.body, "code_verifier", flow.verifier);
  Secret client_secret;
  if (!settings_.client_secret_file.empty()) {
    auto read = read_secret_file(settings_.client_secret_file);
    if (!read) co_return fail(ErrorCode::unavailable, "provider-unreachable", read.error().detail);
    const std::string_view text = read->reveal();
    client_secret = Secret::copy_of(text.substr(0, text.find_first_of("\r\n")));
  }
  if (client_secret.empty() || metadata->secret_in_body) {
    add_parameter(request.body, "client_id", settings_.client_id);
    if (!client_secret.empty()) add_parameter(request.body, "client_secret", client_secret.reveal());
  } else {  // RFC 6749 section 2.3.1
    request.headers.set("Authorization",
                        "Basic " + base64_encode(percent_encode(settings_.client_id) + ":" + percent_encode(client_secret.reveal())));
  }
  const auto response = co_await keys_->ask(metadata->token_url, std::move(request));
  if (!response) co_return forward(response);
  const auto answer = read_token_answer(response->body);
  if (!answer) co_return forward(answer);
  if (response->status != 200 || !answer->error.empty()) {
    co_return flow_failed("the provider does not take the code: " + provider_words(answer->error) + "; begin again");
  }

  const auto payload = co_await verified(answer->id_token, true);
  if (!payload) co_return forward(payload);
  auto read = read_assertion(*payload, settings_.groups);
  if (!read) co_return forward(read);
  const Assertion& token = *read;
  if (const auto good = check_assertion(token, settings_.issuer, settings_.client_id, clock_.now()); !good) co_return forward(good);
  if (!crypto::equal_in_constant_time(token.nonce, flow.nonce)) {
    co_return flow_failed("the token belongs to another request (nonce); begin again");
  }
  // OpenID Connect Core section 3.1.3.7, 4 and 5.
  if (token.authorized_party != settings_.client_id && (!token.authorized_party.empty() || token.audience.size() > 1)) {
    co_return flow_failed("the token was given to " + provider_words(token.authorized_party) + ", and this CA is " + settings_.client_id);
  }
  Person person = person_of(name_, *std::move(read));
  person.until = clock_.now() + kShownFor;
  if (!person.claims.contains("groups") && !metadata->userinfo_url.empty() && !answer->access_token.empty()) {
    const auto added = co_await add_userinfo(metadata->userinfo_url, answer->access_token, person);
    if (!added) co_return forward(added);
  }
  co_return person;
}

async::Task<Result<void>> Provider::add_userinfo(const std::string& url, const Secret& access_token, Person& person) {
  http::Request request;
  request.headers.set("Accept", "application/json");
  request.headers.set("Authorization", "Bearer " + std::string(access_token.reveal()));
  const auto response = co_await keys_->ask(url, std::move(request));
  if (!response) co_return forward(response);
  if (response->status != 200) {
    co_return fail(ErrorCode::unavailable, "provider-answer", url + " answers with status " + std::to_string(response->status));
  }
  auto info = read_assertion(response->body, settings_.groups);
  if (!info) co_return forward(info);
  if (info->subject != person.subject) co_return flow_failed("the provider's userinfo is about somebody else than its token");
  if (person.name == person.subject && !info->name.empty()) person.name = std::move(info->name);
  person.claims.merge(info->claims);
  co_return Result<void>();
}

std::optional<std::string> claimed_issuer(std::string assertion) {
  const auto jws = crypto::Jws::parse(std::move(assertion));
  if (!jws) return std::nullopt;
  std::string issuer = issuer_in(jws->unverified());
  if (issuer.empty()) return std::nullopt;
  return issuer;
}

}  // namespace quicklime::identity
