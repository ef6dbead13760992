#include "crl/signed_elsewhere.hpp"

#include <algorithm>

#include "access/identity.hpp"
#include "api/request_input.hpp"
#include "api/requests.hpp"
#include "base/logging.hpp"
#include "ca/crl_publication.hpp"
#include "pki/pem.hpp"
#include "runtime/shared_settings.hpp"

namespace quicklime::crl {
namespace {

using http::Request;
using http::Response;
using Answer = Result<Response>;

// Signs what this very signature was made over, and nothing else.
class BroughtSignature final : public crypto::Signer {
 public:
  BroughtSignature(crypto::PublicKey key, std::string signature) : key_(std::move(key)), signature_(std::move(signature)) {}
  crypto::SignatureAlgorithm algorithm() const override { return crypto::row(key_.kind()).signature; }
  const crypto::PublicKey& public_key() const override { return key_; }
  Result<std::string> sign(std::string_view message) const override {
    if (key_.verifies(algorithm(), message, signature_)) return signature_;
    return fail(ErrorCode::invalid, "crl-differs",
                "the authority has signed this CRL, but not as this log asks for it: other entries, or another form; ask for what is to be "
                "signed again (quicklime ca sign-crl --request)",
                "crl");
  }
  bool slow() const override { return false; }

 private:
  crypto::PublicKey key_;
  std::string signature_;
};

std::optional<Position> number_of(const pki::Crl& crl) {
  if (crl.number().size() > 16) return std::nullopt;
  Position number;
  for (const char octet : crl.number()) {
    number.epoch = (number.epoch << 8U) | (number.offset >> 56U);
    number.offset = (number.offset << 8U) | static_cast<unsigned char>(octet);
  }
  return number;
}

Result<pki::Crl> crl_in(const Request& request) {
  const auto der = pki::pem_or_der(request.body, "X509 CRL");
  if (!der) return fail(ErrorCode::invalid, "crl-malformed", "the body is no CRL, in PEM or DER: " + der.error().detail, "crl");
  return pki::Crl::parse(*der);
}

Result<ca::Authority> issuer_of(const pki::Crl& crl, const std::vector<ca::Authority>& all) {
  for (const auto& authority : all) {
    if (authority.certificate.subject() == crl.issuer()) return authority;
  }
  return fail(ErrorCode::not_found, "authority-unknown", "the CRL is of \"" + crl.issuer().text() + "\", which is no authority of this log",
              "crl");
}

// As far as its entries depend on it. When it is signed is not known here: no entry is dated after its thisUpdate.
Publication to_render(Position number, Instant this_update) {
  return {.number = number,
          .this_update = this_update,
          .next_update = this_update,
          .entries_sha256 = {},
          .before = {},
          .after = {},
          .signed_at = this_update};
}

// From when the one that is published is, unless a clock that was ahead has dated it.
Instant no_earlier_than(const std::optional<Publication>& current, Instant now, Instant otherwise) {
  return current && current->this_update <= now ? std::max(current->this_update, otherwise) : otherwise;
}

// Clients would not take it, or not for long, or take the one before for the newer one.
Result<void> check_publication_dates(const pki::Crl& crl, const ca::Authority& authority, const std::optional<Publication>& current,
                                     Instant now) {
  if (auto dated = ca::check_crl_dates(authority.certificate, crl.this_update(), crl.next_update(), now); !dated) return forward(dated);
  if (crl.this_update() >= no_earlier_than(current, now, crl.this_update())) return {};
  return fail(ErrorCode::invalid, "crl-dated-wrongly",
              "its thisUpdate, " + crl.this_update().rfc3339_seconds() + ", is before that of the CRL that is published, " +
                  current->this_update.rfc3339_seconds() + "; ask for what is to be signed again",
              "crl");
}

// A lifetime that was asked for is given or refused, never trimmed; without one it ends with its authority at the latest.
Result<Instant> end_of(const ca::Authority& authority, const std::optional<Milliseconds>& lifetime, Instant now) {
  const Instant end = authority.certificate.not_after();
  if (!lifetime) return std::min((now + ca::kOfflineCrlLifetime).whole_seconds(), end);
  const auto wrongly = [&](const std::string& what) {
    return fail(ErrorCode::invalid, "crl-dated-wrongly",
                "a CRL for " + duration_text(*lifetime) + " " + what + "; " + authority.id.text() + " itself ends on " +
                    end.rfc3339_seconds() + ", and without a lifetime (--days) its CRL is for " + duration_text(ca::kOfflineCrlLifetime) +
                    " or until then",
                "lifetime");
  };
  if (*lifetime < ca::kShortestOfflineCrl + ca::kTimeToSign)
    return wrongly("could end before the next one is signed: at least " + duration_text(ca::kShortestOfflineCrl + ca::kTimeToSign));
  if (*lifetime > ca::kLongestOfflineCrl) return wrongly("is good for too long: at most two years");
  if (now + *lifetime > end) return wrongly("would outlive its authority");
  return (now + *lifetime).whole_seconds();
}

// Already. false: it may be published.
Result<bool> is_published(const pki::Crl& crl, Position number, const std::optional<Publication>& current, const AuthorityId& authority) {
  if (!current || number > current->number) return false;
  const bool same = number == current->number && crl.der().starts_with(current->before) && crl.der().ends_with(current->after);
  if (same) return true;
  return fail(ErrorCode::conflict, "crl-overtaken",
              "CRL " + ca::crl_number_text(current->number) + " of " + authority.text() + " was published since, and this one is " +
                  ca::crl_number_text(number) + "; ask for what is to be signed again",
              "crl");
}

bool is_complete(const std::optional<Position>& last_change, Position number) { return !last_change || *last_change <= number; }

}  // namespace

Result<ca::Authority> SignedElsewhere::without_key(const std::vector<ca::Authority>& all, const std::string& named) const {
  std::vector<const ca::Authority*> found;
  for (const auto& authority : all) {
    const bool meant = named.empty() ? !publisher_.signs(authority.id) && !authority.retired : authority.id.text() == named;
    if (meant) found.push_back(&authority);
  }
  if (found.size() > 1) {
    std::string names;
    for (const auto* authority : found) names += (names.empty() ? "" : ", ") + authority->id.text();
    return fail(ErrorCode::invalid, "authority-ambiguous", "whose CRL? The keys of these are not here: " + names + "; name one",
                "authority");
  }
  if (found.empty() && !named.empty()) {
    return fail(ErrorCode::not_found, "authority-unknown", "there is no authority \"" + named + "\"; `quicklime ca list` shows them",
                "authority");
  }
  if (found.empty() || publisher_.signs(found.front()->id)) {
    return fail(ErrorCode::conflict, "crl-signed-here",
                (named.empty() ? std::string("every CRL") : "the CRL of " + named) + " is signed here by itself, in time", "authority");
  }
  return *found.front();
}

async::Task<Result<SignedElsewhere::Scope>> SignedElsewhere::read(Choose choose) {
  std::vector<views::PointKey> keys{ca::authorities_key()};
  const auto all = co_await context_.view.get(std::move(keys));
  if (!all) co_return forward(all);
  const auto authorities = ca::decode_authorities(all->values.front());
  if (!authorities) co_return forward(authorities);
  auto authority = choose(*authorities);
  if (!authority) co_return forward(authority);

  std::vector<views::PointKey> state_keys{{kPublicationSpace, authority->id.text()}, {kChangeSpace, authority->id.text()}};
  const auto state = co_await context_.view.get(std::move(state_keys));
  if (!state) co_return forward(state);
  // What an old view knows was perhaps published long ago, or lacks a revocation.
  if (auto fresh = views::require_fresh(state->meta, context_.configuration.of<runtime::SharedSettings>().write_stale_limit); !fresh)
    co_return forward(fresh);
  Scope scope{std::move(*authority), std::nullopt, std::nullopt, state->meta.anchor.position};
  if (state->values[0]) {
    auto current = decode_publication(*state->values[0]);
    if (!current) co_return forward(current);
    scope.current = std::move(*current);
  }
  if (state->values[1]) {
    const auto change = Position::parse(*state->values[1]);
    if (!change) co_return forward(change);
    scope.last_change = *change;
  }
  co_return scope;
}

async::Task<Answer> SignedElsewhere::request(api::Call& call) {
  const Request& request = call.request;
  if (auto known = api::only_parameters(request, {"authority", "lifetime"}); !known) co_return forward(known);
  std::optional<Milliseconds> lifetime;
  if (const auto asked = request.query.find("lifetime"); asked != request.query.end()) {
    const auto parsed = parse_duration(asked->second);
    if (!parsed) co_return forward(parsed);
    lifetime = *parsed;
  }
  const auto authority = request.query.find("authority");
  const std::string named = authority == request.query.end() ? "" : authority->second;
  Choose choose = [this, named](const auto& all) { return without_key(all, named); };
  const auto scope = co_await read(std::move(choose));
  if (!scope) co_return forward(scope);

  const auto& certificate = scope->authority.certificate;
  const Instant now = context_.clock.now();
  if (now >= certificate.not_after()) {
    co_return fail(ErrorCode::conflict, "authority-ended",
                   scope->authority.id.text() + " itself ended on " + certificate.not_after().rfc3339_seconds() + ", and its CRL with it");
  }
  const auto next_update = end_of(scope->authority, lifetime, now);
  if (!next_update) co_return forward(next_update);
  const Instant backdated =
      std::max((now - context_.configuration.of<runtime::SharedSettings>().backdate).whole_seconds(), certificate.not_before());
  const Instant this_update = no_earlier_than(scope->current, now, backdated);
  const auto entries = co_await render_entries(context_.view, scope->authority.id, to_render(scope->position, this_update));
  if (!entries) co_return forward(entries);
  auto revoked = pki::read_crl_entries(*entries);
  if (!revoked) co_return forward(revoked);
  co_return Response::json(200, encode(ca::CrlSigningRequest{scope->authority.id, certificate, scope->position, this_update, *next_update,
                                                             std::move(*revoked)}));
}

async::Task<Answer> SignedElsewhere::publish(api::Call& call) {
  const Request& request = call.request;
  const auto crl = crl_in(request);
  if (!crl) co_return forward(crl);
  Choose choose = [&](const auto& all) { return issuer_of(*crl, all); };
  const auto scope = co_await read(choose);
  if (!scope) co_return forward(scope);
  const auto& id = scope->authority.id;
  const auto key = scope->authority.certificate.public_key();
  if (!key) co_return forward(key);
  if (!crl->signed_by(*key)) {
    co_return fail(ErrorCode::invalid, "crl-signature-wrong", "the CRL bears the name of " + id.text() + " and not its signature", "crl");
  }
  const auto number = number_of(*crl);
  if (!number || *number > scope->position) {
    co_return fail(ErrorCode::invalid, "crl-differs", "its CRL number is none of this log, which has come to " + scope->position.text(),
                   "crl");
  }
  const auto published = is_published(*crl, *number, scope->current, id);
  if (!published) co_return forward(published);
  const bool complete = is_complete(scope->last_change, *number);
  if (*published) {
    co_return Response::json(200, published_json(id, *scope->current, crl->entries().size(), complete, scope->position));
  }
  if (auto dated = check_publication_dates(*crl, scope->authority, scope->current, context_.clock.now()); !dated) co_return forward(dated);

  const auto entries = co_await render_entries(context_.view, id, to_render(*number, crl->this_update()));
  if (!entries) co_return forward(entries);
  const auto event = ca::make_publication(scope->authority, BroughtSignature(*key, crl->signature()),
                                          scope->current ? ca::crl_number_text(scope->current->number) : "", *number, *entries,
                                          {crl->this_update(), crl->next_update(), crl->this_update()});
  if (!event) co_return forward(event);

  eventlog::Draft draft{.actor = call.who().actor, .cause = call.cause(), .subject = id.text(), .data = *event};
  const auto appended = co_await context_.writer.append(std::move(draft));
  if (!appended) co_return forward(appended);
  if (auto reached = co_await context_.view.reached(appended->position, kReached); !reached) co_return forward(reached);
  // Another one may have been first.
  Choose again = [&](const auto& all) { return issuer_of(*crl, all); };
  const auto now = co_await read(again);
  if (!now) co_return forward(now);
  const auto stands = is_published(*crl, *number, now->current, id);
  if (!stands) co_return forward(stands);
  log::info("CRL published that was signed elsewhere",
            {{"scope", id.text()}, {"number", ca::crl_number_text(*number)}, {"next_update", crl->next_update().rfc3339_seconds()}});
  co_return Response::json(
      200, published_json(id, *now->current, crl->entries().size(), is_complete(now->last_change, *number), appended->position));
}

}  // namespace quicklime::crl
