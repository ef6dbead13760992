"""Load on a shape that runs in containers, who checks what was answered, and what there is to say of it."""

import collections
import itertools
import json
import threading
import time

import check_cluster
from pods import Service
from running_ca import wait_until
from soak import Client, Soak

WORKERS = 3


class Shape(check_cluster.Cluster):
    """What check_cluster.py and soak.py ask a cluster for, of containers."""

    def __init__(self, running, directory):
        self.running, self.work = running, directory / "checked"
        self.work.mkdir()
        self.ways = [Service([running.address(one) for one in running.made["gateway"]], port) for port in (8443, 8080)]
        self.https, self.http = (way.port for way in self.ways)
        self.roots = self.work / "roots.pem"
        self.roots.write_bytes(self.fetch("/ca/roots.pem"))
        (self.work / "issuing.pem").write_bytes(self.fetch("/ca/issuing-1.pem"))
        said = running.execute(running.made["identity"][0], "quicklime", "token", "create", "load", "--role", "administrator", "-o", "json")
        self.token = json.loads(said)["token"]

    def crl_of(self, replica):
        """Of whichever replica the gateway chooses: asked twice, most often of both."""
        return self.fetch("/crl/issuing-1.crl")

    def read_log(self):
        return self.running.events()

    def close(self):
        for way in self.ways:
            way.close()


class Load(Soak):
    """Issues, renews and revokes until it is told to end, and keeps when which answer came."""

    def __init__(self, shape):
        super().__init__(shape, certificates=10**9, faults=0, seed=1, workers=WORKERS)
        self.answers = []  # (when, status)
        numbers = itertools.count()
        self.threads = [threading.Thread(target=self.work, args=(numbers,)) for _ in range(WORKERS)]

    def client(self):
        load = self

        class Counted(Client):
            def post(self, target, value, headers):
                status, body = super().post(target, value, headers)
                load.answers.append((time.monotonic(), status))
                if status == 503 and not self.headers.get("Retry-After"):
                    load.unexpected.append(f"POST {target}: 503 without Retry-After: {body[:300]!r}")
                return status, body

        return Counted(self.cluster)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        wait_until(lambda: sum(status == 201 for _, status in self.answers) > 20, within=120, what="load")
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    @staticmethod
    def now():
        return time.monotonic()

    def since(self, begun):
        return [one for one in list(self.answers) if one[0] >= begun]


def holds(shape, *loads):
    journal = [line for load in loads for line in load.journal]
    assert not [one for load in loads for one in load.unexpected]
    found, summary = check_cluster.violations(shape, journal)
    print(f"checked: {summary}")
    assert not found, found[:20]


def availability(answers):
    """(answered, refused or cut, the longest time in which nothing was answered)"""
    if not answers:
        return 0, 0, 0.0
    good = [when for when, status in answers if status in (200, 201)]
    longest = max((later - earlier for earlier, later in itertools.pairwise([answers[0][0], *good, answers[-1][0]])), default=0.0)
    return len(good), len(answers) - len(good), longest


def tell(what, told, load):
    """{component: [availability]}"""
    print(f"\n{what:24} times  answered  refused or cut  longest silence")
    for name, each in told.items():
        print(f"{name:24} {len(each):5}  {sum(one[0] for one in each):8}  {sum(one[1] for one in each):14}  {max(one[2] for one in each):11.1f} s")
    answered, refused, _ = availability(load.answers)
    print(f"{'all':24} {sum(map(len, told.values())):5}  {answered:8}  {refused:14}  {answered / (answered + refused):14.1%}", flush=True)
