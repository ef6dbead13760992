#include "issuance/cfssl.hpp"

#include <algorithm>

#include "access/token_holder.hpp"
#include "api/request_input.hpp"
#include "api/requests.hpp"
#include "base/encoding.hpp"
#include "base/json_object.hpp"
#include "crypto/hash.hpp"
#include "http/cfssl_envelope.hpp"
#include "issuance/cfssl_words.hpp"
#include "pki/pem.hpp"
#include "runtime/shared_settings.hpp"

namespace quicklime::issuance {
namespace {

using api::Answer;
using api::Call;
using api::JsonBody;

constexpr const char* kProfileOfNone = "tls-server";

std::vector<access::Role> askers() { return {access::Role::administrator, access::Role::requester}; }

Result<std::string> text_of(const JsonBody& body, const char* member) {
  auto text = body.text(member);
  if (!text) return forward(text);
  return text->value_or("");
}

std::string or_default(const std::string& profile) { return profile.empty() ? kProfileOfNone : profile; }

// A signer.SignRequest. What a client writes there when it asks for nothing is taken; a subject, a serial, dates, extensions are not his to
// say.
constexpr const char* kNotTheirs[] = {"crl_override", "subject",  "serial",        "extensions", "not_before", "not_after",
                                      "NotBefore",    "NotAfter", "ReturnPrecert", "metadata",   "bundle"};

Result<JsonBody> sign_request(const http::Request& request) {
  std::vector<std::string_view> members{"certificate_request", "hosts", "hostname", "profile", "label", "expiry"};
  members.insert(members.end(), std::begin(kNotTheirs), std::end(kNotTheirs));
  auto body = JsonBody::parse(request, members);
  if (!body) return body;
  body->drop_nulls();
  for (const std::string member : kNotTheirs) {
    const auto text = body->text(member);
    const bool asks = text ? *text && !(*text)->empty() && **text != "0001-01-01T00:00:00Z" : body->flag(member).value_or(true);
    if (asks)
      return fail(ErrorCode::invalid, "member-unknown", "this CA says itself what CFSSL's clients may ask for in " + member, "/" + member);
  }
  return body;
}

// `hosts`, or `hostname` with commas between them: the names instead of the CSR's.
Result<std::optional<std::vector<pki::AlternativeName>>> names_of(const JsonBody& body, const pki::Csr& csr) {
  const auto hosts = body.texts("hosts");
  if (!hosts) return forward(hosts);
  const auto hostname = text_of(body, "hostname");
  if (!hostname) return forward(hostname);
  std::vector<std::string> texts = hosts->value_or(std::vector<std::string>());
  for (std::size_t begin = 0; begin < hostname->size();) {
    const auto end = std::min(hostname->find(',', begin), hostname->size());
    texts.push_back(hostname->substr(begin, end - begin));
    begin = end + 1;
  }
  if (texts.empty()) return std::optional<std::vector<pki::AlternativeName>>();
  auto names = read_hosts(texts);
  if (!names) return forward(names);
  const std::string common_name = csr.subject().common_name();
  const auto same = pki::AlternativeName::guess(common_name);
  if (!common_name.empty() && (!same || std::find(names->begin(), names->end(), *same) == names->end())) {
    return fail(ErrorCode::invalid, "csr-subject",
                "the common name \"" + common_name + "\" is not one of the hosts: add it there or leave it out", "csr.subject");
  }
  return std::optional(*std::move(names));
}

Result<std::optional<Milliseconds>> lifetime_of(const JsonBody& body) {
  const auto expiry = text_of(body, "expiry");
  if (!expiry) return forward(expiry);
  if (expiry->empty()) return std::optional<Milliseconds>();
  auto lifetime = parse_duration(*expiry);
  if (!lifetime) {
    lifetime.error().field = "/expiry";
    return forward(lifetime);
  }
  return std::optional(*lifetime);
}

Result<ca::IssueRequest> issue_request(const Call& call, const JsonBody& body, const std::string& signed_bytes) {
  const auto text = text_of(body, "certificate_request"), profile = text_of(body, "profile");
  if (!text) return forward(text);
  if (!profile) return forward(profile);
  if (text->empty()) return fail(ErrorCode::invalid, "csr-missing", "missing parameter 'certificate_request'", "/certificate_request");
  const auto der = pki::pem_or_der(*text, "CERTIFICATE REQUEST");
  if (!der) return forward(der);
  auto csr = pki::Csr::parse(*der);
  if (!csr) return forward(csr);
  auto names = names_of(body, *csr);
  if (!names) return forward(names);
  const auto lifetime = lifetime_of(body);
  if (!lifetime) return forward(lifetime);
  ca::IssueRequest asked{.csr = *std::move(csr),
                         .profile = or_default(*profile),
                         .lifetime = *lifetime,
                         .instead = *names ? std::optional(ca::Instead{**std::move(names)}) : std::nullopt,
                         .method = std::string(http::name(call.request.method)),
                         .route = call.request.route,
                         .body_sha256 = hex_encode(crypto::view(crypto::sha256(signed_bytes))),
                         .cause = call.cause()};
  if (const auto key = call.request.headers.get("Idempotency-Key")) asked.idempotency_key = std::string(*key);
  return asked;
}

class Cfssl {
 public:
  Cfssl(const api::ServiceContext& context, std::shared_ptr<ca::Issuer> issuer, std::shared_ptr<KeyedIssuer> keyed,
        std::shared_ptr<access::Exchanges> keys)
      : context_(context), issuer_(std::move(issuer)), keyed_(std::move(keyed)), keys_(std::move(keys)) {}

