#!/usr/bin/env python3
"""A long log folded into a view in Redis: a million certificates, unless told otherwise.

    cmake --preset release && cmake --build --preset release
    /usr/bin/python3 tests/bench/million.py [--certificates 1000000] [--views ocsp,crl]

Issues one certificate in a cluster on this machine, stops all but one projector, and writes that certificate's event again and again into the
topic, each time with another serial number. Prints how fast the projector follows, how fast `rebuild` folds a second copy beside the first, and
what a certificate of that copy costs in Redis. Needs 2 GB under /tmp for a million.
"""

import argparse
import json
import pathlib
import signal
import subprocess
import sys
import time
import urllib.request
import uuid

for folder in ("integration", "support", "cluster"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / folder))

from check_cluster import kind  # noqa: E402
from running_ca import run, wait_until  # noqa: E402
from running_cluster import PROGRAMS, ROLES, RunningCluster  # noqa: E402

HOUR = 3600


def write_certificates(cluster, serial, count):
    """The events of so many certificates behind each other, by a writer that nobody else is."""
    (event,) = [event for _, event in cluster.events() if kind(event) == "certificate.issued" and event["data"]["serial"] == serial]
    event["writer"] = f"{uuid.uuid4()}/@sequence@"
    own_id = event["id"]
    line = json.dumps(event, separators=(",", ":"))
    servers = (cluster.directory / "kafka/bootstrap").read_text().strip()
    kcat = subprocess.Popen(["kcat", "-P", "-q", "-b", servers, "-t", "quicklime", "-p", "0", "-X", "acks=all"], stdin=subprocess.PIPE, text=True)
    for number in range(1, count + 1):
        other = f"{number * 0x9E3779B97F4A7C15 & 0x7FFFFFFFFFFFFFFF:016x}{number:016x}"  # scattered, as random ones are
        kcat.stdin.write(line.replace(serial, other).replace(own_id, str(uuid.UUID(int=number))).replace("@sequence@", str(number)) + "\n")
    kcat.stdin.close()
    assert kcat.wait() == 0


def position(cluster, role):
    (meta,) = cluster.redis("KEYS", f"quicklime:{{{role.replace('-', '_')}:*:meta")
    return int(cluster.redis("HMGET", meta, "position")[0].split(b".")[1])


def used_memory(cluster):
    lines = cluster.redis("INFO", "memory").decode().splitlines()
    return int(next(line for line in lines if line.startswith("used_memory:")).split(":")[1])


def log_end(cluster):
    servers = (cluster.directory / "kafka/bootstrap").read_text().strip()
    return int(run("kcat", "-Q", "-b", servers, "-t", "quicklime:0:-1").stdout.split()[-1])


def timed(what, count, work):
    begun = time.monotonic()
    work()
    took = time.monotonic() - begun
    print(f"{what:44} {took:8.1f} s   {count / took:10.0f} certificates/s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--certificates", type=int, default=1_000_000)
    parser.add_argument("--views", default="ocsp")
    options = parser.parse_args()
    cluster = RunningCluster()
    try:
        serial = cluster.issue("measured.internal").json["serial"]
        for home in [f"projector-{role}" for role in ROLES] + [f"{role}-{replica}" for role in ROLES for replica in (1, 2)]:
            cluster.kill(home, signal.SIGTERM, within=60)
        timed("written by kcat", options.certificates, lambda: write_certificates(cluster, serial, options.certificates))
        end = log_end(cluster)
        for role in options.views.split(","):
            home = f"projector-{role}"
            cluster.start(home)
            timed(f"{home} follows", options.certificates,
                  lambda: wait_until(lambda: position(cluster, role) == end - 1, within=HOUR, what=role))  # noqa: B023
            before = used_memory(cluster)
            timed(f"quicklime-{home} rebuild", options.certificates,
                  lambda: run(f"{PROGRAMS}/quicklime-{home}", "rebuild", "--data", cluster.directory / home, timeout=HOUR))  # noqa: B023
            print(f"{'':44} {(used_memory(cluster) - before) / options.certificates:8.1f} bytes in Redis a certificate", flush=True)
            cluster.kill(home, signal.SIGTERM, within=60)
    finally:
        cluster.remove()


if __name__ == "__main__":
    main()
