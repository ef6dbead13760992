#!/usr/bin/env python3
"""What whoever guesses passwords takes from everybody else: how long OCSP and issuing take beside ten thousand anonymous failures.

    cmake --preset release && cmake --build --preset release --target quicklime
    /usr/bin/python3 tests/bench/guessing.py [--failures 10000] [--rounds 5] [--guessers 32]

Embedded, everything on one machine. Guesses come from as many addresses as it takes that none of them is stopped (127.0.0.0/8), five from
each; half of them are for somebody whom there is, half for names that nobody has. Beside them one client asks OCSP and one issues, at a fixed
pace, and each answer is timed from when its question was due. Each round is quiet, guessed at, quiet, so that what else the machine does is in
all of them; the ratio is that of the guessed at to the worse of the quiet ones. Printed are the medians of the rounds; 1 is returned when the
99th percentile of either is not below twice its quiet value.
"""

import argparse
import http.client
import json
import multiprocessing
import pathlib
import ssl
import statistics
import subprocess
import sys
import threading
import time

for folder in ("integration", "support"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / folder))

from people import administrator, person  # noqa: E402
from running_ca import RunningCA, new_csr, openssl  # noqa: E402

PACE = {"OCSP": 0.01, "issuing": 0.02}  # seconds between two questions
QUIET = 15
FROM_ONE_ADDRESS = 5


def addresses(first, step):
    """127.N.N.N, none of them twice."""
    for number in range(first, 250**3, step):
        yield f"127.{number // 62_500 % 250 + 2}.{number // 250 % 250 + 1}.{number % 250 + 1}"


def asked(kind, ca, until, results):
    """Asks at its pace until it is told to end; seconds of each answer, from when its question was due."""
    if kind == "OCSP":
        connection = http.client.HTTPConnection("127.0.0.1", ca["http"], timeout=60)
        question = ("POST", "/ocsp", ca["ocsp"], {"Content-Type": "application/ocsp-request"})
    else:
        connection = http.client.HTTPSConnection("127.0.0.1", ca["https"], timeout=60, context=context_of(ca))
        question = ("POST", "/v1/certificates", ca["csr"], {"Content-Type": "application/pkcs10", "Authorization": f"Bearer {ca['token']}"})
    took, due = [], time.monotonic()
    while not until.is_set():
        due += PACE[kind]
        time.sleep(max(0, due - time.monotonic()))
        connection.request(*question)
        answer = connection.getresponse()
        answer.read()
        assert answer.status in (200, 201), answer.status
        took.append(time.monotonic() - due)
    results.put((kind, took))


def context_of(ca):
    return ssl.create_default_context(cadata=ca["roots"])


def guessed(ca, number, step, failures, results):
    """One guesser: (answers 401, answers 429 and 503)."""
    context, places, counts = context_of(ca), addresses(number, step), {401: 0, 429: 0, 503: 0}
    connection = None
    for i in range(failures):
        if i % FROM_ONE_ADDRESS == 0:
            if connection:
                connection.close()
            connection = http.client.HTTPSConnection("127.0.0.1", ca["https"], timeout=120, context=context, source_address=(next(places), 0))
        user = "alice" if i % 2 else f"invented-{number}-{i}-{time.monotonic_ns()}"
        connection.request("POST", "/v1/sign-in", json.dumps({"user": user, "password": "wrong password"}), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        counts[answer.status] += 1
    results.put(counts)


def measured(ca, work):
    """{kind: seconds of each answer} while work() goes on."""
    until, results = multiprocessing.Event(), multiprocessing.Queue()
    asking = [multiprocessing.Process(target=asked, args=(kind, ca, until, results)) for kind in PACE]
    for process in asking:
        process.start()
    try:
        work()
    finally:
        until.set()
    found = dict(results.get(timeout=120) for _ in asking)
    for process in asking:
        process.join()
    return found


def guess(ca, guessers, failures, first):
    results = multiprocessing.Queue()

    def several(numbers):
        threads = [threading.Thread(target=guessed, args=(ca, first + number, 1_000, failures // guessers, results)) for number in numbers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    processes = [multiprocessing.Process(target=several, args=(range(half, guessers, 2),)) for half in range(2)]
    for process in processes:
        process.start()
    counts = [results.get(timeout=3600) for _ in range(guessers)]
    for process in processes:
        process.join()
    return {status: sum(one[status] for one in counts) for status in counts[0]}


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def ocsp_request(ca):
    file = ca.base / "request.der"
    openssl("ocsp", "-issuer", ca.issuing(), "-serial", "0x" + ca.issue("asked.internal").serial, "-no_nonce", "-reqout", file)
    return file.read_bytes()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--failures", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--guessers", type=int, default=32)
    options = parser.parse_args()
    running = RunningCA()
    try:
        person(running, administrator(running), "alice")
        der = subprocess.run(["openssl", "req", "-outform", "DER"], input=new_csr("DNS:bench.internal").encode(), capture_output=True, check=True).stdout
        ca = {"http": running.http, "https": running.https, "roots": running.fetch("/ca/roots.pem").decode(), "ocsp": ocsp_request(running), "csr": der,
              "token": running.cli_json("token", "create", "bench", "--role", "administrator")["token"]}
        measured(ca, lambda: time.sleep(3))  # everything once
        ratios = {(kind, share): [] for kind in PACE for share in (0.5, 0.99)}
        for number in range(options.rounds):
            counts = {}
            before = measured(ca, lambda: time.sleep(QUIET))
            begun = time.monotonic()
            during = measured(ca, lambda: counts.update(guess(ca, options.guessers, options.failures // options.rounds, 100_000 * (number + 1))))  # noqa: B023
            lasted = time.monotonic() - begun
            after = measured(ca, lambda: time.sleep(QUIET))
            print(f"round {number + 1}: {counts[401]} refused, {counts[429]} stopped, {counts[503]} told to come again, in {lasted:.0f} s")
            for (kind, share), found in ratios.items():
                quiet = max(percentile(one[kind], share) for one in (before, after))
                loud = percentile(during[kind], share)
                found.append(loud / quiet)
                print(f"  {kind:8} p{100 * share:.0f}  quiet {1000 * quiet:7.2f} ms   guessed at {1000 * loud:7.2f} ms   {loud / quiet:.2f}", flush=True)
        print("\nbeside the guessing / quiet, medians of the rounds")
        for (kind, share), found in ratios.items():
            print(f"  {kind:8} p{100 * share:.0f}  {statistics.median(found):.2f}" + ("   (below 2)" if share == 0.99 else ""))
        return 0 if all(statistics.median(ratios[kind, 0.99]) < 2 for kind in PACE) else 1
    finally:
        running.remove()


if __name__ == "__main__":
    sys.exit(main())