  // A label names a token here (authsign), and there is one CA.
  async::Task<Answer> info(Call& call) {
    auto body = JsonBody::parse(call.request, {"label", "profile"});
    if (!body) co_return forward(body);
    body->drop_nulls();
    const auto named = text_of(*body, "profile");
    if (!named) co_return forward(named);
    const auto profile = ca::find_profile(issuer_->policy().profiles, or_default(*named));
    if (!profile) co_return forward(profile);
    co_return http::cfssl_answer(cfssl_info(issuer_->authority().certificate, **profile));
  }

  async::Task<Answer> health(Call&) { co_return http::cfssl_answer(R"({"healthy":true})"); }

  async::Task<Answer> certificate_info(Call& call) {
    const auto body = JsonBody::parse(call.request, {"certificate"});
    if (!body) co_return forward(body);
    const auto text = text_of(*body, "certificate");
    if (!text) co_return forward(text);
    const auto der = pki::pem_or_der(*text, "CERTIFICATE");
    if (!der) co_return forward(der);
    const auto certificate = pki::Certificate::parse(*der);
    if (!certificate) co_return forward(certificate);
    co_return http::cfssl_answer(cfssl_certificate_info(*certificate));
  }

  async::Task<Answer> sign(Call& call) {
    const auto body = sign_request(call.request);
    if (!body) co_return forward(body);
    co_return co_await issue(call, *body, call.request.body);
  }

  // An auth.AuthenticatedRequest: `request` is a SignRequest as JSON, `token` its HMAC, both base64. What it asks for is looked at once the
  // key is right; before that it is read flat, to learn whose key it claims.
  async::Task<Answer> authsign(Call& call) {
    const auto body = JsonBody::parse(call.request, {"token", "request", "timestamp", "remote_address"});
    if (!body) co_return forward(body);
    const auto token = text_of(*body, "token"), request = text_of(*body, "request");
    if (!token) co_return forward(token);
    if (!request) co_return forward(request);
    auto mac = base64_decode(*token);
    auto bytes = base64_decode(*request);
    if (!mac || !bytes || bytes->empty()) {
      co_return fail(ErrorCode::invalid, "cfssl-request-malformed",
                     "Unable to parse authenticated sign request: `request` and `token` are base64, of JSON and of its HMAC-SHA256");
    }
    http::Request inner;
    inner.body = *bytes;
    const auto asked = sign_request(inner);
    if (!asked) co_return forward(asked);
    const auto label = text_of(*asked, "label");
    if (!label) co_return forward(label);
    access::SignedRequest signed_request{TokenId(*label), *std::move(bytes), *std::move(mac), call.address};
    if (auto proved = co_await prove(call, std::move(signed_request)); !proved) co_return forward(proved);
    co_return co_await issue(call, *asked, inner.body);
  }

  async::Task<Answer> new_key(Call& call) {
    const auto request = read_key_request(call.request.body, {"profile"});
    if (!request) co_return forward(request);
    if (auto allowed = keyed_->makes_keys_for(or_default(request->text("profile").value_or(""))); !allowed) co_return forward(allowed);
    const auto made = co_await keyed_->make_key(*request);
    if (!made) co_return forward(made);
    co_return http::cfssl_answer(cfssl_new_key(*made).reveal());
  }

