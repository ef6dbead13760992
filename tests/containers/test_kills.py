"""The dev shape under load, while each of its containers is killed, one after the other: nothing that was answered is lost, as a checker says that shares
no code with us; then its broker's pod goes and its volume stays, and every pod is replaced by another one.

QUICKLIME_KILLS: how often each is killed, 1; ten times take an hour."""

import collections
import json
import os
import time

import check_cluster
from load import Load, availability, holds, tell
from running_ca import wait_until

KILLS = int(os.environ.get("QUICKLIME_KILLS", "1"))


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
    tell("killed", told, load)
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
    told = collections.defaultdict(list)
    with Load(shape) as load:
        for replica in (11, 1):
            for name in [*dev.all_of("projector", "daemon")]:
                for number, old in enumerate(list(dev.made[name])):
                    begun = time.monotonic()
                    if name in dev.all_of("projector"):
                        dev.made[name] = [dev.start(name, replica)]
                        dev.ready(*dev.made[name], within=120)
                        dev.stop(old)
                    else:
                        dev.stop(old)
                        dev.start(name, number + 1)
                        dev.ready(old, within=120)
                    wait_until(lambda begun=begun: any(status == 201 for _, status in load.since(begun)[-20:]), within=120, what="answers")
                    told[name].append(availability(load.since(begun)))
    tell("replaced", told, load)
    statuses = collections.Counter(status for _, status in load.answers if status not in (200, 201))
    assert set(statuses) <= {503}, statuses
    holds(shape, load)
