#include "crl/authority_changes.hpp"

#include <algorithm>

#include "api/request_input.hpp"
#include "api/requests.hpp"
#include "base/logging.hpp"
#include "crl/current_crls.hpp"
#include "crl/view.hpp"
#include "pki/chain.hpp"
#include "pki/pem.hpp"
#include "runtime/shared_settings.hpp"

namespace quicklime::crl {
namespace {

using ChangeAnswer = Result<http::Response>;

constexpr std::size_t kLongestId = 40;

Failure wrong_certificate(std::string detail) {
  return fail(ErrorCode::invalid, "authority-certificate", std::move(detail), "/certificate");
}

// A slug that stands in URLs and names a file of ca/, beside those that have another meaning there.
Result<void> check_id(const std::string& id) {
  const bool slug = !id.empty() && id.size() <= kLongestId && id.front() != '-' && id.back() != '-' &&
                    std::all_of(id.begin(), id.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
  if (slug && id != "root" && id != "roots" && id != "access" && !id.starts_with("revocation")) return {};
  return fail(ErrorCode::invalid, "authority-id-malformed",
              "an authority's id has 1 to 40 of a-z, 0-9 and -, as issuing-2; root, roots, access and revocation... mean something else",
              "/authority");
}

struct NewOne {
  AuthorityId id;
  pki::Certificate certificate;
  std::optional<AuthorityId> parent, succeeds;
};

Result<NewOne> read_body(const http::Request& request) {
  const auto body = api::JsonBody::parse(request, {"authority", "certificate", "parent", "succeeds"});
  if (!body) return forward(body);
  const auto id = body->text("authority"), certificate = body->text("certificate"), parent = body->text("parent"),
             succeeds = body->text("succeeds");
  for (const auto* member : {&id, &certificate, &parent, &succeeds}) {
    if (!*member) return forward(*member);
  }
  if (auto checked = check_id(id->value_or("")); !checked) return forward(checked);
  auto parsed = pki::certificates_in(certificate->value_or(""));
  if (!parsed || parsed->size() != 1) return wrong_certificate("the certificate of the authority is needed, one, in PEM");
  NewOne made{AuthorityId(**id), std::move(parsed->front()), {}, {}};
  if (*parent) made.parent = AuthorityId(**parent);
  if (*succeeds) made.succeeds = AuthorityId(**succeeds);
  return made;
}

// Whom it names is there, and OpenSSL finds a path to it.
Result<void> check_place(const NewOne& what, const std::vector<ca::Authority>& all, Instant now) {
  if (!what.certificate.is_ca()) return wrong_certificate("it is no certificate of an authority (basicConstraints CA:TRUE)");
  if (what.certificate.subject_key_identifier().empty()) return wrong_certificate("it has no subjectKeyIdentifier");
  if (what.succeeds) {
    const auto* predecessor = find(all, *what.succeeds);
    if (predecessor == nullptr) return unknown_authority(*what.succeeds);
    if (what.parent || predecessor->parent) {
      return fail(ErrorCode::invalid, "authority-certificate",
                  "a root succeeds a root; below one root every authority goes on with what the others have issued", "/succeeds");
    }
  }
  std::vector<pki::Certificate> roots, intermediates;
  if (what.parent) {
    const auto* parent = find(all, *what.parent);
    if (parent == nullptr) return unknown_authority(*what.parent);
    if (parent->retired) {
      return fail(ErrorCode::conflict, "authority-retired", parent->id.text() + " is retired: nothing new stands below it", "/parent");
    }
    if (parent->certificate.subject() != what.certificate.issuer())
      return wrong_certificate("it was issued by " + what.certificate.issuer().text() + ", and not by " + parent->id.text());
    for (const auto& one : all) (one.parent ? intermediates : roots).push_back(one.certificate);
  } else {
    roots.push_back(what.certificate);
  }
  if (auto holds = pki::verify_chain(what.certificate, intermediates, roots, now); !holds)
    return wrong_certificate("its path does not hold: " + holds.error().detail);
  return {};
}

}  // namespace

async::Task<Result<AuthorityChanges::Known>> AuthorityChanges::read() {
  std::vector<views::PointKey> keys{ca::authorities_key()};
  const auto points = co_await context_.view.get(std::move(keys));
  if (!points) co_return forward(points);
  if (auto fresh = views::require_fresh(points->meta, context_.configuration.of<runtime::SharedSettings>().write_stale_limit); !fresh)
    co_return forward(fresh);
  auto all = ca::decode_authorities(points->values.front());
  if (!all) co_return forward(all);
  co_return Known{*std::move(all), points->meta.anchor.position};
}

async::Task<Result<Position>> AuthorityChanges::write(api::Call& call, std::string subject, events::Data data) {
  eventlog::Draft draft{.actor = call.who().actor, .cause = call.cause(), .subject = std::move(subject), .data = std::move(data)};
  const auto appended = co_await context_.writer.append(std::move(draft));
  if (!appended) co_return forward(appended);
  if (auto reached = co_await context_.view.reached(appended->position, kReached); !reached) co_return forward(reached);
  co_return appended->position;
}

async::Task<ChangeAnswer> AuthorityChanges::list(api::Call& call) {
  if (auto none = api::only_parameters(call.request, {}); !none) co_return forward(none);
  const auto known = co_await read();
  if (!known) co_return forward(known);
  co_return http::Response::json(200, listed_json(known->all, *keys_, known->position));
}

async::Task<ChangeAnswer> AuthorityChanges::add(api::Call& call) {
  const auto asked = read_body(call.request);
  if (!asked) co_return forward(asked);
  const auto known = co_await read();
  if (!known) co_return forward(known);
  for (const auto& one : known->all) {
    if (one.id == asked->id && one.certificate.der() == asked->certificate.der() && one.parent == asked->parent)
      co_return http::Response::json(200, changed_json(one.id, true, known->position));
    if (one.id == asked->id || one.certificate.spki() == asked->certificate.spki()) {
      co_return fail(ErrorCode::conflict, "authority-exists",
                     one.id == asked->id ? "there is an authority " + one.id.text() + " already: an id is for ever one key"
                                         : "its key is that of " + one.id.text() + ": an authority is one key, and has one id",
                     "/authority");
    }
  }
  if (auto placed = check_place(*asked, known->all, context_.clock.now()); !placed) co_return forward(placed);
  events::AuthorityAdded added{asked->id, asked->parent, asked->certificate.der(), asked->succeeds};
  const auto written = co_await write(call, asked->id.text(), std::move(added));
  if (!written) co_return forward(written);
  log::info("authority added", {{"authority", asked->id.text()}, {"subject", asked->certificate.subject().text()}});
  co_return http::Response::json(200, changed_json(asked->id, false, *written));
}

async::Task<ChangeAnswer> AuthorityChanges::retire(api::Call& call) {
  const AuthorityId id(call.request.parameters.at("authority"));
  const auto known = co_await read();
  if (!known) co_return forward(known);
  const auto* authority = find(known->all, id);
  if (authority == nullptr) co_return unknown_authority(id);
  if (authority->retired) co_return http::Response::json(200, changed_json(id, true, known->position));
  const auto needed = [&](const std::string& why) { return fail(ErrorCode::conflict, "authority-needed", why, "authority"); };
  bool another = !ca::is_issuing(*authority);
  for (const auto& one : known->all) {
    if (one.parent == id && !one.retired) co_return needed(one.id.text() + " below " + id.text() + " is not retired; begin there");
    another = another || (one.id != id && ca::may_issue(one, known->all, context_.clock.now()));
  }
  if (!another) co_return needed(id.text() + " is the last one that issues; add the one that is to follow it first (quicklime ca add)");
  events::AuthorityRetired retired{id};
  const auto written = co_await write(call, id.text(), std::move(retired));
  if (!written) co_return forward(written);
  log::info("authority retired", {{"authority", id.text()}});
  co_return http::Response::json(200, changed_json(id, false, *written));
}

}  // namespace quicklime::crl
