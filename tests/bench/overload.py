#!/usr/bin/env python3
"""What is left of issuing when twice as much is asked as the CA can do, with an Idempotency-Key and without.

    apt-get install wrk
    cmake --preset release && cmake --build --preset release --target quicklime
    /usr/bin/python3 tests/bench/overload.py [--connections 64] [--seconds 20] [--rounds 3]

Embedded, everything on one machine: the CA answers on one processor with one thread, and folds there too; the load runs on the other.
Goodput is certificates answered a second, over the second half of each run, so that what a queue can hide for some seconds is not counted.
Capacity is what `connections` get; then twice as many ask, and then as many with a key and as many without at once. Printed are ratios.
"""

import argparse
import re
import statistics
import subprocess
import tempfile
import time

from shapes import ANSWERING, REST, RunningCA, administrator, cpu_seconds, der_of, lua_bytes, new_csr, place, settings, wait_for_quiet

# Each request has a key of its own. Only what is answered in the second half counts.
ASK = """
local threads = {}
local number = 0
function setup(thread)
  thread:set("thread", #threads)
  table.insert(threads, thread)
end
function init()
  good, refused, made, begun = 0, 0, 0, os.time()
end
wrk.headers["Content-Type"] = "application/pkcs10"
wrk.headers["Authorization"] = "Bearer %(token)s"
request = function()
  made = made + 1
  if %(keyed)s then wrk.headers["Idempotency-Key"] = "%(run)s-" .. thread .. "-" .. made end
  return wrk.format("POST", "/v1/certificates", nil, %(body)s)
end
function response(status)
  if os.time() - begun < %(skip)d then return end
  if status == 201 then good = good + 1 else refused = refused + 1 end
end
function done(summary)
  local good, refused = 0, 0
  for _, one in ipairs(threads) do
    good = good + one:get("good")
    refused = refused + one:get("refused")
  end
  print("good " .. good .. " refused " .. refused .. " answers " .. summary.requests)
end
"""


class Load:
    def __init__(self, token, keyed, seconds):
        self.seconds = seconds
        self.values = {"token": token, "keyed": "true" if keyed else "false", "body": lua_bytes(der_of(new_csr("DNS:bench.internal"))),
                       "skip": seconds // 2}

    def start(self, url, connections):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".lua")
        self.file.write(ASK % {**self.values, "run": f"{time.time_ns()}"})
        self.file.flush()
        self.process = subprocess.Popen(["taskset", "-c", REST, "wrk", "-t", "1", "-c", str(connections), "-d", f"{self.seconds}s",
                                         "--timeout", "20s", "-s", self.file.name, url], stdout=subprocess.PIPE, text=True)
        return self

    def goodput(self):
        """Certificates a second and refusals a second, of the second half; answers, of the whole."""
        said, _ = self.process.communicate(timeout=self.seconds + 60)
        good, refused, answers = (int(number) for number in re.search(r"good (\d+) refused (\d+) answers (\d+)", said).groups())
        measured = self.seconds - self.seconds // 2
        return good / measured, refused / measured, answers


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--busy", action="store_true", help="do not wait for a quiet machine: believe the processor time alone")
    options = parser.parse_args()
    ca = settings(RunningCA(start=False)).start(None)
    try:
        place(ca.pid(), ANSWERING)
        url, token = f"https://127.0.0.1:{ca.https}", administrator(ca)
        loads = {"without a key": Load(token, False, options.seconds), "with a key": Load(token, True, options.seconds)}

        def measure(name, *of):
            """{kind: (goodput, processor time an answer)}"""
            if not options.busy:
                wait_for_quiet()
            before = cpu_seconds(ca.pid())
            running = [(kind, loads[kind].start(url, connections)) for kind, connections in of]
            found = {kind: load.goodput() for kind, load in running}
            cost = (cpu_seconds(ca.pid()) - before) / max(1, sum(answers for _, _, answers in found.values()))
            for kind, (good, refused, _) in found.items():
                print(f"  {name:14} {kind:14} {good:7.0f}/s answered {refused:7.0f}/s refused {cost * 1e6:7.0f} us each", flush=True)
            return {kind: (good, cost) for kind, (good, _, _) in found.items()}

        rounds = []
        for number in range(1, options.rounds + 1):
            print(f"round {number}")
            capacity, twice = {}, {}
            for kind in loads:
                capacity.update(measure("capacity", (kind, options.connections)))
                twice.update(measure("twice", (kind, 2 * options.connections)))
            rounds.append((capacity, twice, measure("both at once", *((kind, options.connections) for kind in loads))))

        def median(of):
            return statistics.median(of(*one) for one in rounds)

        print("\nat twice the load / at capacity: goodput, and goodput for the same processor time")
        for kind in loads:
            goodput = median(lambda capacity, twice, _: twice[kind][0] / capacity[kind][0])
            same_time = median(lambda capacity, twice, _: capacity[kind][1] / twice[kind][1])
            print(f"  {kind:14} {goodput:.2f} {same_time:.2f}   (at least 0.90)")
        print("both at once, of what each has alone")
        for kind in loads:
            print(f"  {kind:14} {median(lambda capacity, _, both: both[kind][0] / capacity[kind][0]):.2f}")
        print(f"  together       {median(lambda capacity, _, both: sum(both[kind][0] / capacity[kind][0] for kind in loads)):.2f}"
              "   (at least 0.90)")
    finally:
        ca.remove()


if __name__ == "__main__":
    main()
