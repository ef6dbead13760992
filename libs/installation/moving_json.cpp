#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "installation/moving.hpp"

namespace quicklime::installation {

std::string encode_export(const eventlog::Anchor& last, const std::filesystem::path& file) {
  return nlohmann::ordered_json{{"file", file.string()},
                                {"log_id", last.log_id.text()},
                                {"events", last.position.offset + 1},
                                {"chain", hex_encode(crypto::view(last.chain))}}
      .dump();
}

std::string encode_import(const Imported& imported) {
  return nlohmann::ordered_json{{"log_id", imported.last.log_id.text()},
                                {"events", imported.last.position.offset + 1},
                                {"chain", hex_encode(crypto::view(imported.last.chain))},
                                {"opened", imported.opened.text()},
                                {"had_been_imported", imported.had_been}}
      .dump();
}

}  // namespace quicklime::installation
