#!/usr/bin/env python3
"""The two shapes of Quicklime side by side on this machine: embedded (SQLite), and daemons over Kafka and Redis.

    apt-get install wrk eatmydata
    cmake --preset release && cmake --build --preset release
    /usr/bin/python3 tests/bench/shapes.py [--rounds 3] [--seconds 8]

Issuing: 64 TLS connections that stay, certificates a second, against one P-256 verify and one sign of `openssl speed` on the same processor;
then the same with a log that is not durable (eatmydata turns fsync into nothing). OCSP: 64 plain connections that ask for 500 certificates
in turn. Who answers runs on one processor; projections, Kafka, nginx and the load on the other. Redis stands on the processor of the OCSP
daemon, and its time is counted with the daemon's. Rounds are interleaved, and each side begins on a quiet machine; each ratio is made inside
a round, and the median is printed. A round in which a request was refused is shown, not counted, and made again.
"""

import argparse
import base64
import contextlib
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

for folder in ("integration", "support", "cluster"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / folder))

from running_ca import RunningCA, free_port, new_csr, openssl, run, wait_until  # noqa: E402
from running_cluster import RunningCluster  # noqa: E402

ANSWERING, REST = "0", "1"  # processors
CONNECTIONS = 64

ISSUE = """
wrk.method = "POST"
wrk.path = "/v1/certificates"
wrk.headers["Content-Type"] = "application/pkcs10"
wrk.headers["Authorization"] = "Bearer %s"
wrk.body = %s
"""
ASK = """
local requests = {%s}
local i = 0
request = function()
  i = i %% #requests + 1
  return wrk.format("POST", "/ocsp", {["Content-Type"] = "application/ocsp-request"}, requests[i])
end
"""
COUNT = """
local threads = {}
function setup(thread) table.insert(threads, thread) end
function init() refused = 0 end
function response(status) if status ~= 200 and status ~= 201 then refused = refused + 1 end end
function done(summary)
  local refused = 0
  for _, thread in ipairs(threads) do refused = refused + thread:get("refused") end
  print("answers " .. summary.requests .. " refused " .. refused .. " microseconds " .. summary.duration)
end
"""


def lua_bytes(octets):
    return '"' + "".join(f"\\{octet:03d}" for octet in octets) + '"'


def cpu_seconds(*pids):
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def projection_seconds(pid):
    """Of the thread that folds, in the embedded shape."""
    for thread in pathlib.Path(f"/proc/{pid}/task").iterdir():
        if (thread / "comm").read_text().strip() == "projections":
            return cpu_seconds(f"{pid}/task/{thread.name}")
    raise AssertionError("nobody folds")


def place(pid, processor):
    run("taskset", "-a", "-p", "-c", processor, pid)


def place_embedded(ca):
    place(ca.pid(), ANSWERING)
    for thread in pathlib.Path(f"/proc/{ca.pid()}/task").iterdir():
        if (thread / "comm").read_text().strip() == "projections":
            run("taskset", "-p", "-c", REST, thread.name)


def busy_seconds():
    """Of all processors, since the machine started."""
    fields = [int(field) for field in pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    return (sum(fields[:3]) + sum(fields[5:8])) / os.sysconf("SC_CLK_TCK")


def wait_for_quiet():
    """What was issued in one measurement is folded on, behind it: that must not fall into the next."""
    for _ in range(240):
        before = busy_seconds()
        time.sleep(0.5)
        if busy_seconds() - before < 0.1:
            return
    raise SystemExit("this machine is busy with something else")


class Load:
    """wrk with one script, again and again."""

    def __init__(self, script, seconds):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".lua")
        self.file.write(script + COUNT)
        self.file.flush()
        self.seconds = seconds

    def run(self, url):
        """(answers a second, refused)"""
        said = run("taskset", "-c", REST, "wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{self.seconds}s", "-s", self.file.name, url,
                   timeout=self.seconds + 60).stdout
        answers, refused, microseconds = (int(number) for number in re.search(r"answers (\d+) refused (\d+) microseconds (\d+)", said).groups())
        return (answers - refused) / microseconds * 1e6, refused


