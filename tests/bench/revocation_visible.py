#!/usr/bin/env python3
"""How long after a revocation OCSP says so, through the gateway of a cluster on this machine:

    cmake --preset release && cmake --build --preset release
    /usr/bin/python3 tests/bench/revocation_visible.py [--revocations 200]

Prints p50, p99 and the maximum in milliseconds: of the revocation's own answer (the event is durable), from that answer to the first OCSP
answer that says revoked, and from sending the one to hearing the other. OCSP is asked again and again on one connection, so the figure
includes half of such a question on average. Each certificate's status is asked once before, as if caches were warm.
"""

import argparse
import http.client
import json
import pathlib
import ssl
import sys
import time

for folder in ("integration", "support", "cluster"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / folder))

from running_ca import new_csr, openssl, wait_until  # noqa: E402
from running_cluster import RunningCluster, until_answered  # noqa: E402

GOOD, REVOKED = 0x80, 0xA1


class Ocsp:
    def __init__(self, cluster):
        self.folder = cluster.directory
        self.issuing = self.folder / "issuing.pem"
        self.issuing.write_bytes(cluster.fetch("/ca/issuing-1.pem").body)
        self.connection = http.client.HTTPConnection("localhost", cluster.http, timeout=10)

    def request(self, serial):
        path = self.folder / "request.der"
        openssl("ocsp", "-issuer", self.issuing, "-serial", "0x" + serial, "-no_nonce", "-reqout", path)
        return path.read_bytes()

    def status(self, request, serial):
        """The tag of certStatus, which follows the serial in a SingleResponse; None when there is none."""
        self.connection.request("POST", "/ocsp", request, {"Content-Type": "application/ocsp-request"})
        answer = self.connection.getresponse().read()
        octets = int(serial, 16)
        octets = octets.to_bytes(octets.bit_length() // 8 + 1, "big")
        found = answer.find(bytes([2, len(octets)]) + octets)
        return answer[found + 2 + len(octets)] if found >= 0 else None


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def measure(cluster, revocations):
    """[(seconds of the revocation's answer, seconds from there until it was visible)]"""
    ocsp, csr = Ocsp(cluster), new_csr("DNS:measured.internal")
    serials = [until_answered(lambda: cluster.post_csr(csr), 201).json["serial"] for _ in range(revocations)]
    gateway = http.client.HTTPSConnection("localhost", cluster.https, timeout=10, context=ssl.create_default_context(cafile=cluster.roots))
    measured = []
    for serial in serials:
        request = ocsp.request(serial)
        wait_until(lambda: ocsp.status(request, serial) == GOOD, what="OCSP")  # noqa: B023
        sent = time.perf_counter()
        gateway.request("POST", f"/v1/certificates/{serial}/revoke", json.dumps({"reason": "superseded"}),
                        {"Content-Type": "application/json", "Authorization": f"Bearer {cluster.token}"})
        answer = gateway.getresponse()
        assert answer.read() and answer.status in (200, 503), answer.status
        if answer.status == 503:
            continue  # a machine that is too busy to measure on; the count below says so
        answered = time.perf_counter()
        while (status := ocsp.status(request, serial)) != REVOKED:
            assert status in (GOOD, None), status  # None: tryLater
        measured.append((answered - sent, time.perf_counter() - answered))
    return measured


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--revocations", type=int, default=200)
    options = parser.parse_args()
    cluster = RunningCluster()
    try:
        measured = measure(cluster, options.revocations)
    finally:
        cluster.remove()
    for name, values in (("answered", [answered for answered, _ in measured]), ("answer to visible", [visible for _, visible in measured]),
                         ("sent to visible", [sum(both) for both in measured])):
        p50, p99, most = (1000 * value for value in (percentile(values, 0.5), percentile(values, 0.99), max(values)))
        print(f"{name:18} p50 {p50:7.1f} ms   p99 {p99:7.1f} ms   most {most:7.1f} ms   ({len(values)} revocations)")


if __name__ == "__main__":
    main()
