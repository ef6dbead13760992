#pragma once
// Bodies of the dashboard's API. Every answer says how far its view had come, and how old that is.

#include <optional>
#include <string>
#include <vector>

#include "ca/authority.hpp"
#include "dashboard_api/list.hpp"
#include "dashboard_api/view.hpp"
#include "views/view_store.hpp"

namespace quicklime::dashboard_api {

std::string page_json(const Page& page, const std::optional<Moment>& as_of, Instant now);

// As the pages show it, on a line of its own.
std::string certificate_line(const Certificate& certificate, Instant now);

struct Detail {
  Certificate certificate;
  std::string der;
  std::vector<pki::Certificate> chain;  // issuer first, root left out
  std::optional<Moment> as_of{};
};
std::string detail_json(const Detail& detail, const views::Meta& meta, Instant now);

struct AuthorityCounts {
  std::uint64_t certificates, live;
};
// counts: of each.
std::string authorities_json(const std::vector<ca::Authority>& authorities, const std::vector<AuthorityCounts>& counts,
                             const views::Meta& meta);

std::optional<double> age_seconds(const views::Meta& meta);  // how far behind the log the view may be; nullopt: it never was at its end

std::string version_json(const std::string& version);

}  // namespace quicklime::dashboard_api
