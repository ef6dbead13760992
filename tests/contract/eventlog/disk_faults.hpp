#pragma once
// The disk under SQLite, as far as a test must count or break it: this program's own fdatasync and
// pwrite64, which the dynamic linker puts before libc's.

#include <cstdint>

namespace disk_faults {
std::uint64_t syncs();       // of this process so far
void hold_syncs(bool held);  // they wait until it is over
void fail_next_sync();       // with EIO, after the data has reached the file
void fail_next_write();      // with ENOSPC, before it has
}  // namespace disk_faults
