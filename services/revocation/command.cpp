#include "revocation/command.hpp"

#include "ca/claims.hpp"

namespace quicklime::revocation {
namespace {

constexpr std::size_t kMostCommanded = 2'000;  // more than one request can have written

Result<void> add_claim(const std::optional<std::string>& stored, std::uint64_t epoch, Commanded& commanded) {
  const auto claim = ca::decode_claim(stored);
  if (!claim) return forward(claim);
  if (!*claim) return {};
  const auto serial = SerialNumber::from_hex((*claim)->serial);
  if (!serial) return forward(serial);
  const auto status = ca::decode_status((*claim)->status);
  if (!status) return forward(status);
  const Position position{epoch, (*claim)->offset};
  if (!commanded.answers.emplace(*serial, StatusAnswer{*serial, *status, position}).second) return {};
  commanded.order.push_back(*serial);
  commanded.position = position;
  return {};
}

}  // namespace

async::Task<Result<Commanded>> find_commanded(views::View& view, const Command& command) {
  std::vector<views::PointKey> first(1, ca::claim_key(command.once));
  const auto begun = co_await view.get(std::move(first));
  if (!begun) co_return forward(begun);
  const auto claim = ca::decode_claim(begun->values.front());
  if (!claim) co_return forward(claim);
  if (!*claim) co_return Commanded{};
  if ((*claim)->body != command.body) co_return fail(ca::refusal("idempotency-conflict"));

  views::Scan scan = of_command(command.once);
  scan.limit = kMostCommanded;
  const auto entries = co_await view.scan(std::move(scan));
  if (!entries) co_return forward(entries);
  std::vector<views::PointKey> keys;
  for (const std::string& entry : entries->keys) keys.push_back(ca::claim_key(command.once + entry.substr(entry.rfind('/'))));
  const std::uint64_t epoch = entries->meta.anchor.position.epoch;
  const auto points = co_await view.get(std::move(keys));
  if (!points) co_return forward(points);
  Commanded commanded;
  if (auto added = add_claim(begun->values.front(), epoch, commanded); !added) co_return forward(added);
  for (const auto& value : points->values) {
    if (auto added = add_claim(value, epoch, commanded); !added) co_return forward(added);
  }
  co_return commanded;
}

}  // namespace quicklime::revocation
