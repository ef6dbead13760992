#include <nlohmann/json.hpp>

#include "all_in_one/serve.hpp"

namespace quicklime::all_in_one {

std::string encode(const Listening& listening) {
  nlohmann::ordered_json json{{"data", listening.data}, {"root_sha256", listening.root_sha256}};
  if (!listening.https.empty()) json["https"] = listening.https;
  if (!listening.http.empty()) json["http"] = listening.http;
  if (!listening.admin.empty()) json["admin"] = listening.admin;
  return json.dump();
}

}  // namespace quicklime::all_in_one
