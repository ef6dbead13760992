#!/usr/bin/env python3
"""A long log: made, moved from SQLite to Kafka, and folded into every view of both shapes.

    apt-get install wrk
    cmake --preset release && cmake --build --preset release
    /usr/bin/python3 tests/bench/million.py [--events 1000000]

Prints, for each step, seconds and events a second; for each view in Redis also its bytes a certificate (what used_memory grows by when a
second copy of the view is folded beside the first). Needs about 6 GB under /tmp for a million events.
"""

import argparse
import pathlib
import shutil
import sqlite3
import sys
import time

for folder in ("integration", "support", "cluster", "bench"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / folder))

from running_ca import REPOSITORY, RunningCA, run, wait_until  # noqa: E402
from running_cluster import PROGRAMS, RunningCluster  # noqa: E402
from shapes import administrator, issuing_load  # noqa: E402
from view_dump import ROLES  # noqa: E402

HOUR = 3600


def timed(what, events, work):
    begun = time.monotonic()
    result = work()
    took = time.monotonic() - begun
    print(f"{what:44} {took:8.1f} s   {events / took:10.0f} events/s", flush=True)
    return result


def quicklime(*arguments, data, program="quicklime"):
    return run(f"{PROGRAMS}/{program}", *arguments, "--data", data, timeout=HOUR)


def in_file(data):
    with sqlite3.connect(f"file:{data}/log.db?mode=ro", uri=True) as database:
        return database.execute("SELECT max(offset) + 1 FROM events").fetchone()[0]


def make_log(events):
    """An embedded CA that has issued so many certificates; stopped."""
    ca = RunningCA()
    load = issuing_load(administrator(ca), 20)
    begun, end = time.monotonic(), 0
    while end < events:
        load.run(f"https://127.0.0.1:{ca.https}")
        end = in_file(ca.data)
    took = time.monotonic() - begun
    print(f"{'issued over TLS, one by one, 64 at a time':44} {took:8.1f} s   {end / took:10.0f} events/s", flush=True)
    ca.stop()
    return ca, end


class LongCluster(RunningCluster):
    """Its CA was embedded, and issued all of that."""

    def __init__(self, ca, events):
        self.ca, self.count = ca, events
        super().__init__()

    def prepare(self):
        servers = run(REPOSITORY / "scripts/kafka.sh", "start", self.directory / "kafka", "--port", str(self.port + 92), timeout=200).stdout
        new, file = self.directory / "ca", self.directory / "log.jsonl"
        timed("log export --seal", self.count, lambda: quicklime("log", "export", file, "--seal", data=self.ca.data))
        new.mkdir(mode=0o700)
        shutil.copytree(self.ca.data / "ca", new / "ca")
        shutil.copy(self.ca.data / "quicklime.toml", new)
        kept, self.ca.data = self.ca.data, new
        self.ca.configure(kafka__bootstrap_servers=servers.strip(), kafka__allow_single_replica=True)
        self.ca.data = kept
        timed("log import --log kafka", self.count, lambda: quicklime("log", "import", file, "--log", "kafka", data=new))
        file.unlink()
        self.environment["QUICKLIME_CLUSTER_PATIENCE"] = str(HOUR)

    def script(self, *arguments, timeout=HOUR):
        return super().script(*arguments, timeout=timeout)

    def memory(self):
        lines = self.redis("INFO", "memory").decode().splitlines()
        return int(next(line for line in lines if line.startswith("used_memory:")).split(":")[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    options = parser.parse_args()
    ca, events = make_log(options.events)
    try:
        timed("log verify", events, lambda: quicklime("log", "verify", data=ca.data))
        timed("views rebuild: six views in SQLite", events, lambda: quicklime("views", "rebuild", data=ca.data))
        cluster = LongCluster(ca, events)
        try:
            for role in ROLES:
                before = cluster.memory()
                timed(f"quicklime-projector-{role} rebuild", events,
                      lambda: quicklime("rebuild", data=cluster.directory / f"projector-{role}", program=f"quicklime-projector-{role}"))  # noqa: B023
                print(f"{'':44} {(cluster.memory() - before) / events:8.1f} bytes in Redis a certificate", flush=True)
        finally:
            cluster.remove()
    finally:
        ca.remove()


if __name__ == "__main__":
    main()
