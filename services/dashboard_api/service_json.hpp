#pragma once
// Bodies of the dashboard's API. Every answer says how far its view had come, and how old that is.

#include <string>
#include <vector>

#include "ca/authority.hpp"
#include "dashboard_api/list.hpp"
#include "dashboard_api/view.hpp"
#include "views/view_store.hpp"

namespace quicklime::dashboard_api {

std::string page_json(const Page& page, Instant now);

// As the pages show it, on a line of its own.
std::string certificate_line(const Certificate& certificate, Instant now);

struct Detail {
  Certificate certificate;
  std::string der;
  std::vector<pki::Certificate> chain;  // issuer first, root left out
};
std::string detail_json(const Detail& detail, const views::Meta& meta, Instant now);

std::string authorities_json(const std::vector<ca::Authority>& authorities, const views::Meta& meta);

std::string version_json(const std::string& version);

}  // namespace quicklime::dashboard_api
