#pragma once
// The files of the dashboard's front end, as its build left them in dashboard/dist, inside the program.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/route.hpp"
#include "http/message.hpp"

namespace quicklime::dashboard_api {

// One file as it is sent. The bytes live as long as the program.
struct PageFile {
  std::string_view path;  // below /ui/: "assets/index-3f2a.js"
  std::string_view bytes;
  std::string_view brotli;  // the same, compressed (RFC 7932, RFC 1952); empty: not to be had
  std::string_view gzip;
  std::string_view etag;  // quoted, of the bytes
};

// What the build of the front end made, in the order of its paths; empty where the programs were built without it.
std::span<const PageFile> page_files();

// GET / and /ui, which lead to /ui/, and GET /ui/{file...}: the file; index.html for a path without a file's ending, which is one of the
// front end's own addresses; else "no-such-path". Names under assets/ carry a hash and are kept for ever, all others are asked for again
// each time (RFC 9110 section 13.1.2: 304 where If-None-Match has the etag). Without files: how to build them, 503.
std::vector<api::Route> page_routes(std::span<const PageFile> files);

}  // namespace quicklime::dashboard_api
