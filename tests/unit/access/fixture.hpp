#pragma once
// A view with tokens and sessions in it, folded by hand.

#include <gtest/gtest.h>

#include "access/identity.hpp"
#include "access/principal.hpp"
#include "access/session.hpp"
#include "access/token.hpp"
#include "views/memory_store.hpp"

namespace quicklime::access::test {

class FixedClock final : public Clock {
 public:
  Instant now() const override { return now_; }
  Instant now_ = *Instant::parse("2026-11-21T01:02:03.456Z");
};

inline events::Event event(Instant time, events::Data data, events::Actor actor = {events::Actor::Kind::control, "root"},
                           unsigned rules = 2) {
  return {.id = EventId("e"),
          .time = time,
          .writer = {"w", 1},
          .actor = std::move(actor),
          .request = RequestId("r"),
          .data = std::move(data),
          .rules = rules};
}

class TokenView {
 public:
  TokenView() : store(views::make_memory_store(with_principals({}), clock)), view("issuance", *store, views::View::Notified::by_runner) {}

  // The offset of the next event that is folded.
  std::uint64_t next() const { return *store->state() ? (*store->state())->anchor.position.offset + 1 : 0; }

  NewToken make(const std::string& role, std::vector<std::string> names = {"*.internal"}) {
    NewToken token = make_token();
    fold(events::TokenCreated{.token = token.id,
                              .name = "ci",
                              .secret_sha256 = token.secret_sha256,
                              .role = role,
                              .profiles = {"tls-server"},
                              .names = std::move(names),
                              .not_after = clock.now_ + std::chrono::hours(24)});
    return token;
  }

  void fold(events::Data data, events::Actor actor = {events::Actor::Kind::control, "root"}, unsigned rules = 2) {
    class OneEvent final : public views::Fold {
     public:
      explicit OneEvent(views::ViewStore& store) : store_(store) {}
      std::optional<std::string> get(std::string_view space, std::string_view key) override {
        return store_.load({{std::string(space), std::string(key)}})->front();
      }
      void put(std::string_view space, std::string_view key, std::string value) override {
        changes.points[{std::string(space), std::string(key)}] = std::move(value);
      }
      void erase(std::string_view space, std::string_view key) override {
        changes.points[{std::string(space), std::string(key)}] = std::nullopt;
      }
      void insert(std::string_view, std::string_view) override { ADD_FAILURE() << "tokens have no index"; }
      void remove(std::string_view, std::string_view) override { ADD_FAILURE() << "tokens have no index"; }
      views::Changes changes;

     private:
      views::ViewStore& store_;
    } fold(*store);
    std::optional<Position> expected;
    if (const auto state = *store->state()) expected = state->anchor.position;
    const Position next{0, expected ? expected->offset + 1 : 0};
    const events::Event folded = event(clock.now_, std::move(data), std::move(actor), rules);
    fold_principals({folded, next, {}}, fold);
    ASSERT_TRUE(store->apply(expected, fold.changes, {.anchor = {LogId("log"), next, {}, {}}, .version = 1, .writers = {}}));
    ASSERT_TRUE(store->caught_up(clock.now_));
  }

  FixedClock clock;
  std::unique_ptr<views::MemoryStore> store;
  views::View view;
};

inline Credentials bearer(std::string_view text) {
  Credentials credentials;
  credentials.bearer = Secret::copy_of(text);
  return credentials;
}

}  // namespace quicklime::access::test
