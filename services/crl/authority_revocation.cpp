#include "crl/authority_revocation.hpp"

#include "api/request_input.hpp"
#include "api/requests.hpp"
#include "base/encoding.hpp"
#include "base/logging.hpp"
#include "ca/crl_publication.hpp"
#include "crl/view.hpp"
#include "crypto/hash.hpp"
#include "runtime/shared_settings.hpp"

namespace quicklime::crl {
namespace {

using Answer = Result<http::Response>;

Result<pki::RevocationReason> named_reason(const http::Request& request) {
  const auto body = api::JsonBody::parse(request, {"reason"});
  if (!body) return forward(body);
  const auto text = body->text("reason");
  if (!text) return forward(text);
  const auto reason = pki::parse_revocation_reason(text->value_or("unspecified"));
  if (!reason) return forward(reason);
  if (*reason == pki::RevocationReason::unspecified || *reason == pki::RevocationReason::certificate_hold) {
    return fail(ErrorCode::invalid, "authority-reason",
                "an authority is revoked for good, and for a reason that is named: cACompromise, superseded, cessationOfOperation",
                "/reason");
  }
  return reason;
}

}  // namespace

async::Task<Result<AuthorityRevocation::Found>> AuthorityRevocation::find(AuthorityId id) {
  std::vector<views::PointKey> keys{ca::authorities_key()};
  const auto all = co_await context_.view.get(std::move(keys));
  if (!all) co_return forward(all);
  const auto authorities = ca::decode_authorities(all->values.front());
  if (!authorities) co_return forward(authorities);
  for (const auto& authority : *authorities) {
    if (authority.id != id) continue;
    if (!authority.parent) {
      co_return fail(ErrorCode::conflict, "authority-is-root",
                     id.text() + " is a root: nobody above it can revoke it; take it out of what clients trust", "authority");
    }
    std::vector<views::PointKey> state_keys{{kCertificateSpace, certificate_key(*authority.parent, authority.certificate.serial())},
                                            {kPublicationSpace, authority.parent->text()}};
    const auto state = co_await context_.view.get(std::move(state_keys));
    if (!state) co_return forward(state);
    if (auto fresh = views::require_fresh(state->meta, context_.configuration.of<runtime::SharedSettings>().write_stale_limit); !fresh)
      co_return forward(fresh);
    if (!state->values.front()) {
      co_return fail(ErrorCode::conflict, "authority-ended", id.text() + " has ended, and stands in no CRL any more", "authority");
    }
    const auto certificate = decode_certificate(*state->values.front());
    if (!certificate) co_return forward(certificate);
    bool published = false;
    if (state->values.back()) {
      const auto crl = decode_publication(*state->values.back());
      if (!crl) co_return forward(crl);
      published = crl->number >= certificate->since;
    }
    co_return Found{authority, certificate->status, published, state->meta.anchor.position};
  }
  co_return fail(ErrorCode::not_found, "authority-unknown", "there is no authority \"" + id.text() + "\"; `quicklime ca list` shows them",
                 "authority");
}

async::Task<Answer> AuthorityRevocation::revoke(api::Call& call) {
  const http::Request& request = call.request;
  const access::Identity& who = call.who();
  const auto reason = named_reason(request);
  if (!reason) co_return forward(reason);
  const AuthorityId id(request.parameters.at("authority"));
  const auto found = co_await find(id);
  if (!found) co_return forward(found);

  const auto& certificate = found->authority.certificate;
  eventlog::Draft draft{.actor = who.actor,
                        .cause = call.cause(),
                        .subject = certificate.serial().hex(),
                        .data = events::CertificateRevoked{certificate.serial(), *found->authority.parent, std::string(pki::name(*reason)),
                                                           hex_encode(crypto::view(crypto::sha256(certificate.spki()))), std::nullopt}};
  // What the views will make of the event is asked of the function that they will ask.
  if (!ca::next_status(found->status, draft.data, context_.clock.now(), true)) {
    co_return http::Response::json(200, json_of({found->authority, found->status, true, found->published, found->position}));
  }
  const auto appended = co_await context_.writer.append(std::move(draft));
  if (!appended) co_return forward(appended);
  if (auto reached = co_await context_.view.reached(appended->position, kReached); !reached) co_return forward(reached);
  const auto now = co_await find(id);
  if (!now) co_return forward(now);
  log::warning("authority revoked", {{"authority", id.text()}, {"reason", std::string(pki::name(now->status.reason))}});
  co_return http::Response::json(200, json_of({now->authority, now->status, false, now->published, appended->position}));
}

}  // namespace quicklime::crl
