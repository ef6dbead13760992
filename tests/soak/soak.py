#!/usr/bin/env python3
"""Certificates issued, a third renewed, a tenth revoked, through the gateway of a cluster, while faults fire. Then the checker.

    tests/soak/soak.py [--certificates 100000] [--faults 20] [--seed N] [--workers 6] [--keep]

Prints its seed first: the same seed chooses the same certificates, the same faults in the same order, and the same moments
(counted in certificates, not in seconds). What a scheduler and a network do between is not replayed.
Needs a release build (QUICKLIME_PROGRAMS, or build/release/bin).
"""

import argparse
import base64
import collections
import hashlib
import http.client
import itertools
import json
import os
import pathlib
import random
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import uuid

for folder in ("integration", "support", "cluster"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / folder))

import check_cluster  # noqa: E402
import view_dump  # noqa: E402
from running_ca import new_csr, new_key  # noqa: E402
from running_cluster import ROLES, RunningCluster  # noqa: E402

PATIENCE = 180  # seconds until a request that is sent again and again must have been answered
AGAIN = (502, 503, 504)


class Requests:
    """Keys and their CSRs, made once: a renewal needs another key than the one before, not one that nobody has seen."""

    def __init__(self, count=12):
        self.folder = tempfile.TemporaryDirectory()
        self.all = []
        for i in range(count):
            key = new_key(f"{self.folder.name}/{i}.key")
            csr = new_csr("DNS:soak.internal", key=key)
            der = base64.b64decode("".join(csr.splitlines()[1:-1]))
            self.all.append((key, csr, hashlib.sha256(der).hexdigest()))

    def proof(self, key, serial, challenge, csr_sha256):
        text = f"quicklime-renew-v1\n{serial}\n{challenge}\n{csr_sha256}\n".encode()
        made = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=text, capture_output=True, check=True).stdout
        return base64.b64encode(made).decode()


