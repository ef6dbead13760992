"""The clock of one CA's processes, in seconds beside the right one; the monotonic one goes on as it is.

    def test_...(clocked):
        ca = clocked()
        set_clock(ca, 3600)
"""

import pathlib

from running_ca import wait_until

FAKETIME = next(iter(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)


class Clock:
    def __init__(self, file):
        self.file = file
        self.set(0)

    def set(self, seconds):
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}\n")
        fresh.rename(self.file)

    def environment(self):
        assert FAKETIME, "the package faketime is not installed"
        return {"LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}


def set_clock(ca, seconds):
    """And waits until the views have been looked at since: for a second they are of another time, and nothing is decided by them."""
    ca.clock.set(seconds)
    wait_until(lambda: 0 <= ca.request("GET", "/v1/certificates?limit=1").json["age_seconds"] < 3, what="a view of this time")
