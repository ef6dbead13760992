#include "ocsp/answer_cache.hpp"

#include <gtest/gtest.h>

#include "ocsp/view.hpp"

namespace quicklime::ocsp {
namespace {

std::shared_ptr<const Answer> answer(const std::string& cert_id) {
  const auto now = Instant::from_seconds(0);
  return std::make_shared<const Answer>(Answer{cert_id, "der of " + cert_id, "", "", "", now, now, nullptr});
}
views::Changes change(const std::string& key) {
  views::Changes changes;
  changes.points[{kStatusSpace, key}] = "revoked";
  changes.points[{"authority", key}] = "something else";
  return changes;
}

TEST(AnswerCache, KeepsOneAnswerForEachFormOfACertId) {
  AnswerCache cache(1000);
  cache.store("issuing-1/a", {0, 1}, answer("sha1"));
  cache.store("issuing-1/a", {0, 1}, answer("sha256"));
  EXPECT_EQ(cache.find("issuing-1/a", "sha1")->der, "der of sha1");
  EXPECT_EQ(cache.find("issuing-1/a", "sha256")->der, "der of sha256");
  EXPECT_EQ(cache.find("issuing-1/a", "another"), nullptr);
  EXPECT_EQ(cache.find("issuing-1/b", "sha1"), nullptr);
}

TEST(AnswerCache, DropForgetsEveryForm) {
  AnswerCache cache(1000);
  cache.store("k", {0, 1}, answer("sha1"));
  cache.store("k", {0, 1}, answer("sha256"));
  cache.drop(change("k"), {0, 2});
  EXPECT_EQ(cache.find("k", "sha1"), nullptr);
  EXPECT_EQ(cache.find("k", "sha256"), nullptr);
}

TEST(AnswerCache, AnAnswerReadBeforeTheChangeComesTooLate) {
  AnswerCache cache(1000);
  cache.drop(change("k"), {0, 7});
  cache.store("k", {0, 6}, answer("read before"));
  EXPECT_EQ(cache.find("k", "read before"), nullptr);
  cache.store("k", {0, 7}, answer("read after"));
  EXPECT_NE(cache.find("k", "read after"), nullptr);
  cache.drop(change("k"), {1, 0});
  cache.store("k", {0, 9}, answer("of another epoch"));
  EXPECT_EQ(cache.find("k", "of another epoch"), nullptr);
}

TEST(AnswerCache, IsBoundedAndKeepsWhatIsAskedFor) {
  AnswerCache cache(6400);
  cache.store("asked", {}, answer("x"));
  int kept = 0;
  for (int index = 0; index < 64'000; ++index) {
    cache.store("key " + std::to_string(index), {}, answer("x"));
    if (index % 10 == 0) {
      ASSERT_NE(cache.find("asked", "x"), nullptr) << index;
    }
  }
  for (int index = 0; index < 64'000; ++index) kept += cache.find("key " + std::to_string(index), "x") ? 1 : 0;
  EXPECT_LE(kept, 6400);
  EXPECT_GE(kept, 3000);
}

TEST(AnswerCache, OfSizeZeroKeepsNothing) {
  AnswerCache cache(0);
  cache.store("k", {}, answer("x"));
  EXPECT_EQ(cache.find("k", "x"), nullptr);
}

}  // namespace
}  // namespace quicklime::ocsp
