#include <stdlib.h>

#include <filesystem>
#include <stdexcept>

#include "backend.hpp"
#include "disk_faults.hpp"
#include "views/sqlite_store.hpp"

namespace quicklime::views::contract {
namespace {

class SqliteBackend final : public Backend {
 public:
  SqliteBackend() {
    std::string pattern = (std::filesystem::temp_directory_path() / "views-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    directory_ = pattern;
  }
  ~SqliteBackend() override { std::filesystem::remove_all(directory_); }

  std::shared_ptr<ViewStore> open(const Clock& clock) override {
    auto store = open_sqlite_store(directory_ / "view.db", kSpaces, clock);
    if (!store) throw std::runtime_error(store.error().detail);
    return std::move(*store);
  }
  bool keeps_our_time() const override { return true; }
  void lose_next_outcome() override { disk_faults::fail_next_write(); }

 private:
  std::filesystem::path directory_;
};

}  // namespace

Factory sqlite_backend() {
  return {"sqlite", [] { return std::make_unique<SqliteBackend>(); }};
}

}  // namespace quicklime::views::contract
