#include "dashboard_api/page.hpp"

#include <algorithm>
#include <array>

#include "dashboard_api/routes.hpp"

namespace quicklime::dashboard_api {
namespace {

constexpr std::string_view kIndex = "index.html";
constexpr std::string_view kHashed = "assets/";

// Everything from here and nothing from elsewhere: no script, style or picture that is not a file of its own, nobody's frame (CSP level 3).
// dashboard/browser tries every screen under the same.
constexpr const char* kPolicy =
    "default-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'";

constexpr const char* kNotBuilt =
    "<!doctype html>\n<html lang=\"en\"><title>Quicklime</title>\n"
    "<h1>This program was built without its dashboard</h1>\n"
    "<p>Build it, and then the program again:</p>\n"
    "<pre>cd dashboard &amp;&amp; npm ci &amp;&amp; npm run build\ncmake --preset release &amp;&amp; cmake --build --preset release</pre>\n"
    "<p>The command line shows the same: <code>quicklime list</code>.</p></html>\n";

std::string_view content_type(std::string_view path) {
  static constexpr std::array<std::pair<std::string_view, const char*>, 10> kTypes{{
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".json", "application/json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},
      {".txt", "text/plain; charset=utf-8"},
      {".webmanifest", "application/manifest+json"},
  }};
  for (const auto& [ending, type] : kTypes) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

// Whether a comma-separated list (Accept-Encoding, If-None-Match) has the word, and not with q=0.
bool has_word(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    std::string_view item = list.substr(0, comma);
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    item.remove_prefix(std::min(item.find_first_not_of(" \t"), item.size()));
    if (item.starts_with("W/")) item.remove_prefix(2);
    const std::string_view name = item.substr(0, item.find_first_of(" \t;"));
    const auto weight = item.find("q=0");
    const bool refused = weight != std::string_view::npos && item.find_first_of("123456789", weight) == std::string_view::npos;
    if (name == word && !refused) return true;
  }
  return false;
}

void set_manners(http::Response& response) {
  response.headers.set("Content-Security-Policy", kPolicy);
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.headers.set("Referrer-Policy", "no-referrer");
}

http::Response send(const PageFile& file, const http::Request& request) {
  http::Response response;
  set_manners(response);
  response.headers.set("ETag", "W/" + std::string(file.etag));  // of each encoding alike (RFC 9110 section 8.8.3.3)
  response.headers.set("Vary", "Accept-Encoding");
  response.headers.set("Cache-Control", file.path.starts_with(kHashed) ? "public, max-age=31536000, immutable" : "no-cache");
  const std::string_view known = request.headers.get("If-None-Match").value_or("");
  if (known == "*" || has_word(known, file.etag)) {
    response.status = 304;
    return response;
  }
  response.headers.set("Content-Type", std::string(content_type(file.path)));
  const std::string_view accepted = request.headers.get("Accept-Encoding").value_or("");
  if (!file.brotli.empty() && has_word(accepted, "br")) {
    response.headers.set("Content-Encoding", "br");
    response.body = file.brotli;
  } else if (!file.gzip.empty() && has_word(accepted, "gzip")) {
    response.headers.set("Content-Encoding", "gzip");
    response.body = file.gzip;
  } else {
    response.body = file.bytes;
  }
  return response;
}

const PageFile* find(std::span<const PageFile> files, std::string_view path) {
  const auto found =
      std::lower_bound(files.begin(), files.end(), path, [](const PageFile& file, std::string_view name) { return file.path < name; });
  return found != files.end() && found->path == path ? &*found : nullptr;
}

async::Task<Answer> show_page(std::span<const PageFile> files, const http::Request& request) {
  if (files.empty()) {
    auto response = http::Response::of(503, "text/html; charset=utf-8", kNotBuilt);
    set_manners(response);
    co_return response;
  }
  const std::string& path = request.parameters.at("file");
  if (const PageFile* file = find(files, path)) co_return send(*file, request);
  const bool is_address = path.substr(path.rfind('/') + 1).find('.') == std::string::npos;
  const PageFile* index = is_address ? find(files, kIndex) : nullptr;
  if (index == nullptr) co_return fail(ErrorCode::not_found, "no-such-path", "Nothing is served at " + request.path + ".");
  co_return send(*index, request);
}

async::Task<Answer> lead_to_page() {
  http::Response response{.status = 302};
  response.headers.set("Location", "/ui/");
  co_return response;
}

}  // namespace

std::vector<api::Route> page_routes(std::span<const PageFile> files) {
  const auto without_view = [](const char* path, std::function<async::Task<Answer>(Call&)> handler) {
    return api::Route{
        .method = http::Method::get, .path = path, .access = api::Access::anyone(), .handler = std::move(handler), .needs_view = false};
  };
  return {without_view("/", [](Call&) { return lead_to_page(); }), without_view("/ui", [](Call&) { return lead_to_page(); }),
          without_view("/ui/{file...}", [files](Call& call) { return show_page(files, call.request); })};
}

}  // namespace quicklime::dashboard_api