  async::Task<Answer> new_certificate(Call& call) {
    const auto request = read_key_request(call.request.body, {"profile", "label"}, "request");
    if (!request) co_return forward(request);
    KeyedIssuer::Issue asked{.profile = or_default(request->text("profile").value_or(""))};
    co_return co_await keyed_->issue(call, *request, std::move(asked), 200, [](const ca::Issued& issued, const MadeKey& key) {
      return Secret(http::cfssl_envelope(cfssl_new_certificate(key, issued.certificate).reveal()));
    });
  }

 private:
  // The token's holder, as the token itself would show him.
  async::Task<Result<void>> prove(Call& call, access::SignedRequest request) {
    const TokenId token = request.token;
    if (!keys_ || token.text().empty()) co_return wrong_auth_key();
    const auto proved = co_await keys_->is_by_auth_key(request);
    if (!proved) co_return forward(proved);
    if (!*proved) co_return wrong_auth_key();
    const auto limit = context_.configuration.of<runtime::SharedSettings>().write_stale_limit;
    auto holder = co_await access::holder_of_token(context_.view, context_.clock, limit, token);
    if (!holder.identity && holder.somebody && api::is_recorded(holder.identity.error(), call.request.method)) {
      auto refusal = api::refusal_of(call.request, holder.identity.error());
      co_await context_.denials.record(*holder.somebody, call.cause(), std::move(refusal));
    }
    if (!holder.identity) co_return forward(holder.identity);
    if (auto accepted = call.proved_to_be(*std::move(holder.identity)); !accepted) co_return accepted;
    co_return access::require(call.who(), askers());
  }

  static Failure wrong_auth_key() {
    return fail(ErrorCode::unauthenticated, "auth-key-wrong",
                "invalid token: the request is not signed with the auth key of the token that its `label` names. `quicklime token create "
                "NAME -o json` shows both, cfssl_auth_key and id; give cfssl the id with -label");
  }

  async::Task<Answer> issue(const Call& call, const JsonBody& body, const std::string& signed_bytes) {
    auto asked = issue_request(call, body, signed_bytes);
    if (!asked) co_return forward(asked);
    const access::Identity& who = call.who();
    ca::Requester requester{.actor = who.actor,
                            .profiles = who.profiles,
                            .names = who.names,
                            .is_administrator = who.role == access::Role::administrator,
                            .persist_by = who.persist_by};
    const auto issued = co_await issuer_->issue(*std::move(asked), std::move(requester));
    if (!issued) co_return forward(issued);
    std::string result;
    JsonObject json(result);
    json.string("certificate", pki::pem_encode("CERTIFICATE", issued->certificate));
    json.end();
    auto response = http::cfssl_answer(result);
    api::set_position(response, issued->position);
    co_return response;
  }

  const api::ServiceContext context_;
  std::shared_ptr<ca::Issuer> issuer_;
  std::shared_ptr<KeyedIssuer> keyed_;
  std::shared_ptr<access::Exchanges> keys_;
};

}  // namespace

std::vector<api::Route> cfssl_routes(const api::ServiceContext& context, std::shared_ptr<ca::Issuer> issuer,
                                     std::shared_ptr<KeyedIssuer> keyed, std::shared_ptr<access::Exchanges> keys) {
  using api::Access;
  using api::Repeated;
  using http::Method;
  auto cfssl = std::make_shared<Cfssl>(context, std::move(issuer), std::move(keyed), std::move(keys));
  const auto asker = Access::identified(askers());
  const auto route = [&cfssl](Method method, const char* path, Access access, async::Task<Answer> (Cfssl::*handler)(Call&),
                              Repeated repeated = Repeated::changes_nothing) {
    return api::Route{method, std::string("/api/v1/cfssl/") + path, std::move(access),
                      [cfssl, handler](Call& call) { return ((*cfssl).*handler)(call); }, repeated};
  };
  return {route(Method::post, "info", Access::anyone(), &Cfssl::info),
          route(Method::get, "health", Access::anyone(), &Cfssl::health),
          route(Method::post, "certinfo", Access::anyone(), &Cfssl::certificate_info),
          route(Method::post, "sign", asker, &Cfssl::sign, Repeated::by_its_key),
          route(Method::post, "authsign", Access::proof(), &Cfssl::authsign, Repeated::by_its_key),
          route(Method::post, "newkey", asker, &Cfssl::new_key, Repeated::happens_again),
          route(Method::post, "newcert", asker, &Cfssl::new_certificate, Repeated::happens_again)};
}

}  // namespace quicklime::issuance
