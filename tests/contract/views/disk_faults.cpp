#include "disk_faults.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace disk_faults {
namespace {
std::atomic<bool> write_fails{false};
}  // namespace
void fail_next_write() { write_fails = true; }
}  // namespace disk_faults

extern "C" ssize_t pwrite64(int descriptor, const void* bytes, size_t size, off64_t offset) {
  if (disk_faults::write_fails.exchange(false)) {
    errno = EIO;
    return -1;
  }
  return ::syscall(SYS_pwrite64, descriptor, bytes, size, offset);
}
