#include <atomic>
#include <thread>

#include "contract_fixture.hpp"
#include "views/view.hpp"

namespace quicklime::views::contract {
namespace {

using Keys_ = std::vector<std::string>;

class Store : public ViewStoreContract {};

// ---- a view without meta answers nothing

TEST_P(Store, NewViewIsMissingAndNotEmpty) {
  EXPECT_FALSE(store_->state()->has_value());
  for (const auto& error : {get({{"status", "a"}}).error(), get({}).error(), async::run_to_end(store_->scan(Scan{"by_name"})).error()}) {
    EXPECT_EQ(error.code, ErrorCode::unavailable);
    EXPECT_EQ(error.reason, "view-missing");
  }
  EXPECT_EQ(*store_->dump(), "position empty\n");
}

TEST_P(Store, ResetMakesItMissingAgain) {
  apply(put("status", "a", "1"));
  apply(index({"k"}));
  ASSERT_TRUE(store_->reset());
  EXPECT_EQ(get({{"status", "a"}}).error().reason, "view-missing");
  EXPECT_FALSE(store_->state()->has_value());
  EXPECT_EQ(*store_->dump(), "position empty\n");
  at_.reset();
  apply({});
  EXPECT_EQ(value("status", "a"), std::nullopt);
  EXPECT_EQ(scan("", "", Direction::ascending), Keys_{});
}

// ---- apply and read

TEST_P(Store, WhatIsAppliedIsReadWithItsMeta) {
  apply(put("status", "a", "1"));
  const auto points = get({{"status", "a"}});
  ASSERT_TRUE(points);
  EXPECT_EQ(points->values, (Values{"1"}));
  EXPECT_EQ(points->meta.anchor.log_id, kLogId);
  EXPECT_EQ(points->meta.anchor.position, (Position{0, 0}));
  EXPECT_EQ(points->meta.anchor.hash, anchor_at(0).hash);
  EXPECT_EQ(points->meta.anchor.chain, anchor_at(0).chain);
  EXPECT_EQ(points->meta.version, 7U);
}

TEST_P(Store, ValuesComeInTheOrderAskedAndAbsentOnesAreNull) {
  Changes changes = put("status", "a", "1");
  changes.points[PointKey{"labels", "a"}] = "label";
  changes.points[PointKey{"status", ""}] = "of the empty key";
  apply(changes);
  const auto points = get({{"labels", "b"}, {"status", "a"}, {"labels", "a"}, {"status", "a"}, {"status", ""}});
  ASSERT_TRUE(points);
  EXPECT_EQ(points->values, (Values{std::nullopt, "1", "label", "1", "of the empty key"}));
}

TEST_P(Store, GetOfNoKeysIsTheMeta) {
  apply({});
  const auto points = get({});
  ASSERT_TRUE(points);
  EXPECT_TRUE(points->values.empty());
  EXPECT_EQ(points->meta.anchor.position, (Position{0, 0}));
}

TEST_P(Store, LastWordCounts) {
  apply(put("status", "a", "1"));
  apply(put("status", "a", "2"));
  EXPECT_EQ(value("status", "a"), "2");
  Changes erase;
  erase.points[PointKey{"status", "a"}] = std::nullopt;
  erase.points[PointKey{"status", "never there"}] = std::nullopt;
  apply(erase);
  EXPECT_EQ(value("status", "a"), std::nullopt);
  apply(index({"x", "y"}));
  apply(index({"y", "z"}, {"x", "never there"}));
  EXPECT_EQ(scan("", "", Direction::ascending), (Keys_{"y", "z"}));
}

TEST_P(Store, KeysAndValuesAreBytes) {
  std::string every;
  for (int i = 0; i < 256; ++i) every += static_cast<char>(i);
  apply(put("status", every, every + every));
  EXPECT_EQ(value("status", every), every + every);
  apply(put("status", "empty", ""));
  EXPECT_EQ(value("status", "empty"), "");
}

TEST_P(Store, LoadReadsAsOfTheLastApply) {
  EXPECT_EQ(*store_->load({{"status", "a"}}), (Values{std::nullopt}));
  apply(put("status", "a", "1"));
  EXPECT_EQ(*store_->load({{"status", "b"}, {"status", "a"}}), (Values{std::nullopt, "1"}));
}

TEST_P(Store, StateComesBackWhole) {
  std::string writers = "a 1\n\n";
  writers += '\0';
  writers += "\xff";
  ASSERT_TRUE(store_->apply(std::nullopt, {}, State{anchor_at(3), 9, writers}));
  const auto state = store_->state();
  ASSERT_TRUE(state && *state);
  EXPECT_EQ((*state)->anchor.log_id, kLogId);
  EXPECT_EQ((*state)->anchor.position, (Position{0, 3}));
  EXPECT_EQ((*state)->anchor.hash, anchor_at(3).hash);
  EXPECT_EQ((*state)->anchor.chain, anchor_at(3).chain);
  EXPECT_EQ((*state)->version, 9U);
  EXPECT_EQ((*state)->writers, writers);
}

TEST_P(Store, UnknownSpaceIsAMistakeNotAnAbsence) {
  apply({});
  EXPECT_EQ(get({{"statsu", "a"}}).error().reason, "space-unknown");
  EXPECT_EQ(get({{"by_name", "a"}}).error().reason, "space-unknown");
  EXPECT_EQ(async::run_to_end(store_->scan(Scan{"status"})).error().reason, "space-unknown");
  EXPECT_EQ(store_->load({{"by_name", "a"}}).error().reason, "space-unknown");
  EXPECT_EQ(try_apply(0, 1, put("by_name", "a", "1")).error().reason, "space-unknown");
  EXPECT_EQ(get({})->meta.anchor.position, (Position{0, 0}));
}

TEST_P(Store, AnotherHandleReadsTheSame) {
  apply(put("status", "a", "1"));
  const auto other = backend_->open(clock_);
  const auto points = async::run_to_end(other->get({{"status", "a"}}));
  ASSERT_TRUE(points);
  EXPECT_EQ(points->values, (Values{"1"}));
  EXPECT_EQ((*other->state())->anchor.position, (Position{0, 0}));
}

// ---- compare and swap

TEST_P(Store, ApplyAtAnotherPositionChangesNothing) {
  apply(put("status", "a", "1"));
  apply(put("status", "a", "2"));
  const std::string before = *store_->dump();
  for (const auto expected : {std::optional<std::uint64_t>(), std::optional<std::uint64_t>(0), std::optional<std::uint64_t>(2)}) {
    const auto done = try_apply(expected, 5, put("status", "a", "wrong"));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::conflict);
    EXPECT_EQ(done.error().reason, "view-moved");
  }
  EXPECT_EQ(*store_->dump(), before);
}

TEST_P(Store, ApplyToAnEmptyViewExpectsIt) {
  EXPECT_EQ(try_apply(0, 1, put("status", "a", "1")).error().reason, "view-moved");
  EXPECT_FALSE(store_->state()->has_value());
}

TEST_P(Store, OfTwoWritersOneWinsEveryStep) {
  apply({});
  const auto other = backend_->open(clock_);
  std::atomic<int> won{0};
  const auto race = [&](ViewStore& store, const std::string& name) {
    for (std::uint64_t i = 0; i < 50; ++i) {
      const auto done = store.apply(Position{0, i}, put("status", std::to_string(i), name), State{anchor_at(i + 1), 7, ""});
      if (done) {
        ++won;
      } else {
        // Lost, or so far behind: wait until the step is done by the other.
        EXPECT_EQ(done.error().reason, "view-moved") << done.error().detail;
        while ((*store.state())->anchor.position.offset <= i) std::this_thread::yield();
      }
    }
  };
  std::thread thread([&] { race(*other, "other"); });
  race(*store_, "this");
  thread.join();
  EXPECT_EQ(won, 50);
  EXPECT_EQ(get({})->meta.anchor.position, (Position{0, 50}));
}

TEST_P(Store, UnknownOutcomeIsDecidedByTheState) {
  apply(put("status", "a", "1"));
  for (int round = 0; round < 2; ++round) {
    backend_->lose_next_outcome();
    const auto unknown = try_apply(at_, *at_ + 1, put("status", "a", "in doubt " + std::to_string(round)));
    ASSERT_FALSE(unknown);
    ASSERT_EQ(unknown.error().code, ErrorCode::outcome_unknown) << unknown.error().detail;
    const auto state = store_->state();
    ASSERT_TRUE(state && *state);
    const std::uint64_t stands = (*state)->anchor.position.offset;
    ASSERT_TRUE(stands == *at_ || stands == *at_ + 1);
    EXPECT_EQ(value("status", "a") == "in doubt " + std::to_string(round), stands == *at_ + 1);
    at_ = stands;
    apply(put("status", "b", std::to_string(round)));
    EXPECT_EQ(value("status", "b"), std::to_string(round));
  }
}

// ---- scans

class Scans : public ViewStoreContract {
 protected:
  void SetUp() override {
    ViewStoreContract::SetUp();
    apply(index({"a", "a/1", "a/2", "a/2/x", "a/3", "a0", "b", "\xff", "\xff\xff", "\xff\xff\x01", std::string("a/2\0", 4)}));
  }
  const std::string zero_ = std::string("a/2\0", 4);
};

TEST_P(Scans, WholeIndexInBytesOrderBothWays) {
  const Keys_ up{"a", "a/1", "a/2", zero_, "a/2/x", "a/3", "a0", "b", "\xff", "\xff\xff", "\xff\xff\x01"};
  EXPECT_EQ(scan("", "", Direction::ascending), up);
  EXPECT_EQ(scan("", "", Direction::descending), Keys_(up.rbegin(), up.rend()));
}

TEST_P(Scans, PrefixIsKeptBothWays) {
  EXPECT_EQ(scan("a/", "", Direction::ascending), (Keys_{"a/1", "a/2", zero_, "a/2/x", "a/3"}));
  EXPECT_EQ(scan("a/", "", Direction::descending), (Keys_{"a/3", "a/2/x", zero_, "a/2", "a/1"}));
  EXPECT_EQ(scan("\xff", "", Direction::ascending), (Keys_{"\xff", "\xff\xff", "\xff\xff\x01"}));
  EXPECT_EQ(scan("\xff\xff", "", Direction::descending), (Keys_{"\xff\xff\x01", "\xff\xff"}));
  EXPECT_EQ(scan("c", "", Direction::ascending), Keys_{});
  EXPECT_EQ(scan("c", "", Direction::descending), Keys_{});
}

TEST_P(Scans, FromIsIncludedAndNeedNotBeThere) {
  EXPECT_EQ(scan("a/", "a/2", Direction::ascending), (Keys_{"a/2", zero_, "a/2/x", "a/3"}));
  EXPECT_EQ(scan("a/", "a/2", Direction::descending), (Keys_{"a/2", "a/1"}));
  EXPECT_EQ(scan("a/", "a/20", Direction::ascending), (Keys_{"a/3"}));
  EXPECT_EQ(scan("a/", "a/20", Direction::descending), (Keys_{"a/2/x", zero_, "a/2", "a/1"}));
  EXPECT_EQ(scan("", "\xff", Direction::descending, 2), (Keys_{"\xff", "b"}));
}

TEST_P(Scans, FromOutsideThePrefixBoundsAllTheSame) {
  EXPECT_EQ(scan("a/", "A", Direction::ascending, 1), (Keys_{"a/1"}));
  EXPECT_EQ(scan("a/", "b", Direction::ascending), Keys_{});
  EXPECT_EQ(scan("a/", "b", Direction::descending, 1), (Keys_{"a/3"}));
  EXPECT_EQ(scan("a/", "A", Direction::descending), Keys_{});
}

TEST_P(Scans, LimitCutsAndCursorsGoOn) {
  EXPECT_EQ(scan("", "", Direction::ascending, 0), Keys_{});
  Keys_ all;
  std::string from;
  for (;;) {
    const Keys_ page = scan("", from, Direction::ascending, 2);
    if (page.empty()) break;
    all.insert(all.end(), page.begin(), page.end());
    from = page.back() + '\0';
  }
  EXPECT_EQ(all, scan("", "", Direction::ascending));
}

// ---- one moment

TEST_P(Store, DataAndMetaAreOfOneMomentWhileAnotherApplies) {
  const auto at = [](std::uint64_t n) {
    Changes changes = put("status", "a", std::to_string(n));
    changes.points[PointKey{"labels", "a"}] = std::to_string(n);
    changes.index[PointKey{"by_name", std::to_string(n)}] = true;
    if (n > 0) changes.index[PointKey{"by_name", std::to_string(n - 1)}] = false;
    return changes;
  };
  apply(at(0));
  std::atomic<bool> finished{false};
  std::atomic<int> reads{0};
  std::vector<std::thread> readers;
  for (int t = 0; t < 3; ++t) {
    readers.emplace_back([&] {
      std::uint64_t last = 0;
      while (!finished) {
        const auto points = get({{"status", "a"}, {"labels", "a"}});
        ASSERT_TRUE(points) << points.error().detail;
        const std::string expected = std::to_string(points->meta.anchor.position.offset);
        ASSERT_EQ(points->values, (Values{expected, expected}));
        ASSERT_GE(points->meta.anchor.position.offset, last);
        last = points->meta.anchor.position.offset;
        const auto keys = async::run_to_end(store_->scan(Scan{"by_name"}));
        ASSERT_TRUE(keys) << keys.error().detail;
        ASSERT_EQ(keys->keys, (Keys_{std::to_string(keys->meta.anchor.position.offset)}));
        ++reads;
      }
    });
  }
  for (std::uint64_t n = 1; n <= 200 || reads < 30; ++n) apply(at(n));
  finished = true;
  for (auto& reader : readers) reader.join();
}

// ---- freshness

TEST_P(Store, CaughtUpAtIsWhatWasNotedAndNothingBeforeThat) {
  apply({});
  EXPECT_GT(get({})->meta.read_at - get({})->meta.caught_up_at, Milliseconds(1'000'000));  // never was: old beyond any limit
  const auto noted = store_->now();
  ASSERT_TRUE(noted);
  ASSERT_TRUE(store_->caught_up(*noted));
  EXPECT_EQ(get({})->meta.caught_up_at, *noted);
  if (backend_->keeps_our_time()) {
    clock_.advance(Milliseconds(1'500));
    EXPECT_EQ(get({})->meta.read_at - get({})->meta.caught_up_at, Milliseconds(1'500));
  }
}

TEST_P(Store, AReaderThatStartsBelievesOnlyWhatWasCompleteSince) {
  apply(put("status", "a", "half"));
  View reader("contract", *store_, View::Notified::by_polling);
  const auto read = [&](Complete complete) { return async::run_to_end(reader.get({{"status", "a"}}, complete)); };
  EXPECT_EQ(read(Complete::once).error().reason, "view-incomplete");

  const auto noted = store_->now();
  ASSERT_TRUE(noted);
  ASSERT_TRUE(store_->caught_up(*noted - Milliseconds(1)));  // before the reader's first read
  View later("contract", *store_, View::Notified::by_polling);
  EXPECT_EQ(async::run_to_end(later.get({{"status", "a"}})).error().reason, "view-incomplete");
  EXPECT_TRUE(async::run_to_end(later.get({{"status", "a"}}, Complete::once)));
  clock_.advance(Milliseconds(10));
  ASSERT_TRUE(store_->caught_up(*store_->now()));
  EXPECT_EQ(async::run_to_end(later.get({{"status", "a"}}))->values.at(0), "half");
  EXPECT_TRUE(read(Complete::since_start));
}

// ---- dump

TEST_P(Store, EqualViewsHaveEqualDumps) {
  apply(put("status", "b", "2"));
  apply(put("labels", "x", ""));
  Changes both = index({"k2", "k1"});
  both.points[PointKey{"status", "a"}] = "1";
  apply(both);
  const std::string expected =
      "by_name 6b31\nby_name 6b32\n"
      "labels 78 \n"
      "status 61 31\nstatus 62 32\n"
      "position 0.2\n";
  EXPECT_EQ(*store_->dump(), expected);

  ASSERT_TRUE(store_->reset());
  Changes all = both;
  all.points[PointKey{"status", "b"}] = "2";
  all.points[PointKey{"labels", "x"}] = "";
  ASSERT_TRUE(try_apply(std::nullopt, 2, all));
  EXPECT_EQ(*store_->dump(), expected);
}

INSTANTIATE_TEST_SUITE_P(On, Store, testing::ValuesIn(backends()), [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(On, Scans, testing::ValuesIn(backends()), [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace quicklime::views::contract
