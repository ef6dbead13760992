"""The dev shape under load, while each of its containers is killed, one after the other: nothing that was answered is lost, as a checker says that shares
no code with us; then its broker's pod goes and its volume stays, and every pod is replaced by another one, as a rollout does it.

QUICKLIME_KILLS: how often each is killed, 1; ten times take an hour."""

import collections
import itertools
import json
import os
import threading
import time

import check_cluster
import pytest
from pods import Service
from running_ca import wait_until
from soak import Client, Soak

KILLS = int(os.environ.get("QUICKLIME_KILLS", "1"))
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
        self.answers = []  # (when, status, Retry-After or None)
        numbers = itertools.count()
        self.threads = [threading.Thread(target=self.work, args=(numbers,)) for _ in range(WORKERS)]

    def client(self):
        load = self

        class Counted(Client):
            def post(self, target, value, headers):
                status, body = super().post(target, value, headers)
                load.answers.append((time.monotonic(), status))
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

    def since(self, begun):
        return [one for one in list(self.answers) if one[0] >= begun]


@pytest.fixture
def shape(dev, tmp_path):
    made = Shape(dev, tmp_path)

    def known():
        return Client(made).post("/v1/certificates", {}, {"Authorization": f"Bearer {made.token}"})[0] in (400, 422)

    wait_until(known, within=60, what="the token")
    yield made
    made.close()


def holds(shape, *loads):
    journal = [line for load in loads for line in load.journal]
    assert not [one for load in loads for one in load.unexpected]
    found, summary = check_cluster.violations(shape, journal)
    print(f"checked: {summary}")
    assert not found, found[:20]


def availability(answers):
    """(answered, refused or cut, the longest time in which nothing was answered)"""
    good = [when for when, status in answers if status in (200, 201)]
    longest = max((later - earlier for earlier, later in itertools.pairwise([answers[0][0], *good, answers[-1][0]])), default=0.0)
    return len(good), len(answers) - len(good), longest


def test_each_is_killed_and_nothing_that_was_answered_is_lost(dev, shape):
    names = [*(name for name in dev.containers.values() if name in ("kafka", "redis")), *dev.all_of("projector", "daemon"), "gateway"]
    told = collections.defaultdict(list)
    with Load(shape) as load:
        for number in range(KILLS):
            for name in names:
                victims = [container for container, component in dev.containers.items() if component == name]
                for victim in victims:
                    begun = time.monotonic()
                    dev.kill_and_start(victim)
                    dev.ready(victim, within=120)
                    wait_until(lambda begun=begun: any(status == 201 for _, status in load.since(begun)[-20:]), within=120, what="answers")
                    told[name].append(availability(load.since(begun)))
                    assert not load.unexpected, load.unexpected[:5]
            print(f"round {number + 1}: {sum(map(len, told.values()))} killed, {availability(load.answers)[0]} answered", flush=True)
    print(f"\n{'killed':24} times  answered  refused or cut  longest silence")
    for name, kills in told.items():
        answered, refused = sum(one[0] for one in kills), sum(one[1] for one in kills)
        print(f"{name:24} {len(kills):5}  {answered:8}  {refused:14}  {max(one[2] for one in kills):11.1f} s")
    answered, refused, _ = availability(load.answers)
    print(f"{'all':24} {sum(map(len, told.values())):5}  {answered:8}  {refused:14}  {answered / (answered + refused):14.1%}")
    holds(shape, load)


def test_the_broker_goes_and_its_volume_stays(dev, shape):
    with Load(shape) as load:
        pass
    before = dev.events()
    views = {name: dev.metric(dev.made[name][0], "quicklime_view_events_total") for name in dev.all_of("projector")}
    dev.stop(next(name for name, component in dev.containers.items() if component == "kafka"))
    dev.ready(dev.start("kafka"))
    dev.ready(*dev.made["issuance"], *(dev.made[name][0] for name in dev.all_of("projector")), within=300)
    after = dev.events()
    # The same octets at the same offsets: so the log's id, which the first event has, the hashes of all, and how many they are.
    assert after[:len(before)] == before and json.loads(before[0][1])["data"]["log_id"]
    assert all(check_cluster.kind(json.loads(octets)) == "crl.published" for _, octets in after[len(before):])
    with Load(shape) as more:
        pass
    for name, folded in views.items():
        # No view was folded anew: its projector goes on counting where it was.
        wait_until(lambda name=name, folded=folded: dev.metric(dev.made[name][0], "quicklime_view_events_total") > folded, within=60, what=name)
        assert dev.metric(dev.made[name][0], "quicklime_view_events_total") <= len(dev.events())
        assert not [one for one in dev.lines(dev.made[name][0]) if "anew" in one["msg"] or one["msg"] in ("a view has stopped", "a view is not where it was left")]
    holds(shape, load, more)


def test_every_pod_is_replaced_under_load(dev, shape):
    """Twice, as a rollout and its undoing would: whoever is told to end answers what it has begun, and nobody notices but by a 503. Of a projector its
    successor comes first, as everywhere; of a daemon here last, at the same address, so that less is there than a rollout would leave."""
    with Load(shape) as load:
        begun = time.monotonic()
        for replica in (11, 1):
            for name in dev.all_of("projector"):
                new = dev.start(name, replica)
                dev.ready(new, within=120)
                dev.stop(dev.made[name][0])
                dev.made[name] = [new]
            for name in dev.all_of("daemon"):
                for number, old in enumerate(dev.made[name]):
                    dev.stop(old)
                    dev.start(name, number + 1)
                    dev.ready(old, within=120)
        answers = load.since(begun)
    answered, refused, longest = availability(answers)
    statuses = collections.Counter(status for _, status in answers if status not in (200, 201))
    print(f"\nreplaced: {answered} answered, {refused} not {dict(statuses)}, longest silence {longest:.1f} s")
    assert set(statuses) <= {503}, statuses
    holds(shape, load)
