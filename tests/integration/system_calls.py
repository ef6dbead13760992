"""What a process asked of the kernel, by strace."""

import re

DURABLE = {"fsync", "fdatasync", "sync_file_range", "msync", "rename", "renameat", "renameat2", "link", "linkat"}
CALL = re.compile(r"^(?:[\d.]+ )?(\w+)\((.*)$")
MARK = re.compile(r'^-1, "crash point ([^"]+)"')


def strace(folder, calls=DURABLE):
    """A command in front of another: one file a thread in this folder."""
    return ["strace", "-ff", "-o", str(folder / "trace"), "-e", "trace=" + ",".join(sorted(calls)), "-e", "signal=none", "-s", "200"]


def calls_by_thread(folder):
    """[(name, arguments)] of each thread, in order."""
    for file in sorted(folder.glob("trace.*")):
        calls = []
        for line in file.read_text(errors="replace").splitlines():
            if match := CALL.match(line):
                calls.append(match.groups())
        yield calls


def count(folder, names):
    return sum(1 for calls in calls_by_thread(folder) for name, _ in calls if name in names)


def outside_crash_points(folder):
    """Durable calls that stand between no <name>.before and <name>.after of their thread."""
    for calls in calls_by_thread(folder):
        inside = []
        for name, arguments in calls:
            mark = MARK.match(arguments) if name == "write" else None
            if mark and mark[1].endswith(".before"):
                inside.append(mark[1].removesuffix(".before"))
            elif mark and mark[1].endswith(".after"):
                if inside and inside[-1] == mark[1].removesuffix(".after"):
                    inside.pop()
            elif name in DURABLE and not inside:
                yield f"{name}({arguments}"
