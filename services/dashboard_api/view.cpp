#include "dashboard_api/view.hpp"

#include <charconv>

#include "ca/expiry.hpp"

namespace quicklime::dashboard_api {
namespace {

constexpr std::string_view kDns = "DNS:";

// "a.b.c" -> "c.b.a"
std::string reversed_labels(std::string_view domain) {
  std::string reversed;
  reversed.reserve(domain.size());
  while (true) {
    const auto dot = domain.rfind('.');
    reversed += domain.substr(dot == std::string_view::npos ? 0 : dot + 1);
    if (dot == std::string_view::npos) return reversed;
    reversed += '.';
    domain = domain.substr(0, dot);
  }
}

}  // namespace

std::vector<views::Space> certificate_spaces() {
  using Kind = views::SpaceKind;
  return {{kCertificate, Kind::points}, {kDer, Kind::points},       {kByOffset, Kind::index},
          {kByExpiry, Kind::index},     {kByName, Kind::index},     {kByService, Kind::index},
          {kByStatus, Kind::index},     {kForgotten, Kind::points}, ca::expiry_space()};
}

views::PointKey certificate_key(const SerialNumber& serial) { return {kCertificate, serial.hex()}; }
views::PointKey forgotten_key() { return {kForgotten, "before"}; }

std::optional<Instant> forgotten_before(const std::optional<std::string>& value) {
  std::int64_t seconds = 0;
  if (!value || std::from_chars(value->data(), value->data() + value->size(), seconds).ec != std::errc()) return std::nullopt;
  return Instant::from_seconds(seconds);
}

views::PointKey der_key(const SerialNumber& serial) { return {kDer, serial.hex()}; }

std::string name_group(std::string_view name) {
  if (!name.starts_with(kDns)) return std::string(name);
  return "dns " + reversed_labels(name.substr(kDns.size()));
}

std::string suffix_group(std::string_view domain) { return "dns " + reversed_labels(domain.substr(1)) + "."; }

std::uint64_t expiry_number(Instant not_after) { return static_cast<std::uint64_t>(std::max<std::int64_t>(0, not_after.milliseconds())); }

std::string_view status_group(ca::Status::Kind kind) {
  switch (kind) {
    case ca::Status::Kind::good: return "good";
    case ca::Status::Kind::held: return "held";
    case ca::Status::Kind::revoked: return "revoked";
  }
  return {};
}

}  // namespace quicklime::dashboard_api
