#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "quicklime/moving.hpp"

namespace quicklime::app {

std::string encode_export(const eventlog::Anchor& sealed, const std::filesystem::path& file) {
  return nlohmann::ordered_json{{"file", file.string()},
                                {"log_id", sealed.log_id.text()},
                                {"events", sealed.position.offset + 1},
                                {"chain", hex_encode(crypto::view(sealed.chain))}}
      .dump();
}

std::string encode_import(const Imported& imported) {
  return nlohmann::ordered_json{{"log_id", imported.sealed.log_id.text()},
                                {"events", imported.sealed.position.offset + 1},
                                {"chain", hex_encode(crypto::view(imported.sealed.chain))},
                                {"opened", imported.opened.text()},
                                {"had_been_imported", imported.had_been}}
      .dump();
}

}  // namespace quicklime::app
