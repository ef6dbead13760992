#include <atomic>
#include <mutex>

#include "base/encoding.hpp"
#include "runner_fixture.hpp"

namespace quicklime::views {
namespace {

TEST_F(RunnerTest, FoldsWhatIsThereAndWhatComes) {
  block("a");
  block("b");
  block("a");
  run();
  ASSERT_TRUE(caught_up(*store_));
  EXPECT_EQ(*store_->load({{"counts", "a"}, {"counts", "b"}}), (std::vector<std::optional<std::string>>{"2", "1"}));
  block("a");
  ASSERT_TRUE(caught_up(*store_));
  EXPECT_EQ(store_->load({{"counts", "a"}})->at(0), "3");
  const auto status = runner_->status().at(0);
  EXPECT_EQ(status.view, "counting");
  EXPECT_TRUE(status.applied);
  EXPECT_EQ(status.stopped, "");
}

TEST_F(RunnerTest, BatchBoundariesChangeNothing) {
  block_many(0, 60);
  log_->inject(eventlog::MemoryLog::Fault::written_twice);
  block_many(60, 100);
  std::vector<std::string> dumps;
  std::vector<State> states;
  for (const std::size_t batch : {1U, 2U, 7U, 1000U}) {
    auto store = new_store();
    auto runner = new_runner({{counting(), store.get()}}, batch);
    runner->start();
    ASSERT_TRUE(caught_up(*store));
    runner->stop();
    dumps.push_back(*store->dump());
    states.push_back(**store->state());
  }
  for (std::size_t i = 1; i < dumps.size(); ++i) {
    EXPECT_EQ(dumps[i], dumps[0]);
    EXPECT_EQ(states[i].writers, states[0].writers);
    EXPECT_EQ(states[i].anchor.chain, states[0].anchor.chain);
  }
}

TEST_F(RunnerTest, RestartGoesOnWhereTheViewStands) {
  block_many(0, 20);
  run();
  ASSERT_TRUE(caught_up(*store_));
  runner_.reset();
  block_many(20, 25);
  const auto folded = counted("quicklime_view_events_total");
  run();
  ASSERT_TRUE(caught_up(*store_));
  EXPECT_TRUE(eventually([&] { return counted("quicklime_view_events_total") == folded + 5; }));
  EXPECT_EQ(*store_->dump(), expected_dump());
}

TEST_F(RunnerTest, AnotherVersionIsFoldedAnew) {
  block("a");
  run();
  ASSERT_TRUE(caught_up(*store_));
  runner_.reset();
  auto second = counting("counting", 2);
  second.apply = [](const Record& record, Fold& fold) -> Result<void> {
    fold.put("counts", record.position.text(), "second");
    return {};
  };
  run(std::move(second));
  ASSERT_TRUE(eventually([&] { return *store_->state() && (*store_->state())->version == 2 && position(*store_) == 1; }));
  EXPECT_EQ(*store_->load({{"counts", "a"}, {"counts", "0.0"}, {"counts", "0.1"}}),
            (std::vector<std::optional<std::string>>{std::nullopt, "second", "second"}));
}

// ---- duplicates

TEST_F(RunnerTest, AnEventThatTheLogHoldsTwiceCountsOnce) {
  log_->inject(eventlog::MemoryLog::Fault::written_twice);
  block("a");
  block("a");
  run();
  ASSERT_TRUE(caught_up(*store_));
  EXPECT_EQ(position(*store_), 3U);
  EXPECT_EQ((*store_->state())->anchor.chain, log_->read_one(3)->chain);
  EXPECT_EQ(store_->load({{"counts", "a"}})->at(0), "2");
  EXPECT_TRUE(eventually([&] { return counted("quicklime_view_repeated_events_total") == 1; }));
}

// What a tree over the log is folded of: a leaf for each record, whatever it is.
TEST_F(RunnerTest, WhoeverFoldsTheLogAsSuchSeesEveryRecordWithItsHashWhatRepeatsAndWhatNobodyKnows) {
  Projection leaves = counting();
  leaves.sees_repeats = true;
  leaves.apply = [](const Record& record, Fold& fold) -> Result<void> {
    fold.put("counts", record.position.text(), (record.repeats ? "again " : "first ") + hex_encode(crypto::view(record.hash)));
    return {};
  };
  log_->inject(eventlog::MemoryLog::Fault::written_twice);
  block("a");
  ASSERT_TRUE(append(events::Ignored{"toy.happened/1-0-0"}));
  run(std::move(leaves));
  ASSERT_TRUE(caught_up(*store_));
  const auto hash_at = [&](std::uint64_t offset) { return hex_encode(crypto::view(log_->read_one(offset)->hash)); };
  EXPECT_EQ(*store_->load({{"counts", "0.0"}, {"counts", "0.1"}, {"counts", "0.2"}, {"counts", "0.3"}}),
            (std::vector<std::optional<std::string>>{"first " + hash_at(0), "first " + hash_at(1), "again " + hash_at(2),
                                                     "first " + hash_at(3)}));
  EXPECT_EQ(hash_at(3), hex_encode(crypto::view(crypto::sha256(log_->read_one(3)->bytes)))) << "of the bytes as they are stored";
  EXPECT_EQ(hash_at(1), hash_at(2)) << "the same bytes";
}

TEST_F(RunnerTest, ADuplicateIsKnownAfterARestartToo) {
  block("a");
  run();
  ASSERT_TRUE(caught_up(*store_));
  runner_.reset();
  const std::string again = log_->read_one(1)->bytes;
  ASSERT_TRUE(async::run_to_end(log_->append(again)));
  run();
  ASSERT_TRUE(caught_up(*store_));
  EXPECT_EQ(store_->load({{"counts", "a"}})->at(0), "1");
}

// ---- a store in trouble

TEST_F(RunnerTest, AFlushedViewIsFoldedAnewAlsoWhenTheLogIsIdle) {
  block_many(0, 30);
  run();
  ASSERT_TRUE(caught_up(*store_));
  const std::string before = *store_->dump();
  store_->memory().flush();
  ASSERT_TRUE(caught_up(*store_));
  EXPECT_EQ(*store_->dump(), before);
}

TEST_F(RunnerTest, ARolledBackViewGoesOnFromWhereItIs) {
  block_many(0, 10);
  run();
  ASSERT_TRUE(caught_up(*store_));
  store_->memory().take_snapshot();
  block_many(10, 30);
  ASSERT_TRUE(caught_up(*store_));
  const std::string before = *store_->dump();
  store_->memory().roll_back_to_snapshot();
  ASSERT_TRUE(caught_up(*store_));
  EXPECT_EQ(*store_->dump(), before);
  store_->memory().roll_back_to_snapshot();
  block_many(30, 31);
  ASSERT_TRUE(caught_up(*store_));
  EXPECT_EQ(*store_->dump(), expected_dump());
}

TEST_F(RunnerTest, AnApplyOfUnknownOutcomeIsSettledByTheState) {
  for (const bool persisted : {true, false, false, true}) {
    store_->memory().fail_next_apply(persisted);
    block_many(0, 10);
    if (!runner_) run();
    ASSERT_TRUE(caught_up(*store_));
    EXPECT_EQ(*store_->dump(), expected_dump());
  }
}

TEST_F(RunnerTest, AStoreOutOfReachIsTriedAgain) {
  store_->states_failing = 2;
  store_->loads_failing = 2;
  store_->applies_failing = 2;
  block_many(0, 10);
  run();
  ASSERT_TRUE(caught_up(*store_));
  EXPECT_EQ(store_->applies_failing, 0);
  EXPECT_EQ(store_->loads_failing, 0);
  EXPECT_EQ(*store_->dump(), expected_dump());
}

TEST_F(RunnerTest, AStoreThatCannotStartHoldsUpNobodyElse) {
  auto other = another_store();
  store_->states_failing = 1'000'000;
  block_many(0, 10);
  runner_ = new_runner({{counting("away"), store_.get()}, {counting("there"), other.get()}});
  runner_->start();
  ASSERT_TRUE(caught_up(*other));
  store_->states_failing = 0;
  ASSERT_TRUE(caught_up(*store_));
  EXPECT_EQ(*store_->dump(), *other->dump());
}

TEST_F(RunnerTest, AStoreThatTakesNothingAnyMoreHoldsUpNobodyElse) {
  auto other = another_store();
  runner_ = new_runner({{counting("full"), store_.get()}, {counting("there"), other.get()}});
  runner_->start();
  ASSERT_TRUE(eventually([&] { return runner_->status()[0].caught_up && runner_->status()[1].caught_up; }));
  store_->applies_failing = 1'000'000;
  for (int i = 0; i < 5; ++i) {
    block_many(0, 10);
    ASSERT_TRUE(caught_up(*other));
  }
  EXPECT_EQ(position(*store_), 0U);
  store_->applies_failing = 0;
  ASSERT_TRUE(caught_up(*store_));
  EXPECT_EQ(*store_->dump(), *other->dump());
}

// ---- views that are behind

// (view, offset) of each apply, in order. At the first apply of `appends_at` one more event is written.
class Applies {
 public:
  Applies(Runner& runner, std::string appends_at, std::function<void()> append) {
    runner.on_applied([this, appends_at = std::move(appends_at), append = std::move(append)](const Applied& applied) {
      if (applied.changes.points.empty()) return;
      const bool first = applied.view == appends_at && position_of(appends_at) == 0;
      {
        const std::lock_guard lock(mutex_);
        all_.emplace_back(applied.view, applied.meta.anchor.position.offset);
      }
      if (first) append();
    });
  }
  std::uint64_t position_of(const std::string& view) const {
    const std::lock_guard lock(mutex_);
    std::uint64_t position = 0;
    for (const auto& [name, offset] : all_) {
      if (name == view) position = offset;
    }
    return position;
  }
  // Where `other` was when `view` came to this offset.
  std::uint64_t position_of(const std::string& other, const std::string& view, std::uint64_t offset) const {
    const std::lock_guard lock(mutex_);
    std::uint64_t position = 0;
    for (const auto& [name, at] : all_) {
      if (name == view && at >= offset) return position;
      if (name == other) position = at;
    }
    ADD_FAILURE() << view << " never came to " << offset;
    return position;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::pair<std::string, std::uint64_t>> all_;
};

TEST_F(RunnerTest, AViewThatIsBehindHoldsNobodyBack) {
  block_many(0, 2'000);
  auto other = another_store();
  runner_ = new_runner({{counting("there"), other.get()}});
  runner_->start();
  ASSERT_TRUE(eventually([&] { return runner_->status()[0].caught_up; }));

  runner_ = new_runner({{counting("new version"), store_.get()}, {counting("there"), other.get()}});
  Applies applies(*runner_, "new version", [&] { block("new"); });
  runner_->start();
  for (FaultyStore* store : {store_.get(), other.get()}) ASSERT_TRUE(eventually([&] { return position(*store) == 2'001; }));
  runner_->stop();
  EXPECT_EQ(applies.position_of("new version", "there", 2'001), 99U) << "what is new came before the next batch of what is old";
  EXPECT_EQ(*store_->dump(), *other->dump());
}

TEST_F(RunnerTest, OfTheViewsThatAreBehindTheLowestTurnComesFirst) {
  block_many(0, 2'000);
  auto second = another_store(), third = another_store(), fourth = another_store();
  runner_ = new_runner({{counting("third"), third.get(), 2},
                        {counting("fourth"), fourth.get(), 2},
                        {counting("first"), store_.get()},
                        {counting("second"), second.get(), 1}});
  Applies applies(*runner_, "third", [&] { block("new"); });
  runner_->start();
  for (FaultyStore* store : {third.get(), fourth.get(), store_.get(), second.get()})
    ASSERT_TRUE(eventually([&] { return position(*store) == 2'001; }));
  runner_->stop();
  EXPECT_EQ(applies.position_of("second", "first", 2'000), 0U);
  EXPECT_EQ(applies.position_of("third", "second", 2'000), 0U);
  EXPECT_EQ(applies.position_of("third", "first", 2'001), 99U) << "those that are there get what is new while the others are on their way";
  EXPECT_EQ(applies.position_of("fourth", "third", 199), 99U) << "of one turn, together";
  for (FaultyStore* store : {third.get(), fourth.get(), second.get()}) EXPECT_EQ(*store->dump(), *store_->dump());
}

TEST_F(RunnerTest, TwoRunnersOnOneViewFoldEveryEventOnce) {
  auto one = new_runner({{counting("one"), store_.get()}}, 3);
  auto two = new_runner({{counting("two"), store_.get()}}, 4);
  one->start();
  two->start();
  block_many(0, 150);
  ASSERT_TRUE(caught_up(*store_));
  one->stop();
  two->stop();
  EXPECT_EQ(*store_->dump(), expected_dump());
  EXPECT_EQ(one->status().at(0).stopped, "");
  EXPECT_EQ(two->status().at(0).stopped, "");
}

TEST_F(RunnerTest, KeysThatTheProjectionNamesAreReadOncePerBatch) {
  block_many(0, 50);
  auto naming = counting();
  naming.reads = [](const events::Event& event) -> std::vector<PointKey> {
    if (const auto* blocked = std::get_if<events::KeyBlocked>(&event.data)) return {{"counts", blocked->key_sha256}};
    return {};
  };
  run(std::move(naming));
  ASSERT_TRUE(caught_up(*store_));
  runner_->stop();
  EXPECT_EQ(store_->loads, 1);
  EXPECT_EQ(*store_->dump(), expected_dump());
}

// ---- a log in trouble

TEST_F(RunnerTest, AViewOfAnotherLogStopsAndTheOthersGoOn) {
  const eventlog::Anchor foreign{LogId("another"), Position{0, 0}, {}, {}};
  ASSERT_TRUE(store_->apply(std::nullopt, {}, State{foreign, 1, ""}));
  auto other = another_store();
  runner_ = new_runner({{counting("foreign"), store_.get()}, {counting("own"), other.get()}});
  runner_->start();
  block_many(0, 10);
  ASSERT_TRUE(caught_up(*other));
  ASSERT_TRUE(stops(0));
  EXPECT_NE(runner_->status()[0].stopped.find("log-foreign"), std::string::npos) << runner_->status()[0].stopped;
  EXPECT_EQ(runner_->status()[1].stopped, "");
  EXPECT_EQ((*store_->state())->anchor.log_id, LogId("another"));  // nothing is reset
}

TEST_F(RunnerTest, ALogShorterThanTheViewStopsIt) {
  block_many(0, 10);
  run();
  ASSERT_TRUE(caught_up(*store_));
  const std::string before = *store_->dump();
  log_->truncate(8);
  ASSERT_TRUE(stops());
  EXPECT_NE(runner_->status()[0].stopped.find("log-truncated"), std::string::npos) << runner_->status()[0].stopped;
  runner_.reset();
  run();
  ASSERT_TRUE(stops());
  EXPECT_NE(runner_->status()[0].stopped.find("log-truncated"), std::string::npos) << runner_->status()[0].stopped;
  EXPECT_EQ(*store_->dump(), before);
}

TEST_F(RunnerTest, AnAlteredEventStopsTheViewBeforeIt) {
  block_many(0, 10);
  log_->alter(6);
  run();
  ASSERT_TRUE(stops());
  EXPECT_NE(runner_->status()[0].stopped.find("offset 6"), std::string::npos) << runner_->status()[0].stopped;
  EXPECT_EQ(position(*store_), 5U);
}

TEST_F(RunnerTest, AnEventThatCannotBeDecodedStopsEveryViewBeforeIt) {
  block_many(0, 3);
  ASSERT_TRUE(async::run_to_end(log_->append("{\"schema\":\"certificate.issued/9-0-0\"}")));
  block_many(3, 6);
  auto other = another_store();
  runner_ = new_runner({{counting("one"), store_.get()}, {counting("two"), other.get()}});
  runner_->start();
  for (const std::size_t view : {0U, 1U}) {
    ASSERT_TRUE(stops(view));
    EXPECT_NE(runner_->status()[view].stopped.find("at 0.4"), std::string::npos) << runner_->status()[view].stopped;
    EXPECT_EQ(runner_->status()[view].position, (Position{0, 3}));
  }
  EXPECT_EQ(position(*store_), 3U);
  EXPECT_EQ(position(*other), 3U);
}

TEST_F(RunnerTest, AnEventThatAProjectionRefusesStopsThatViewAlone) {
  block_many(0, 3);
  ASSERT_TRUE(append(events::TokenRevoked{TokenId("t")}));
  block_many(3, 6);
  auto other = another_store();
  runner_ = new_runner({{contradicting("refuses"), store_.get()}, {counting("goes on"), other.get()}});
  runner_->start();
  ASSERT_TRUE(stops(0));
  ASSERT_TRUE(caught_up(*other));
  EXPECT_EQ(position(*store_), 3U);
  const std::string stopped = runner_->status()[0].stopped;
  EXPECT_NE(stopped.find("log-contradiction at 0.4"), std::string::npos) << stopped;
  EXPECT_EQ(store_->load({{"counts", "half"}})->at(0), std::nullopt);  // an event counts as a whole or not at all
  EXPECT_EQ(runner_->status()[1].stopped, "");

  // A mended projection goes on with this very event.
  runner_ = new_runner({{counting("refuses"), store_.get()}});
  runner_->start();
  ASSERT_TRUE(caught_up(*store_));
  EXPECT_EQ(*store_->dump(), *other->dump());
}

// ---- freshness, pausing, telling

TEST_F(RunnerTest, AnIdleViewStaysFresh) {
  block("a");
  run();
  ASSERT_TRUE(eventually([&] { return runner_->status()[0].caught_up; }));
  const auto caught_up_at = [&] { return async::run_to_end(store_->get({}))->meta.caught_up_at; };
  const Instant first = caught_up_at();
  EXPECT_TRUE(eventually([&] { return caught_up_at() > first + 100ms; }));
}

TEST_F(RunnerTest, AViewUnderSteadyLoadStaysFresh) {
  run();
  const auto age = [&] {
    const auto points = async::run_to_end(store_->get({}));
    return points ? points->meta.read_at - points->meta.caught_up_at : Milliseconds(1'000'000'000);
  };
  ASSERT_TRUE(eventually([&] { return age() < 1s; }));
  std::atomic<bool> finished{false};
  std::thread load([&] {
    while (!finished) block("a");
  });
  const auto caught_up_at = [&] { return async::run_to_end(store_->get({}))->meta.caught_up_at; };
  for (int i = 0; i < 5; ++i) {
    const Instant before = caught_up_at();
    EXPECT_TRUE(eventually([&] { return caught_up_at() > before; })) << "the log never ends, and it is caught up all the same";
  }
  EXPECT_LT(age(), 5s);
  finished = true;
  load.join();
}

TEST_F(RunnerTest, APausedRunnerAppliesNothingAndAges) {
  run();
  ASSERT_TRUE(eventually([&] { return runner_->status()[0].caught_up; }));
  runner_->pause_for_test(true);
  const std::string before = *store_->dump();
  const Instant caught_up_at = async::run_to_end(store_->get({}))->meta.caught_up_at;
  block_many(0, 5);
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(*store_->dump(), before);
  EXPECT_EQ(async::run_to_end(store_->get({}))->meta.caught_up_at, caught_up_at);
  runner_->pause_for_test(false);
  EXPECT_TRUE(caught_up(*store_));
}

TEST_F(RunnerTest, TheObserverHearsOfKeysOnceTheyAreVisible) {
  std::mutex mutex;
  std::set<std::string> heard;
  std::vector<Position> positions;
  bool visible = true;
  runner_ = new_runner({{counting(), store_.get()}});
  runner_->on_applied([&](const Applied& applied) {
    std::lock_guard lock(mutex);
    EXPECT_EQ(applied.view, "counting");
    positions.push_back(applied.meta.anchor.position);
    for (const auto& [key, value] : applied.changes.points) {
      heard.insert(key.key);
      visible = visible && store_->load({key})->at(0) == value;
    }
  });
  runner_->start();
  block("a");
  block("b");
  ASSERT_TRUE(eventually([&] {
    std::lock_guard lock(mutex);
    return heard == std::set<std::string>{"a", "b"} && !positions.empty() && positions.back() == Position{0, 2};
  }));
  std::lock_guard lock(mutex);
  EXPECT_TRUE(visible);
  EXPECT_TRUE(std::is_sorted(positions.begin(), positions.end()));
}

TEST_F(RunnerTest, TheObserverHearsAtTheStartWhereTheViewStands) {
  block("a");
  run();
  ASSERT_TRUE(caught_up(*store_));
  runner_ = new_runner({{counting(), store_.get()}});
  std::atomic<std::uint64_t> at{0};
  std::atomic<bool> changed{false};
  runner_->on_applied([&](const Applied& applied) {
    at = applied.meta.anchor.position.offset;
    changed = changed || !applied.changes.points.empty();
  });
  runner_->start();
  EXPECT_TRUE(eventually([&] { return at == 1; }));
  EXPECT_FALSE(changed);
}

TEST_F(RunnerTest, StoppingDoesNotWaitForTheLog) {
  runner_ = std::make_unique<Runner>(*log_, std::vector<Runner::View>{{counting(), store_.get()}},
                                     RunnerOptions{1000, Milliseconds(60'000)}, metrics_);
  runner_->start();
  ASSERT_TRUE(caught_up(*store_));
  const auto started = std::chrono::steady_clock::now();
  runner_->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - started, 5s);
}

}  // namespace
}  // namespace quicklime::views