class Side:
    """Something that answers: where, and which processes do."""

    def __init__(self, name, load, url, pids, folding=lambda: 0.0):
        self.name, self.load, self.url, self.pids, self.folding = name, load, url, pids, folding

    def measure(self):
        """(answers a second, microseconds of processor time an answer, of folding an answer, refused)"""
        before, folded, begun = cpu_seconds(*self.pids), self.folding(), time.monotonic()
        rate, refused = self.load.run(self.url)
        count = max(1, rate * self.load.seconds)
        assert time.monotonic() - begun < self.load.seconds + 10
        spent, folds = cpu_seconds(*self.pids) - before, self.folding() - folded
        return rate, (spent - folds) / count * 1e6, folds / count * 1e6, refused


def crypto_bound(seconds):
    """One verify and one sign, as often as one processor can in a second."""
    said = run("taskset", "-c", ANSWERING, "openssl", "speed", "-seconds", str(max(1, seconds // 4)), "ecdsap256").stdout
    sign, verify = (float(number) for number in said.splitlines()[-1].split()[-2:])
    return 1 / (1 / sign + 1 / verify)


def settings(ca):
    ca.configure(threads=1)
    return ca


@contextlib.contextmanager
def embedded(environment=None):
    ca = settings(RunningCA(start=False)).start(environment)
    try:
        place_embedded(ca)
        yield ca
    finally:
        ca.remove()


def administrator(ca):
    return ca.cli_json("token", "create", "bench", "--role", "administrator", "--days", "1")["token"]


def der_of(csr):
    return base64.b64decode("".join(csr.splitlines()[1:-1]))


def issuing_load(token, seconds):
    csr = new_csr("DNS:bench.internal")
    return Load(ISSUE % (token, lua_bytes(der_of(csr))), seconds)


def ocsp_load(issuing, serials, seconds):
    """Requests as openssl makes them."""
    with tempfile.TemporaryDirectory() as folder:
        requests = []
        for serial in serials:
            openssl("ocsp", "-issuer", issuing, "-serial", "0x" + serial, "-no_nonce", "-reqout", f"{folder}/request")
            requests.append(pathlib.Path(f"{folder}/request").read_bytes())
    return Load(ASK % ",".join(map(lua_bytes, requests)), seconds)


class OneThread(RunningCluster):
    """Every daemon has one thread; ocsp-1 answers plain HTTP, too."""

    def restart(self, home, ready, *lines):
        path = self.directory / home / "quicklime.toml"
        text = path.read_text()
        for old, new in lines:
            assert old in text, old
            text = text.replace(old, new)
        path.write_text("threads = 1\n" + text)
        self.kill(home)
        self.start(home)
        wait_until(ready, within=30, what=home)

    def place(self):
        self.ocsp_port = free_port()
        self.restart("ocsp-1", lambda: self.is_ready("ocsp", 1), ('http = ""', f'http = "127.0.0.1:{self.ocsp_port}"'))
        self.restart("issuance-1", lambda: self.is_ready("issuance", 1))
        for home in self.directory.glob("*/pid"):
            place(home.read_text().strip(), REST)
        place(self.broker_pid(), REST)
        for home in ("issuance-1", "ocsp-1", "redis"):
            place(self.pid(home), ANSWERING)
        return self


def table(title, rows):
    print(f"\n{title}")
    for row in rows:
        print("  " + row)
    sys.stdout.flush()


def rounds(sides, count, yardstick=None):
    """{name: [measured]}, interleaved; a round in which anything was refused is not counted."""
    found, bound = {side.name: [] for side in sides}, []
    for number in range(1, 3 * count + 1):
        wait_for_quiet()  # for the yardstick, too
        limit, measured = yardstick() if yardstick else None, {}
        for side in sides:
            wait_for_quiet()
            rate, spent, folds, refused = side.measure()
            print(f"  round {number}  {side.name:28} {rate:8.0f}/s   {spent:6.1f} us each"
                  f"{f', folding {folds:.1f} us' if folds else ''}{f', {refused} refused' if refused else ''}", flush=True)
            if not refused:
                measured[side.name] = (rate, spent)
        if len(measured) == len(sides):
            bound.append(limit)
            for name, one in measured.items():
                found[name].append(one)
        if len(bound) == count:
            return found, bound
    raise SystemExit("too many rounds were disturbed; on a quiet machine again")


def ratio(of, against, which):
    return statistics.median(a[which] / b[which] for a, b in zip(of, against))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=8)
    options = parser.parse_args()
    cluster = OneThread().place()
    eatmydata = pathlib.Path(run("sh", "-c", "ls /usr/lib/*/libeatmydata.so").stdout.strip())
    try:
        with embedded() as ca, embedded({"LD_PRELOAD": str(eatmydata)}) as careless:
            bootstrap = f"https://localhost:{cluster.port + 444}"
            shapes = [
                Side("embedded", issuing_load(administrator(ca), options.seconds), f"https://127.0.0.1:{ca.https}", [ca.pid()],
                     lambda: projection_seconds(ca.pid())),
                Side("embedded, not durable", issuing_load(administrator(careless), options.seconds), f"https://127.0.0.1:{careless.https}",
                     [careless.pid()], lambda: projection_seconds(careless.pid())),
                Side("daemon, Kafka and Redis", issuing_load(cluster.token, options.seconds), bootstrap, [cluster.pid("issuance-1")]),
            ]
            print("issuing")
            found, bound = rounds(shapes, options.rounds, lambda: crypto_bound(options.seconds))
            kept, lost, cluster_side = (found[side.name] for side in shapes)
            limit = [(rate, 1e6 / rate) for rate in bound]
            table("issuing, ratios", [
                f"embedded / crypto bound                          {ratio(kept, limit, 0):.2f}   (row 2: at least 0.60)",
                f"embedded / embedded and not durable              {ratio(kept, lost, 0):.2f}   (row 7: at least 0.90)",
                f"daemon with Kafka and Redis / crypto bound       {ratio(cluster_side, limit, 0):.2f}",
                f"daemon with Kafka and Redis / embedded           {ratio(cluster_side, kept, 0):.2f}",
                f"processor time, daemon / embedded                {ratio(cluster_side, kept, 1):.2f}",
            ])

            serials = [one["serial"] for one in ca.request("GET", "/v1/certificates?limit=500").json["certificates"]]
            theirs = [one["serial"] for one in cluster.request("GET", "/v1/certificates?limit=500").json["certificates"]]
            issuing = cluster.directory / "issuing.pem"
            issuing.write_bytes(cluster.fetch("/ca/issuing-1.pem").body)
            assert ca.ocsp(serials[0]) == cluster.ocsp(theirs[0]) == "good"
            sides = [
                Side("embedded", ocsp_load(ca.issuing(), serials, options.seconds), f"http://127.0.0.1:{ca.http}", [ca.pid()]),
                Side("daemon with redis-server", ocsp_load(issuing, theirs, options.seconds), f"http://127.0.0.1:{cluster.ocsp_port}",
                     [cluster.pid("ocsp-1"), cluster.pid("redis")]),
            ]
            print("\nOCSP")
            for side in sides:
                side.load.run(side.url)  # warm
            found, _ = rounds(sides, options.rounds)
            ours, redis = (found[side.name] for side in sides)
            table("OCSP, ratios", [
                f"daemon with Redis / embedded, answers a second   {ratio(redis, ours, 0):.2f}   (row 6: at least 0.85)",
                f"processor time with redis-server / embedded      {ratio(redis, ours, 1):.2f}",
            ])
    finally:
        cluster.remove()


if __name__ == "__main__":
    main()
