#!/usr/bin/env python3
"""What is left of issuing when twice as much is asked as the CA can do, with an Idempotency-Key and without.

    apt-get install wrk
    cmake --preset release && cmake --build --preset release --target quicklime
    /usr/bin/python3 tests/bench/overload.py [--connections 64] [--seconds 20]

Embedded, everything on one machine: the CA answers on one processor with one thread, and folds there too; the load runs on the other.
Goodput is certificates answered a second, over the second half of each run, so that what a queue can hide for some seconds is not counted.
Capacity is what `connections` get; then twice as many ask, and then as many with a key and as many without at once. Printed are ratios.
"""

import argparse
import re
import tempfile
import time

from shapes import ANSWERING, REST, administrator, der_of, lua_bytes, place, settings, wait_for_quiet  # noqa: E402
from running_ca import RunningCA, new_csr, run  # noqa: E402
import subprocess

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
  print("good " .. good .. " refused " .. refused)
end
"""


class Load:
    def __init__(self, token, keyed, seconds):
        self.keyed, self.seconds, self.runs = keyed, seconds, 0
        self.values = {"token": token, "keyed": "true" if keyed else "false", "body": lua_bytes(der_of(new_csr("DNS:bench.internal"))),
                       "skip": seconds // 2}

    def start(self, url, connections):
        self.runs += 1
        self.file = tempfile.NamedTemporaryFile("w", suffix=".lua")
        self.file.write(ASK % {**self.values, "run": f"{time.time_ns()}"})
        self.file.flush()
        self.process = subprocess.Popen(["taskset", "-c", REST, "wrk", "-t", "1", "-c", str(connections), "-d", f"{self.seconds}s",
                                         "--timeout", "20s", "-s", self.file.name, url], stdout=subprocess.PIPE, text=True)
        return self

    def goodput(self):
        said, _ = self.process.communicate(timeout=self.seconds + 60)
        good, refused = (int(number) for number in re.search(r"good (\d+) refused (\d+)", said).groups())
        measured = self.seconds - self.seconds // 2
        return good / measured, refused / measured


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=int, default=20)
    options = parser.parse_args()
    ca = settings(RunningCA(start=False)).start(None)
    try:
        place(ca.pid(), ANSWERING)
        url, token = f"https://127.0.0.1:{ca.https}", administrator(ca)
        loads = {"without a key": Load(token, False, options.seconds), "with a key": Load(token, True, options.seconds)}

        def measure(name, *of):
            wait_for_quiet()
            running = [(kind, loads[kind].start(url, connections)) for kind, connections in of]
            found = {kind: load.goodput() for kind, load in running}
            for kind, (good, refused) in found.items():
                print(f"  {name:16} {kind:14} {good:7.0f}/s answered {refused:7.0f}/s refused", flush=True)
            return {kind: good for kind, (good, _) in found.items()}

        capacity, twice = {}, {}
        for kind in loads:
            capacity.update(measure("capacity", (kind, options.connections)))
            twice.update(measure("twice", (kind, 2 * options.connections)))
        both = measure("both at once", *((kind, options.connections) for kind in loads))
        print("\ngoodput at twice the load / at capacity")
        for kind in loads:
            print(f"  {kind:14} {twice[kind] / capacity[kind]:.2f}   (at least 0.90)")
        print("both at once, of what each has alone")
        for kind in loads:
            print(f"  {kind:14} {both[kind] / capacity[kind]:.2f}")
        print(f"  together       {sum(both[kind] / capacity[kind] for kind in loads):.2f}   (at least 0.90)")
    finally:
        ca.remove()


if __name__ == "__main__":
    main()