class Client:
    """One connection to the gateway, made anew when it is lost."""

    def __init__(self, cluster):
        self.cluster, self.connection, self.headers = cluster, None, {}  # of the last answer
        self.context = ssl.create_default_context(cafile=cluster.roots)

    def post(self, target, value, headers):
        """(status, body), status 0: no answer."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPSConnection("localhost", self.cluster.https, timeout=60, context=self.context)
            self.connection.request("POST", target, json.dumps(value), {"Content-Type": "application/json", **headers})
            answer = self.connection.getresponse()
            self.headers = answer.headers
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            self.connection = None
            return 0, b""


class Soak:
    def __init__(self, cluster, certificates, faults, seed, workers=6):
        self.cluster, self.certificates, self.faults, self.workers = cluster, certificates, faults, workers
        self.seed, self.random = seed, random.Random(seed)
        self.requests = Requests()
        self.journal, self.unexpected, self.refused = [], [], collections.Counter()
        self.lock = threading.Lock()
        self.revoked, self.issued = [], 0
        self.stop = threading.Event()
        self.plan = self.random_plan(faults)
        self.fired = collections.Counter()

    # ---- the load

    def note(self, what, **more):
        with self.lock:
            self.journal.append({"what": what, **more, "time": time.time()})

    def send(self, client, target, value, headers=None, once=False):
        """The answer that ends it and how many tries it took; None when `once` and the outcome is unknown."""
        end = time.monotonic() + PATIENCE
        tries = 0
        while True:
            tries += 1
            status, body = client.post(target, value, headers or {})
            if status in (200, 201):
                return json.loads(body), tries
            with self.lock:
                self.refused[status] += 1
                if status not in (0, *AGAIN):
                    self.unexpected.append(f"POST {target}: {status} {body[:300]!r}")
                    return None, tries
                if time.monotonic() > end:
                    self.unexpected.append(f"POST {target}: no answer within {PATIENCE} s, the last: {status} {body[:300]!r}")
                    return None, tries
            if once or self.stop.is_set():
                return None, tries
            time.sleep(0.2)

    def note_certificate(self, what, answer, **more):
        der = base64.b64decode("".join(line for line in answer["certificate"].splitlines() if "-----" not in line))
        self.note(what, serial=answer["serial"], position=answer["position"], certificate_sha256=hashlib.sha256(der).hexdigest(), **more)

    def one(self, client, number):
        chance = random.Random(f"{self.seed}/{number}")
        token = {"Authorization": f"Bearer {self.cluster.token}"}
        held = chance.randrange(len(self.requests.all))
        keyed = chance.random() < 0.75  # who sends no key does not ask again
        name = {"Idempotency-Key": f"{self.seed}-{number}-{uuid.uuid4().hex}"} if keyed else {}
        answer, _ = self.send(client, "/v1/certificates", {"csr": self.requests.all[held][1]}, {**token, **name}, once=not keyed)
        if answer is None:
            return
        self.note_certificate("issued", answer, key=name.get("Idempotency-Key"))
        if chance.random() < 1 / 3:
            next_one = (held + chance.randrange(1, len(self.requests.all))) % len(self.requests.all)
            _, csr, digest = self.requests.all[next_one]
            proof = self.requests.proof(self.requests.all[held][0], answer["serial"], answer["renewal_challenge"], digest)
            # A retry finds its certificate with an Idempotency-Key and without.
            name = {"Idempotency-Key": uuid.uuid4().hex} if chance.random() < 0.5 else {}
            renewed, _ = self.send(client, f"/v1/certificates/{answer['serial']}/renew", {"csr": csr, "signature": proof}, name)
            if renewed is None:
                return
            self.note_certificate("renewed", renewed, replaces=answer["serial"])
            answer = chance.choice([answer, renewed])
        if chance.random() < 1 / 10:
            by_secret = chance.random() < 0.5
            reason = chance.choice(["superseded", "cessationOfOperation", "privilegeWithdrawn", "unspecified"])
            value = {"reason": reason, **({"secret": answer["revocation_secret"]} if by_secret else {})}
            revoked, tries = self.send(client, f"/v1/certificates/{answer['serial']}/revoke", value, {} if by_secret else token)
            if revoked is not None:
                self.note("revoked", serial=answer["serial"], position=revoked["position"], tries=tries)
                self.revoked.append(answer["serial"])

    def client(self):
        return Client(self.cluster)

    def work(self, numbers):
        client = self.client()
        while not self.stop.is_set():
            number = next(numbers)
            if number >= self.certificates and not self.plan:
                return
            if self.plan and number > self.plan[0][0] + self.workers:
                time.sleep(0.3)  # a fault is under way, and must meet some load
            try:
                self.one(client, number)
            except Exception as error:  # noqa: BLE001: a violation like any other
                with self.lock:
                    self.unexpected.append(f"certificate {number}: {error!r}")
            with self.lock:
                self.issued += 1

    # ---- who only looks

    def watch_ocsp(self):
        """Once revoked, never good again; asked about what was revoked lately and long ago."""
        chance = random.Random(self.seed + 1)
        while not self.stop.wait(0.1):
            known = self.revoked[-1:] + ([chance.choice(self.revoked)] if self.revoked else [])
            for serial in known:
                said = self.cluster.ocsp(serial)
                self.note("ocsp", serial=serial, status=said if said in ("good", "revoked", "unknown") else "none")

    def watch_crls(self):
        checked = check_cluster.Cluster(self.cluster.directory, self.cluster.port)
        numbers = {}
        while not self.stop.wait(0.5):
            for replica in (1, 2):
                try:
                    crl = checked.crl_of(replica)
                except OSError:
                    continue
                digest = hashlib.sha256(crl).hexdigest()
                if digest not in numbers:
                    numbers[digest] = check_cluster.parse_crl(checked, crl)[0]
                self.note("crl", replica=replica, number=numbers[digest], sha256=digest)

    # ---- faults

    KINDS = ("daemon killed", "projector killed", "broker killed", "broker frozen", "redis killed", "redis frozen", "gateway reloaded",
             "daemon ended")

    def random_plan(self, count):
        """[(after how many certificates, kind)]: every kind before any comes again."""
        kinds = []
        while len(kinds) < count:
            kinds += self.random.sample(self.KINDS, len(self.KINDS))
        return [((i + 1) * self.certificates // (count + 1), kind) for i, kind in enumerate(kinds[:count])]

    def fire(self, kind):
        chance, cluster = self.random, self.cluster
        role = chance.choice(ROLES)
        replica = f"{role}-{chance.choice((1, 2))}"
        pause = chance.uniform(5, 15)
        said = kind
        if kind == "daemon killed":
            said += f": {replica}"
            cluster.kill(replica)
            time.sleep(1)
        elif kind == "daemon ended":
            said += f": {replica}"
            cluster.kill(replica, signal.SIGTERM, within=30)
        elif kind == "projector killed":
            said += f": {role}"
            cluster.kill(f"projector-{role}")
            time.sleep(pause / 2)
        elif kind == "broker killed":
            os.kill(cluster.broker_pid(), signal.SIGKILL)
            time.sleep(1)
        elif kind == "broker frozen":
            with cluster.frozen(cluster.broker_pid()):
                time.sleep(pause)
            said += f" for {pause:.0f} s"
        elif kind == "redis killed":
            cluster.kill("redis")
            time.sleep(1)
        elif kind == "redis frozen":
            with cluster.frozen(cluster.pid("redis")):
                time.sleep(pause)
            said += f" for {pause:.0f} s"
        elif kind == "gateway reloaded":
            os.kill(cluster.pid("gateway"), signal.SIGHUP)
        cluster.up()
        print(f"soak: after {self.issued}: {said}", flush=True)
        self.fired[kind] += 1

    def run_faults(self):
        while self.plan:
            after, kind = self.plan[0]
            while self.issued < after and not self.stop.wait(0.05):
                pass
            if self.stop.is_set():
                return
            try:
                self.fire(kind)
            except Exception as error:  # noqa: BLE001: a violation like any other
                self.unexpected.append(f"after {kind}: {error!r}")
                self.stop.set()  # what follows would say nothing
            self.plan.pop(0)

    # ---- the whole

    def run(self):
        """What was violated."""
        print(f"soak: seed {self.seed}, {self.certificates} certificates, {self.faults} faults", flush=True)
        numbers = itertools.count()
        begun = time.monotonic()
        workers = [threading.Thread(target=self.work, args=(numbers,)) for _ in range(self.workers)]
        watchers = [threading.Thread(target=work) for work in (self.watch_ocsp, self.watch_crls)]
        faults = threading.Thread(target=self.run_faults)
        for thread in (*workers, *watchers, faults):
            thread.start()
        for thread in (*workers, faults):
            thread.join()
        self.stop.set()
        for thread in watchers:
            thread.join()
        took = time.monotonic() - begun
        heard = collections.Counter(line["what"] for line in self.journal)
        print(f"soak: {heard['issued']} issued, {heard['renewed']} renewed, {heard['revoked']} revoked in {took:.0f} s; "
              f"faults: {dict(self.fired)}; refused: {dict(self.refused)}", flush=True)
        found = list(self.unexpected)
        if sum(self.fired.values()) != self.faults:
            found.append(f"{sum(self.fired.values())} of {self.faults} faults fired")

        checked = check_cluster.Cluster(self.cluster.directory, self.cluster.port)
        violations, summary = check_cluster.violations(checked, self.journal)
        found += violations
        before = view_dump.dump_views(checked)
        self.cluster.kill("redis")
        self.cluster.up()
        found += view_dump.views_differ(before, view_dump.dump_views(checked))
        print(f"soak: {summary}; six views folded anew; {len(found)} violations", flush=True)
        return found

    def keep_journal(self, path):
        path.write_text("".join(json.dumps(line) + "\n" for line in self.journal))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--certificates", type=int, default=100_000)
    parser.add_argument("--faults", type=int, default=20)
    parser.add_argument("--workers", type=int, default=6)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--keep", action="store_true", help="leave the cluster and its journal where they are")
    options = parser.parse_args()
    cluster = RunningCluster()
    try:
        soak = Soak(cluster, options.certificates, options.faults, options.seed, options.workers)
        found = soak.run()
        for violation in found[:50]:
            print(violation)
        if options.keep:
            soak.keep_journal(cluster.directory / "journal")
            print(f"soak: {cluster.directory}, ports from {cluster.port}")
        return 1 if found else 0
    finally:
        if not options.keep:
            cluster.remove()


if __name__ == "__main__":
    sys.exit(main())
