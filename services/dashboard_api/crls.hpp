#pragma once
// The newest CRL of each scope, as the log has it.

#include <optional>
#include <string>

#include "base/id.hpp"
#include "base/instant.hpp"
#include "base/position.hpp"
#include "views/projection.hpp"

namespace quicklime::dashboard_api {

struct NewestCrl {
  std::string number;
  Instant this_update, next_update;
  Instant published_at;
  Position published;  // of its event
};

inline constexpr const char* kCrl = "crl";  // scope -> its newest
views::PointKey crl_key(std::string_view scope);
std::optional<NewestCrl> read_crl(const std::optional<std::string>& value);

// Of crl.published: the first behind the one before stands (architecture section 7).
void fold_crl(const views::Record& record, views::Fold& fold);
std::vector<views::PointKey> crl_reads(const events::Event& event);

}  // namespace quicklime::dashboard_api
