#include "views/sqlite_store.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>

#include "sqlite/per_thread.hpp"
#include "views/spaces.hpp"
#include "views/sqlite_tables.hpp"

namespace quicklime::views {
namespace {

using Values = std::vector<std::optional<std::string>>;

constexpr Milliseconds kBusy{5'000};
constexpr std::int64_t kCheckpointBytes = 16 << 20;
constexpr Milliseconds kCheckpointInterval{1'000};

class SqliteStore final : public ViewStore {
 public:
  SqliteStore(std::filesystem::path file, std::vector<Space> spaces, const Clock& clock, ViewConnection writer)
      : file_(std::move(file)), spaces_(sorted(std::move(spaces))), clock_(clock), writer_(std::move(writer)) {}

  ~SqliteStore() override {
    // What fails here is made good by the next start.
    if (writer_) (void)writer_->connection().checkpoint(sqlite::Connection::Checkpoint::truncate);
  }

  // ---- readers: SQLite answers in microseconds, so on the caller's thread

  async::Task<Result<Points>> get(std::vector<PointKey> keys) override { co_return get_now(keys); }
  async::Task<Result<Keys>> scan(Scan scan) override { co_return scan_now(scan); }

  Result<std::string> dump() override {
    auto connection = reading();
    if (!connection) return forward(connection);
    return (*connection)->read([&](const std::optional<State>& state) -> Result<std::string> {
      if (!state) return dump_end(std::nullopt);
      std::string text;
      for (const Space& space : spaces_) {
        const bool points = space.kind == SpaceKind::points;
        auto query = (*connection)
                         ->statement("SELECT key" + std::string(points ? ", value" : "") + " FROM " + table_of(space.name, space.kind) +
                                     " ORDER BY key");
        if (!query) return forward(query);
        for (;;) {
          const auto row = (*query)->step();
          if (!row) return view_failure(row.error());
          if (!*row) break;
          text += dump_line(space, (*query)->blob(0), points ? (*query)->blob(1) : std::string_view());
        }
        (*query)->reset();
      }
      return text + dump_end(state->anchor.position);
    });
  }

  // ---- the runner

  Result<std::optional<State>> state() override {
    if (auto ready = writing(); !ready) return forward(ready);
    return writer_->state(ViewConnection::With::writers);
  }

  Result<Values> load(const std::vector<PointKey>& keys) override {
    if (auto known = check(keys); !known) return forward(known);
    if (auto ready = writing(); !ready) return forward(ready);
    return writer_->read([&](const std::optional<State>&) { return writer_->values(keys); });
  }

  Result<void> apply(const std::optional<Position>& expected, const Changes& changes, const State& next) override {
    for (const auto& [key, value] : changes.points) {
      if (!has(key.space, SpaceKind::points)) return space_unknown(key.space, SpaceKind::points);
    }
    for (const auto& [key, there] : changes.index) {
      if (!has(key.space, SpaceKind::index)) return space_unknown(key.space, SpaceKind::index);
    }
    auto done = transaction([&]() -> Result<void> {
      const auto state = writer_->state(ViewConnection::With::state);
      if (!state) return forward(state);
      const auto position = *state ? std::optional((*state)->anchor.position) : std::nullopt;
      if (position != expected) return view_moved(expected, position);
      if (auto written = write(changes); !written) return forward(written);
      return write(next);
    });
    if (!done) return forward(done);
    // A crash before: the view is where it was. After: it has moved, and nobody was told.
    if (auto committed = finish(QUICKLIME_DURABLE("view.apply", writer_->connection().commit())); !committed) return forward(committed);
    checkpoint_when_due();
    return {};
  }

  Result<void> reset() override {
    auto done = transaction([&]() -> Result<void> {
      std::string sql = "DELETE FROM meta;";
      for (const Space& space : spaces_) sql += "DELETE FROM " + table_of(space.name, space.kind) + ";";
      return writer_->connection().execute(sql);
    });
    if (!done) return forward(done);
    caught_up_at_ = 0;
    return finish(QUICKLIME_DURABLE("view.reset", writer_->connection().commit()));
  }

  Result<Instant> now() override { return clock_.now(); }

  Result<void> caught_up(Instant noted) override {
    caught_up_at_ = noted.milliseconds();
    return {};
  }

 private:
  Result<Points> get_now(const std::vector<PointKey>& keys) {
    if (auto known = check(keys); !known) return forward(known);
    return with_meta<Points>([&](ViewConnection& connection) { return connection.values(keys); });
  }
  Result<Keys> scan_now(const Scan& scan) {
    if (!has(scan.space, SpaceKind::index)) return space_unknown(scan.space, SpaceKind::index);
    return with_meta<Keys>([&](ViewConnection& connection) { return connection.keys(scan); });
  }

  // While somebody reads, a checkpoint covers only a part, and each costs two fsyncs: not after every apply.
  void checkpoint_when_due() {
    const auto now = std::chrono::steady_clock::now();
    if (writer_->connection().wal_bytes() <= kCheckpointBytes || now - checkpointed_at_ < kCheckpointInterval) return;
    checkpointed_at_ = now;
    (void)writer_->connection().checkpoint(sqlite::Connection::Checkpoint::passive);
  }

  template <class Answer, class Read>
  Result<Answer> with_meta(Read read) {
    auto connection = reading();
    if (!connection) return forward(connection);
    // Before the data: a view is never older than what it says of its freshness.
    const Instant caught_up_at = Instant::from_milliseconds(caught_up_at_);
    return (*connection)->read([&](std::optional<State> state) -> Result<Answer> {
      if (!state) return view_missing();
      auto data = read(**connection);
      if (!data) return forward(data);
      return Answer{Meta{std::move(state->anchor), state->version, caught_up_at, clock_.now()}, std::move(*data)};
    });
  }

  Result<ViewConnection*> reading() {
    return readers_.get([&]() -> Result<ViewConnection> {
      auto connection = sqlite::Connection::open(file_, sqlite::OpenMode::read_only, sqlite::Synchronous::normal, kBusy);
      if (!connection) return view_failure(connection.error());
      return ViewConnection(std::move(*connection));
    });
  }

  bool has(const std::string& name, SpaceKind kind) const {
    return std::any_of(spaces_.begin(), spaces_.end(), [&](const Space& space) { return space.name == name && space.kind == kind; });
  }

  Result<void> check(const std::vector<PointKey>& keys) const {
    for (const PointKey& key : keys) {
      if (!has(key.space, SpaceKind::points)) return space_unknown(key.space, SpaceKind::points);
    }
    return {};
  }

  // After a commit of unknown outcome the file is opened anew, and believed once its WAL is in it.
  Result<void> writing() {
    if (writer_) return {};
    auto opened = open_view_file(file_, spaces_, kBusy);
    if (!opened) return forward(opened);
    if (auto done = opened->connection().checkpoint(sqlite::Connection::Checkpoint::truncate); !done) return view_failure(done.error());
    writer_.emplace(std::move(*opened));
    return {};
  }

  // begin and work; what fails is rolled back. The caller commits.
  template <class Work>
  Result<void> transaction(Work work) {
    if (auto ready = writing(); !ready) return forward(ready);
    if (auto begun = writer_->connection().begin(); !begun) return view_failure(begun.error());
    auto done = work();
    if (done) return {};
    writer_->connection().rollback();
    return done.error().reason.starts_with("sqlite-") ? Result<void>(view_failure(done.error())) : done;
  }

  Result<void> finish(Result<void> committed) {
    if (committed) return {};
    if (committed.error().code == ErrorCode::outcome_unknown) writer_.reset();
    return view_failure(committed.error());
  }

  Result<void> write(const Changes& changes) {
    for (const auto& [key, value] : changes.points) {
      const std::string table = table_of(key.space, SpaceKind::points);
      auto statement =
          writer_->statement(value ? "INSERT INTO " + table + "(key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2"
                                   : "DELETE FROM " + table + " WHERE key = ?1");
      if (!statement) return forward(statement);
      (*statement)->bind(1, key.key);
      if (value) (*statement)->bind(2, *value);
      if (auto done = (*statement)->run(); !done) return forward(done);
    }
    for (const auto& [key, there] : changes.index) {
      const std::string table = table_of(key.space, SpaceKind::index);
      auto statement =
          writer_->statement(there ? "INSERT OR IGNORE INTO " + table + "(key) VALUES (?1)" : "DELETE FROM " + table + " WHERE key = ?1");
      if (!statement) return forward(statement);
      if (auto done = (*statement)->bind(1, key.key).run(); !done) return forward(done);
    }
    return {};
  }

  Result<void> write(const State& next) {
    auto statement = writer_->statement(
        "INSERT OR REPLACE INTO meta(one, log_id, epoch, offset, hash, chain, version, writers) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    if (!statement) return forward(statement);
    return (*statement)
        ->bind_text(1, next.anchor.log_id.text())
        .bind(2, static_cast<std::int64_t>(next.anchor.position.epoch))
        .bind(3, static_cast<std::int64_t>(next.anchor.position.offset))
        .bind(4, crypto::view(next.anchor.hash))
        .bind(5, crypto::view(next.anchor.chain))
        .bind(6, std::int64_t{next.version})
        .bind(7, next.writers)
        .run();
  }

  const std::filesystem::path file_;
  const std::vector<Space> spaces_;
  const Clock& clock_;
  std::atomic<std::int64_t> caught_up_at_{0};  // in memory: after a restart a view is stale until it has caught up
  std::optional<ViewConnection> writer_;
  std::chrono::steady_clock::time_point checkpointed_at_{};
  sqlite::PerThread<ViewConnection> readers_;
};

}  // namespace

Result<std::unique_ptr<ViewStore>> open_sqlite_store(const std::filesystem::path& file, const std::vector<Space>& spaces,
                                                     const Clock& clock) {
  auto writer = open_view_file(file, spaces, kBusy);
  if (!writer) return forward(writer);
  return std::make_unique<SqliteStore>(file, spaces, clock, std::move(*writer));
}

}  // namespace quicklime::views
