#include "renewal/view.hpp"

#include "ca/read_event.hpp"
#include "views/absence.hpp"

namespace quicklime::renewal {
namespace {
constexpr Milliseconds kCatchUp{2'000};
}  // namespace

async::Task<Result<Record>> find(const api::ServiceContext& context, SerialNumber serial) {
  const auto points = co_await views::get_or_absent(context.view, ca::certificate_key(serial), kCatchUp);
  if (!points) co_return forward(points);
  const auto& value = points->values.front();
  if (!value) {
    co_return fail(ErrorCode::not_found, "certificate-unknown", "no certificate with the serial " + serial.hex() + " was ever issued here",
                   "serial");
  }
  auto record = ca::decode_certificate_record(*value);
  if (!record) co_return forward(record);
  co_return Record{points->meta, *std::move(record)};
}

async::Task<Result<Predecessor>> read_predecessor(const api::ServiceContext& context, ca::CertificateRecord record) {
  const auto read = co_await ca::read_event(context.log, context.pools.log, record.offset);
  if (!read) co_return forward(read);
  const auto& [position, event] = *read;
  const auto* issued = std::get_if<events::CertificateIssued>(&event.data);
  if (!issued || issued->key_sha256 != record.key_sha256) {
    co_return fail(ErrorCode::internal, "log-contradiction",
                   "the log holds another event at " + position.text() + " than the view remembers");
  }
  auto certificate = pki::Certificate::parse(issued->certificate);
  if (!certificate) co_return forward(certificate);
  co_return Predecessor{std::move(record), *issued, event.time, *std::move(certificate)};
}

async::Task<Result<void>> require_trusted_key(const api::ServiceContext& context, const Predecessor& old) {
  std::vector<views::PointKey> key(1, ca::blocked_key_key(old.issued.key_sha256));
  const auto points = co_await context.view.get(std::move(key));
  if (!points) co_return forward(points);
  if (!points->values.front()) co_return Result<void>();
  co_return fail(ca::refusal("predecessor-key-blocked"));
}

}  // namespace quicklime::renewal
