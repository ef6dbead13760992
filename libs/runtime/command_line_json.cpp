#include <nlohmann/json.hpp>

#include "http/problem.hpp"
#include "runtime/command_help.hpp"

namespace quicklime::runtime {

std::string problem_json(const Error& error) {
  nlohmann::ordered_json problem{{"type", "https://quicklime.dev/errors#" + error.reason},
                                 {"status", http::status_of(error.code)},
                                 {"detail", error.detail},
                                 {"reason", error.reason}};
  if (!error.field.empty()) problem["errors"] = {{{"pointer", error.field}, {"reason", error.reason}}};
  return problem.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace quicklime::runtime
