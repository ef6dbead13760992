#include "base/secret.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <new>
#include <type_traits>

namespace quicklime {
namespace {

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string> && !std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_convertible_v<std::string, Secret>, "what becomes a secret says so");

// A secret in storage that the test can look at after it is gone. Short ones lie within the object itself.
struct Storage {
  alignas(Secret) std::array<std::byte, sizeof(Secret)> bytes{};
  std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
};

TEST(Wipe, OverwritesTheWholeBuffer) {
  std::string bytes = "a long secret that is not kept inside the object";
  const char* at = bytes.data();
  const std::size_t capacity = bytes.capacity();
  bytes.resize(3);  // what stood behind is still there
  wipe(bytes);
  EXPECT_TRUE(bytes.empty());
  ASSERT_EQ(bytes.data(), at);
  for (std::size_t i = 0; i < capacity; ++i) EXPECT_EQ(at[i], '\0');
}

TEST(Secret, TakesTheBytesAndWipesTheArgument) {
  std::string given = "short secret";
  const Secret secret(std::move(given));
  EXPECT_EQ(secret.reveal(), "short secret");
  EXPECT_TRUE(given.empty());
  EXPECT_EQ(std::string_view(given.data(), 12), std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0", 12));
}

TEST(Secret, IsWipedWhenItDies) {
  Storage storage;
  auto* secret = new (storage.bytes.data()) Secret(Secret::copy_of("short secret"));
  ASSERT_NE(storage.view().find("short"), std::string_view::npos);
  secret->~Secret();
  EXPECT_EQ(storage.view().find("short"), std::string_view::npos);
}

TEST(Secret, IsWipedWhenItMoves) {
  Storage storage;
  auto* secret = new (storage.bytes.data()) Secret(Secret::copy_of("short secret"));
  const Secret moved(std::move(*secret));
  EXPECT_EQ(moved.reveal(), "short secret");
  EXPECT_TRUE(secret->empty());
  EXPECT_EQ(storage.view().find("short"), std::string_view::npos);
  secret->~Secret();
}

TEST(Secret, AssignmentReplacesAndWipes) {
  Storage storage;
  auto* target = new (storage.bytes.data()) Secret(Secret::copy_of("old secret"));
  Secret other = Secret::copy_of("x");
  *target = std::move(other);
  EXPECT_EQ(target->reveal(), "x");
  EXPECT_TRUE(other.empty());
  EXPECT_EQ(storage.view().find("ld secret"), std::string_view::npos);
  Secret& itself = *target;
  *target = std::move(itself);
  EXPECT_EQ(target->reveal(), "x");
  target->~Secret();
}

}  // namespace
}  // namespace quicklime
