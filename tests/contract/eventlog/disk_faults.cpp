#include "disk_faults.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace disk_faults {
namespace {
std::atomic<std::uint64_t> synced{0};
std::atomic<bool> syncs_held{false};
std::atomic<bool> sync_fails{false};
std::atomic<bool> write_fails{false};
}  // namespace

std::uint64_t syncs() { return synced; }
void hold_syncs(bool held) {
  syncs_held = held;
  syncs_held.notify_all();
}
void fail_next_sync() { sync_fails = true; }
void fail_next_write() { write_fails = true; }
}  // namespace disk_faults

extern "C" int fdatasync(int descriptor) {
  ++disk_faults::synced;
  disk_faults::syncs_held.wait(true);
  if (disk_faults::sync_fails.exchange(false)) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fdatasync, descriptor));
}

extern "C" ssize_t pwrite64(int descriptor, const void* bytes, size_t size, off64_t offset) {
  if (disk_faults::write_fails.exchange(false)) {
    errno = ENOSPC;
    return -1;
  }
  return ::syscall(SYS_pwrite64, descriptor, bytes, size, offset);
}
