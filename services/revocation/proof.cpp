#include "revocation/proof.hpp"

#include "ca/decisions.hpp"
#include "ca/key_proof.hpp"
#include "ca/read_event.hpp"
#include "pki/certificate.hpp"
#include "views/absence.hpp"

namespace quicklime::revocation {
namespace {

constexpr Milliseconds kUntilAbsent{2'000};

Failure not_covered(const std::string& detail) {
  return fail(ErrorCode::denied, "revocation-not-covered", detail + "; an administrator can revoke the others");
}

Result<void> not_a_hold(const Order& order) {
  if (order.act == Order::Act::revoke) return {};
  return fail(ErrorCode::denied, "hold-by-secret",
              "a revocation secret, a key and who asked for a certificate revoke for good; a hold needs an administrator", "/reason");
}

async::Task<Result<Record>> find_known(const api::ServiceContext& context, SerialNumber serial) {
  const auto points = co_await views::get_or_absent(context.view, certificate_key(serial), kUntilAbsent);
  if (!points) co_return forward(points);
  const auto& value = points->values.front();
  if (!value) {
    co_return fail(ErrorCode::not_found, "certificate-unknown", "no certificate with the serial " + serial.hex() + " was ever issued here",
                   "serial");
  }
  co_return decode_record(*value);
}

}  // namespace

async::Task<Result<void>> check_signature(const api::ServiceContext& context, SerialNumber serial, Order order,
                                          std::string signature_base64) {
  const auto record = co_await find_known(context, serial);
  if (!record) co_return forward(record);
  const auto read = co_await ca::read_event(context.log, context.pools.log, record->offset);
  if (!read) co_return forward(read);
  const auto* issued = std::get_if<events::CertificateIssued>(&read->second.data);
  if (!issued || issued->serial != serial) {
    co_return fail(ErrorCode::internal, "log-contradiction",
                   "the log holds another event at " + read->first.text() + " than the view remembers");
  }
  const auto certificate = pki::Certificate::parse(issued->certificate);
  if (!certificate) co_return forward(certificate);
  const auto is_signed = ca::is_signed_by(*certificate, ca::revocation_proof_text(serial, order.reason), signature_base64, "/signature");
  if (!is_signed) co_return forward(is_signed);
  if (!*is_signed) {
    co_return fail(ErrorCode::unauthenticated, "revocation-proof-wrong",
                   "the signature is not one by the key of " + serial.hex() + " over quicklime-revoke-v1, the serial and the reason (" +
                       std::string(pki::name(order.reason)) + "), each with a newline",
                   "/signature");
  }

  if (order.reason == pki::RevocationReason::key_compromise) co_return Result<void>();
  std::vector<views::PointKey> key(1, ca::blocked_key_key(record->key_sha256));
  const auto points = co_await context.view.get(std::move(key));
  if (!points) co_return forward(points);
  if (!points->values.front()) co_return Result<void>();
  Error error = ca::refusal("key-blocked");
  error.detail = "the key of " + serial.hex() + " was reported as compromised: it can still revoke for keyCompromise, and nothing else";
  error.field = "/reason";
  co_return fail(std::move(error));
}

Result<void> secret_covers(const Order& order, const Scope& scope) {
  if (auto revokes = not_a_hold(order); !revokes) return revokes;
  if (!scope.empty()) return not_covered("a revocation secret is for its one certificate");
  return {};
}

Result<void> key_covers(const Order& order, const Scope& scope) {
  if (auto revokes = not_a_hold(order); !revokes) return revokes;
  if (scope.with_successors) return not_covered("a key is for the certificates that have it, and their successors have others");
  if (scope.same_key && order.reason != pki::RevocationReason::key_compromise) {
    return not_covered("a key revokes all certificates that have it for keyCompromise alone");
  }
  return {};
}

Result<void> requester_covers(const Order& order, const Scope& scope) {
  if (auto revokes = not_a_hold(order); !revokes) return revokes;
  if (!scope.empty())
    return not_covered("you revoke the certificates that you asked for and name, and others with their key may be others'");
  return {};
}

}  // namespace quicklime::revocation
