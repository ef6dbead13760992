"""Rolled to the next version and back under load. The next one is the tree as it is with two changes (scripts/next_version.sh): each view is folded by another
version, and each event has a member more. `scripts/test-containers.sh --long` makes its images."""

import collections
import concurrent.futures
import json

from load import Load, availability, holds, tell
from running_ca import wait_until

NEXT = "next"


def roll(dev, load, tag, replica, told):
    """All at the same time, as an apply does it: each Deployment by itself, one pod after the other. Meanwhile old daemons may read what nobody folds any more, and
    whom issuance has to certify waits until that is rolled. A daemon's predecessor goes first here, for its address, so that less is there than a rollout leaves."""

    def projector(name):
        (old,) = dev.made[name]
        dev.made[name] = [dev.start(name, replica, tag=tag)]
        dev.ready(*dev.made[name], within=300)
        dev.stop(old)

    def daemon(name):
        for number, old in enumerate(dev.made[name]):
            begun = load.now()
            dev.stop(old)
            dev.start(name, number + 1, tag=tag)
            dev.ready(old, within=300)
            told[name].append(availability(load.since(begun)))

    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        rolled = [pool.submit(projector, name) for name in dev.all_of("projector")] + [pool.submit(daemon, name) for name in dev.all_of("daemon")]
    for one in rolled:
        one.result()


def test_rolled_to_the_next_version_and_back(dev, shape):
    told = collections.defaultdict(list)
    with Load(shape) as load:
        roll(dev, load, NEXT, 11, told)
        issued = load.issued
        wait_until(lambda: load.issued > issued + 20, within=120, what="load on the next version")
        # Each view was folded from the first event on: it is another one.
        for name in dev.all_of("projector"):
            assert dev.metric(dev.made[name][0], "quicklime_view_events_total") >= 0.9 * dev.metric(dev.made[name][0], "quicklime_view_position")
        roll(dev, load, None, 1, told)
        issued = load.issued
        wait_until(lambda: load.issued > issued + 20, within=120, what="load on the version before")
    tell("rolled", told, load)
    statuses = collections.Counter(status for _, status in load.answers if status not in (200, 201))
    # 503 says when to ask again. 502 and 504 are the gateway's, which for a second reached nobody at the one address and the other was busy: no Service is here
    # that leaves out who has gone. Neither is an answer: the same request was answered later, once.
    assert set(statuses) <= {502, 503, 504}, statuses
    events = [json.loads(octets) for _, octets in dev.events()]
    of_the_next = [number for number, event in enumerate(events) if event.get("of_the_next_version")]
    assert of_the_next and of_the_next[0] > 0 and of_the_next[-1] < len(events) - 1  # before it, by it, and after it
    holds(shape, load)
