#pragma once
// A view in one SQLite file: a WITHOUT ROWID table per space, WAL, synchronous=NORMAL (a view that
// lost its last seconds is folded again from the log). One writing connection, on the runner's
// thread; readers are read-only connections, one per thread, prepared once.

#include <filesystem>
#include <memory>

#include "views/view_store.hpp"

namespace quicklime::views {

// Makes the file (and its directory) when it is missing. A file whose spaces differ from these was folded by another
// version: it is emptied and gets these spaces. A file that is no view, or is damaged, is refused ("view-damaged").
Result<std::unique_ptr<ViewStore>> open_sqlite_store(const std::filesystem::path& file, const std::vector<Space>& spaces,
                                                     const Clock& clock);

}  // namespace quicklime::views
