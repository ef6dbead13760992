#pragma once
// This program's own pwrite64, which the dynamic linker puts before libc's: the disk under SQLite fails on demand.

namespace disk_faults {
void fail_next_write();  // with EIO
}  // namespace disk_faults
