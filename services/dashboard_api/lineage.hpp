#pragma once
// All certificates of a service over time: a lane for each node, and when none or several of a lane were good.

#include <optional>
#include <string>
#include <vector>

#include "dashboard_api/list.hpp"

namespace quicklime::dashboard_api {

struct Span {
  Instant from, until;
  bool operator==(const Span&) const = default;
};

struct Lane {
  enum class State : std::uint8_t { covered, overdue, ended } state;
  std::string node;                       // "": those without one
  std::vector<Certificate> certificates;  // newest first
  std::vector<Span> gaps{}, overlaps{};   // oldest first
};
// covered: one is good; overdue: and the good one that ends last is past two thirds of its life without a successor; ended: none is.
// A certificate is good from its notBefore until it ends or is revoked; a gap is between two of them, or behind the last until now.
std::vector<Lane> lanes_of(const std::vector<Certificate>& certificates, Instant now);

// ---- bodies, in lineage_json.cpp
std::string lineage_json(const std::string& service, const std::vector<Lane>& lanes, const Page& page, Instant now);

}  // namespace quicklime::dashboard_api
