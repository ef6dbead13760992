#include "dashboard_api/view.hpp"

#include <charconv>

#include "ca/expiry.hpp"
#include "ca/subject.hpp"

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

std::string_view name(Change::What what) {
  switch (what) {
    case Change::What::held: return "held";
    case Change::What::released: return "released";
    case Change::What::revoked: return "revoked";
    case Change::What::renewed: return "renewed";
  }
  return {};
}

Instant renewal_due(const Certificate& certificate) {
  const std::int64_t life = certificate.not_after.milliseconds() - certificate.not_before.milliseconds();
  return Instant::from_milliseconds(certificate.not_before.milliseconds() + life / 3 * 2);
}

bool needs_successor(const Certificate& certificate) {
  return certificate.status.kind == ca::Status::Kind::good && !certificate.replaced_by;
}

std::vector<views::Space> certificate_spaces() {
  using Kind = views::SpaceKind;
  return {{kCertificate, Kind::points}, {kDer, Kind::points},  {kBySha256, Kind::points}, {kByValue, Kind::index},
          {kByExpiry, Kind::index},     {kByDue, Kind::index}, {kByName, Kind::index},    {kByText, Kind::index},
          {kForgotten, Kind::points},   ca::expiry_space()};
}

views::PointKey certificate_key(const SerialNumber& serial) { return {kCertificate, serial.hex()}; }
views::PointKey forgotten_key() { return {kForgotten, "before"}; }

std::optional<Instant> forgotten_before(const std::optional<std::string>& value) {
  std::int64_t seconds = 0;
  if (!value || std::from_chars(value->data(), value->data() + value->size(), seconds).ec != std::errc()) return std::nullopt;
  return Instant::from_seconds(seconds);
}

views::PointKey der_key(const SerialNumber& serial) { return {kDer, serial.hex()}; }
views::PointKey sha256_key(std::string_view hex) { return {kBySha256, std::string(hex)}; }

std::string_view name(Field field) {
  switch (field) {
    case Field::status: return "status";
    case Field::profile: return "profile";
    case Field::authority: return "authority";
    case Field::service: return "service";
    case Field::node: return "node";
    case Field::requester: return "requester";
    case Field::key: return "key";
  }
  return {};
}

std::optional<Field> parse_field(std::string_view text) {
  for (const Field field : kFields) {
    if (name(field) == text) return field;
  }
  return std::nullopt;
}

std::optional<std::string> value_of(const Certificate& certificate, Field field) {
  switch (field) {
    case Field::status: return std::string(status_group(certificate.status.kind));
    case Field::profile: return certificate.profile;
    case Field::authority: return certificate.authority.text();
    case Field::service: return certificate.service;
    case Field::node: return certificate.node;
    case Field::requester: return ca::requester_text(certificate.requester);
    case Field::key: return certificate.key;
  }
  return std::nullopt;
}

std::string value_group(Field field, std::string_view value) { return std::string(name(field)).append(1, ' ').append(value); }

std::string name_group(std::string_view name) {
  if (!name.starts_with(kDns)) return std::string(name);
  return "dns " + reversed_labels(name.substr(kDns.size()));
}

std::string suffix_group(std::string_view domain) { return "dns " + reversed_labels(domain.substr(1)) + "."; }

std::string text_group(std::string_view name) {
  const auto colon = name.find(':');
  return lower_case(colon == std::string_view::npos ? name : name.substr(colon + 1));
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::uint64_t moment_number(Instant moment) { return static_cast<std::uint64_t>(std::max<std::int64_t>(0, moment.milliseconds())); }

std::string_view status_group(ca::Status::Kind kind) {
  switch (kind) {
    case ca::Status::Kind::good: return "good";
    case ca::Status::Kind::held: return "held";
    case ca::Status::Kind::revoked: return "revoked";
  }
  return {};
}

}  // namespace quicklime::dashboard_api
