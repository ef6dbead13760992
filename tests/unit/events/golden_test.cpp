// Golden files of every version ever written: write-once, replayed here. A new version adds a file beside the old ones;
// QUICKLIME_WRITE_GOLDEN=1 writes the missing ones (and their line in SHA256SUMS), and never touches one that is there.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "crypto/hash.hpp"
#include "events/codec.hpp"
#include "examples.hpp"
#include "support/event_schema.hpp"

namespace quicklime::events {
namespace {

namespace fs = std::filesystem;
const fs::path kFolder = fs::path(QUICKLIME_SOURCE_DIR) / "tests/data/events";

std::string hash_of(const std::string& bytes) { return hex_encode(crypto::view(crypto::sha256(bytes))); }

std::map<std::string, std::string> files() {
  std::map<std::string, std::string> contents;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".json") contents[entry.path().filename()] = *read_file(entry.path());
  }
  return contents;
}

std::map<std::string, std::string> sums() {
  std::map<std::string, std::string> lines;
  std::ifstream stream(kFolder / "SHA256SUMS");
  std::string sum, name;
  while (stream >> sum >> name) lines[name] = sum;
  return lines;
}

TEST(Golden, EveryTypeIsEncodedAsItsFileSays) {
  const bool write = std::getenv("QUICKLIME_WRITE_GOLDEN") != nullptr;
  std::set<std::size_t> types;
  for (const auto& [name, event] : test::examples()) {
    types.insert(event.data.index());
    const std::string bytes = encode(event);
    const fs::path file = kFolder / (name + ".json");
    if (write && !fs::exists(file)) {
      ASSERT_TRUE(write_file(file, bytes, FileMode::public_, Overwrite::no));
      std::ofstream(kFolder / "SHA256SUMS", std::ios::app) << hash_of(bytes) << "  " << name << ".json\n";
    }
    ASSERT_TRUE(fs::exists(file)) << name << " has no golden file";
    EXPECT_EQ(bytes, *read_file(file)) << name;
  }
  EXPECT_EQ(types.size(), std::variant_size_v<Data> - 1) << "every type but Ignored has an example";
}

TEST(Golden, FilesAreWriteOnce) {
  const auto contents = files();
  const auto listed = sums();
  EXPECT_EQ(contents.size(), listed.size());
  for (const auto& [name, bytes] : contents) {
    ASSERT_TRUE(listed.contains(name)) << name << " is not in SHA256SUMS";
    EXPECT_EQ(hash_of(bytes), listed.at(name)) << name << " was changed after it was written";
  }
}

TEST(Golden, EveryFileIsValidAndReplays) {
  for (const auto& [name, bytes] : files()) {
    EXPECT_TRUE(quicklime::test::validate_event(bytes)) << name;
    const auto event = decode(bytes);
    ASSERT_TRUE(event) << name << ": " << event.error().detail;
    EXPECT_TRUE(name.starts_with(std::string(type_name(event->data)) + "-")) << name;
    // Files of the present version come back byte for byte; older ones only mean the same.
    const std::string again = encode(*event);
    if (again.starts_with(bytes.substr(0, bytes.find(',')))) {
      EXPECT_EQ(again, bytes) << name;
    }
  }
}

}  // namespace
}  // namespace quicklime::events
