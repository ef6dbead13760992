#include "crypto/random.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace quicklime::crypto {
namespace {

TEST(Random, GivesWhatWasAskedAndNeverTheSame) {
  for (const std::size_t count : {0U, 1U, 16U, 1024U, 8191U, 8192U, 100'000U}) EXPECT_EQ(random_bytes(count).size(), count);
  std::set<std::string> seen;
  for (int i = 0; i < 2000; ++i) EXPECT_TRUE(seen.insert(random_bytes(16)).second);
  EXPECT_EQ(random_secret(32).reveal().size(), 32U);
  EXPECT_NE(random_secret(32).reveal(), random_secret(32).reveal());
}

TEST(Random, ThreadsDrawDifferentBytes) {
  std::mutex mutex;
  std::set<std::string> seen;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        const std::string bytes = random_bytes(16);
        const std::lock_guard lock(mutex);
        EXPECT_TRUE(seen.insert(bytes).second);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Random, AForkedChildDoesNotRepeatItsParent) {
  (void)random_bytes(16);  // the pool is filled before the fork
  int channel[2];
  ASSERT_EQ(::pipe(channel), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string bytes = random_bytes(16);
    ::_exit(::write(channel[1], bytes.data(), bytes.size()) == 16 ? 0 : 1);
  }
  ASSERT_GT(child, 0);
  const std::string ours = random_bytes(16);
  std::string theirs(16, '\0');
  ASSERT_EQ(::read(channel[0], theirs.data(), theirs.size()), 16);
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(channel[0]);
  ::close(channel[1]);
  EXPECT_EQ(status, 0);
  EXPECT_NE(ours, theirs);
}

TEST(SerialNumbers, ArePositiveSixteenOctetsAndDistinct) {
  std::set<SerialNumber> seen;
  for (int i = 0; i < 2000; ++i) {
    const SerialNumber serial = random_serial_number();
    ASSERT_EQ(serial.octets().size(), 16U);
    EXPECT_LT(static_cast<unsigned char>(serial.octets().front()), 0x80U);
    EXPECT_TRUE(seen.insert(serial).second);
  }
}

// RFC 9562 section 5.7
TEST(Uuid, HasVersionVariantAndTime) {
  const Instant then = Instant::from_milliseconds(0x017F22E279B0);  // the example of RFC 9562 appendix A.6
  const std::string uuid = uuid_v7(then);
  ASSERT_EQ(uuid.size(), 36U);
  EXPECT_EQ(uuid.substr(0, 15), "017f22e2-79b0-7");
  EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
  EXPECT_EQ(uuid.find_first_not_of("0123456789abcdef-"), std::string::npos);
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) EXPECT_EQ(uuid[dash], '-');
  EXPECT_LT(uuid, uuid_v7(then + Milliseconds(1)));
  EXPECT_NE(uuid_v7(then), uuid_v7(then));
}

}  // namespace
}  // namespace quicklime::crypto
