#include "api/admission.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <numeric>
#include <thread>

#include "api/guard.hpp"
#include "crypto/random.hpp"
#include "eventlog/memory_log.hpp"
#include "events/codec.hpp"
#include "views/memory_store.hpp"

namespace quicklime::api {
namespace {

using namespace std::chrono_literals;
using async::Task;

// A log, and a view that is as far as the test says.
class AdmissionTest : public testing::Test {
 protected:
  static constexpr Milliseconds kPatience = 20s;

  std::string log_created() const {
    return events::encode({.id = EventId(crypto::uuid_v7(clock.now())),
                           .time = clock.now(),
                           .writer = {"init", 1},
                           .actor = {events::Actor::Kind::control, "root"},
                           .request = RequestId("init"),
                           .data = events::LogCreated{log_id}});
  }
  static eventlog::Draft draft() {
    return {.actor = {events::Actor::Kind::token, "ci"},
            .cause = {RequestId("r")},
            .data = events::RequestDenied{"/v1", "reason", "detail", 1}};
  }
  void append(int count) {
    for (int i = 0; i < count; ++i) ASSERT_TRUE(async::run_to_end(writer.append(draft())));
  }
  void view_applies(std::uint64_t offset) { view.applied(views::Meta{{log_id, {0, offset}, {}, {}}, 1, clock.now(), clock.now()}); }
  static void wait_until(const std::function<bool()>& holds) {
    for (int i = 0; i < 4'000 && !holds(); ++i) std::this_thread::sleep_for(5ms);
    EXPECT_TRUE(holds());
  }
  Admission admission_of(std::size_t unfolded, Milliseconds wait = kPatience) { return {view, writer, {unfolded, wait}, registry}; }
  std::shared_ptr<Admission> admission() { return std::make_shared<Admission>(view, writer, limits, registry); }
  ServiceContext context() { return {*log, writer, view, access, denials, clock, pools, registry, configuration}; }

  // Comes, waits to be let in, keeps its place until the end of the test.
  struct Queue {
    std::mutex mutex{};
    std::vector<int> let_in{};
    std::vector<Error> refused{};
    std::vector<Admission::Permit> permits{};
    std::size_t in() {
      const std::lock_guard lock(mutex);
      return let_in.size();
    }
    std::size_t out() {
      const std::lock_guard lock(mutex);
      return refused.size();
    }
  };
  static Task<void> come(Admission& admission, Queue& queue, int number) {
    auto permit = co_await admission.admit();
    const std::lock_guard lock(queue.mutex);
    if (!permit) {
      queue.refused.push_back(permit.error());
      co_return;
    }
    queue.let_in.push_back(number);
    queue.permits.push_back(*std::move(permit));
  }

  SystemClock clock;
  LogId log_id{"0192f0c5-0000-7000-8000-000000000000"};
  std::unique_ptr<eventlog::MemoryLog> log = eventlog::make_memory_log(log_id, log_created());
  eventlog::EventWriter writer{*log, clock};
  std::unique_ptr<views::MemoryStore> store = views::make_memory_store({}, clock);
  views::View view{"issuance", *store, views::View::Notified::by_runner};
  access::Access access{{}};
  access::Denials denials{writer, clock};
  async::Pools pools;
  metrics::Registry registry;
  settings::Configuration configuration;
  Admission::Limits limits{256, std::chrono::seconds(2)};
};

TEST_F(AdmissionTest, LetsInWhileTheViewKeepsUp) {
  auto admission = admission_of(2);
  for (std::uint64_t offset = 1; offset <= 50; ++offset) {
    const auto permit = async::run_to_end(admission.admit());
    ASSERT_TRUE(permit);
    append(1);
    view_applies(offset);
  }
}

TEST_F(AdmissionTest, AsManyAsTheViewHasFoldedAreLetInAndInTheirOrder) {
  auto admission = admission_of(4);
  view_applies(0);
  append(4);
  Queue queue;
  async::LoopThread loop("clients");
  for (int i = 0; i < 10; ++i) loop.loop().spawn(come(admission, queue, i));
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(queue.in(), 0U);  // four stand in the log and not in the view
  const auto begun = std::chrono::steady_clock::now();
  for (std::uint64_t folded = 1; folded <= 4; ++folded) {
    view_applies(folded);
    wait_until([&] { return queue.in() >= folded; });
    // Each that was folded makes room for one, which may append another; who has not done so after 200 ms has no place any more.
    const std::size_t in = queue.in();
    if (std::chrono::steady_clock::now() - begun < 200ms) {
      EXPECT_EQ(in, folded);
    }
  }
  {
    const std::lock_guard lock(queue.mutex);
    queue.permits.clear();
  }
  wait_until([&] { return queue.in() >= 8; });
  const std::lock_guard lock(queue.mutex);
  std::vector<int> as_they_came(queue.let_in.size());
  std::iota(as_they_came.begin(), as_they_came.end(), 0);
  EXPECT_EQ(queue.let_in, as_they_came);
  queue.permits.clear();
}

TEST_F(AdmissionTest, AppendsThatAStalledLogHoldsTakePlacesToo) {
  auto admission = admission_of(3);
  view_applies(0);
  log->stall(true);
  Queue queue;
  std::latch appended(3);
  async::LoopThread loop("clients");
  for (int i = 0; i < 3; ++i) {
    loop.loop().spawn([](eventlog::EventWriter& into, std::latch& done) -> Task<void> {
      EXPECT_TRUE(co_await into.append(draft()));
      done.count_down();
    }(writer, appended));
  }
  wait_until([&] { return writer.progress().under_way == 3; });
  loop.loop().spawn(come(admission, queue, 1));
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(queue.in(), 0U);
  log->stall(false);
  appended.wait();
  EXPECT_EQ(writer.progress().under_way, 0U);
  EXPECT_EQ(queue.in(), 0U);  // they stand in the log, and are not folded
  view_applies(1);
  wait_until([&] { return queue.in() == 1; });
  queue.permits.clear();
}

TEST_F(AdmissionTest, WhoWaitsTooLongIsToldWhenToComeAgain) {
  auto admission = admission_of(1, 500ms);
  view_applies(0);
  append(1);
  Queue queue;
  {
    async::LoopThread loop("clients");
    for (int i = 0; i < 40; ++i) loop.loop().spawn(come(admission, queue, i));
    wait_until([&] { return queue.out() == 40; });
  }
  EXPECT_EQ(queue.in(), 0U);
  for (const Error& refused : queue.refused) {
    EXPECT_EQ(refused.code, ErrorCode::unavailable);
    EXPECT_EQ(refused.reason, "overloaded");
    EXPECT_GE(refused.retry_after_seconds, 1U);
  }
  // In 0.5 s the queue of 40 has not moved at all: at one in 0.5 s, who came now would wait 20 s.
  EXPECT_EQ(queue.refused.front().retry_after_seconds, 20U);
  EXPECT_EQ(queue.refused.back().retry_after_seconds, 1U);
  EXPECT_EQ(registry.counter("quicklime_writes_refused_total", "", {{"view", "issuance"}}).value(), 40U);
  // Whoever gave up left the queue.
  view_applies(1);
  EXPECT_TRUE(async::run_to_end(admission.admit()));
}

TEST_F(AdmissionTest, WhoIsLetInAndWaitsForSomethingElseKeepsNobodyOut) {
  auto admission = admission_of(1);
  const auto idle = async::run_to_end(admission.admit());
  ASSERT_TRUE(idle);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(async::run_to_end(admission.admit()));
}

TEST_F(AdmissionTest, WhoGoesAwayWhileWaitingLeavesTheQueue) {
  auto admission = admission_of(1);
  view_applies(0);
  append(1);
  Queue queue;
  {
    async::LoopThread loop("clients");
    for (int i = 0; i < 5; ++i) loop.loop().spawn(come(admission, queue, i));
    std::this_thread::sleep_for(30ms);
  }  // their loop is gone
  view_applies(1);
  EXPECT_TRUE(async::run_to_end(admission.admit()));
  EXPECT_EQ(queue.in() + queue.out(), 0U);
}

TEST_F(AdmissionTest, AViewThatNobodyTellsOfIsLookedAt) {
  const auto stand_at = [&](std::uint64_t offset) {
    const auto state = *store->state();
    ASSERT_TRUE(
        store->apply(state ? std::optional(state->anchor.position) : std::nullopt, {}, views::State{{log_id, {0, offset}, {}, {}}, 1, ""}));
  };
  views::View polled("issuance", *store, views::View::Notified::by_polling);
  Admission admission(polled, writer, {2, kPatience}, registry);
  stand_at(0);
  ASSERT_TRUE(async::run_to_end(polled.meta()));
  append(2);
  Queue queue;
  async::LoopThread loop("clients");
  for (int i = 0; i < 2; ++i) loop.loop().spawn(come(admission, queue, i));
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(queue.in(), 0U);
  stand_at(2);
  wait_until([&] { return queue.in() == 2; });
  const std::lock_guard lock(queue.mutex);
  queue.permits.clear();
}

// The careful client, who waits until the view has judged what it appended, and the one who does not, under a fold that is
// slower than both: neither starves the other, and what is in the log is never far ahead of the view.
TEST_F(AdmissionTest, WithAndWithoutAKeyTheyShare) {
  constexpr std::size_t kLimit = 8;
  constexpr int kClientsOfEachKind = 16;
  auto admission = admission_of(kLimit);
  view_applies(0);
  std::atomic<bool> ended{false};
  std::atomic<std::uint64_t> keyed{0}, plain{0}, ahead{0}, folded{0};
  const auto client = [](eventlog::EventWriter& into, views::View& judged, Admission& at, std::atomic<std::uint64_t>& answered,
                         const std::atomic<bool>& end, bool waits, std::latch& left) -> Task<void> {
    while (!end) {
      const auto permit = co_await at.admit();
      if (!permit) break;
      const auto appended = co_await into.append(draft());
      if (!appended) break;
      if (waits) {
        const auto reached = co_await judged.reached(appended->position, kPatience);
        if (!reached) break;
      }
      ++answered;
    }
    left.count_down();
  };
  std::latch left(2 * kClientsOfEachKind);
  {
    async::LoopThread loops[2] = {async::LoopThread("a"), async::LoopThread("b")};
    for (int i = 0; i < kClientsOfEachKind; ++i) {
      loops[i % 2].loop().spawn(client(writer, view, admission, keyed, ended, true, left));
      loops[i % 2].loop().spawn(client(writer, view, admission, plain, ended, false, left));
    }
    // The fold: up to four events at a time.
    for (int batch = 0; batch < 200; ++batch) {
      wait_until([&] { return log->end()->offset - 1 > folded; });
      const std::uint64_t end = log->end()->offset - 1;
      ahead = std::max<std::uint64_t>(ahead, end - folded);
      folded = std::min(end, folded + 4);
      view_applies(folded);
      std::this_thread::sleep_for(1ms);
    }
    ended = true;
    while (!left.try_wait()) {
      folded = log->end()->offset - 1;
      view_applies(folded);
      std::this_thread::sleep_for(1ms);
    }
  }
  EXPECT_LE(ahead, 2 * kLimit);
  EXPECT_GT(keyed, plain / 2) << keyed << " with a key, " << plain << " without";
  EXPECT_GT(plain, keyed / 2) << keyed << " with a key, " << plain << " without";
}

// ---- in front of the routes

TEST_F(AdmissionTest, WritesWaitBeforeAnythingIsDoneForThemAndReadsDoNot) {
  limits.unfolded = 1;
  limits.wait = 20ms;
  std::atomic<int> handled{0};
  const auto handle = [](std::atomic<int>& count) -> Task<Answer> {
    ++count;
    co_return http::Response::json(200, "{}");
  };
  std::vector<Route> routes;
  for (const auto method : {http::Method::get, http::Method::post, http::Method::delete_}) {
    routes.push_back({method, "/v1/things", Access::anyone(), [&](Call&) { return handle(handled); }});
  }
  const auto here = context();
  const auto guarded = Guard(here, {admission()}).before(routes);
  const auto ask = [&](std::size_t route) {
    http::Request request{.target = "/v1/things", .path = "/v1/things"};
    return async::run_to_end(guarded[route].handler(request));
  };
  for (std::size_t route = 0; route < 3; ++route) EXPECT_TRUE(ask(route));
  EXPECT_EQ(handled, 3);
  view_applies(0);
  append(1);
  EXPECT_TRUE(ask(0));
  EXPECT_EQ(ask(1).error().reason, "overloaded");
  EXPECT_EQ(ask(2).error().reason, "overloaded");
  EXPECT_EQ(handled, 4);
  view_applies(1);
  EXPECT_TRUE(ask(1));
}

TEST_F(AdmissionTest, WhoWaitsForAPositionWaitsOutside) {
  limits.unfolded = 1;
  const std::vector<Route> routes{
      {http::Method::post, "/v1/things", Access::anyone(), [](Call&) -> Task<Answer> { co_return http::Response::json(200, "{}"); }}};
  const auto here = context();
  const auto guarded = Guard(here, {admission()}).before(routes);
  view_applies(0);
  async::LoopThread loop("strangers");
  std::latch waited(20);
  http::Request ahead{.target = "/v1/things", .path = "/v1/things"};
  ahead.headers.set("Quicklime-Min-Position", "0.999");
  for (int i = 0; i < 20; ++i) {
    loop.loop().spawn([](const http::Handler& handler, const http::Request& request, std::latch& done) -> Task<void> {
      EXPECT_EQ((co_await handler(request)).error().reason, "view-behind");
      done.count_down();
    }(guarded[0].handler, ahead, waited));
  }
  std::this_thread::sleep_for(20ms);
  http::Request request{.target = "/v1/things", .path = "/v1/things"};
  EXPECT_TRUE(async::run_to_end(guarded[0].handler(request)));
  waited.wait();
}

}  // namespace
}  // namespace quicklime::api
