#pragma once
// What tells whether relying parties are served well.

#include <optional>
#include <string>
#include <vector>

#include "dashboard_api/crls.hpp"
#include "views/view_store.hpp"

namespace quicklime::dashboard_api {

// due: past two thirds of its life. none: never published.
enum class CrlState : std::uint8_t { current, due, ended, none };
CrlState state_of(const NewestCrl& crl, Instant now);

struct Health {
  struct Crl {
    AuthorityId authority;
    std::optional<NewestCrl> newest;
    CrlState state;
  };
  Position end;  // where the next event will stand
  std::vector<Crl> crls{};
  views::Meta meta;
};
std::string health_json(const Health& health);  // health_json.cpp

}  // namespace quicklime::dashboard_api
