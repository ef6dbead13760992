"""Races on both replicas, with random delays: what is answered is what the log decided."""

import os
import random
import time
import uuid

import pytest
from check_cluster import kind
from running_ca import in_parallel, new_csr, new_key
from running_cluster import Peer, until_answered
from soak import Requests

ROUNDS = int(os.environ.get("QUICKLIME_RACES", 200))  # 1000 on demand


@pytest.fixture(scope="module")
def requests():
    return Requests()


class Racers:
    """Connections to both replicas of issuance, renewal and revocation."""

    def __init__(self, cluster):
        self.of = {role: [Peer(cluster, role, replica) for replica in (1, 2)] for role in ("issuance", "renewal", "revocation")}

    def issue(self, csr, chance):
        answer = until_answered(lambda: chance.choice(self.of["issuance"]).post("/v1/certificates", {"csr": csr}))
        assert answer.status == 201, answer.body
        return answer.json


def late(chance):
    """Mostly at once, sometimes some milliseconds after."""
    return chance.choice((0, 0, chance.uniform(0, 0.003), chance.uniform(0, 0.02)))


def race(*runners):
    """[answer]; each runner is (delay, callable)."""
    def go(i):
        delay, send = runners[i]
        time.sleep(delay)
        return until_answered(send)
    return in_parallel(len(runners), go)


def seeded():
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")
    return random.Random(seed)


class InLog:
    def __init__(self, cluster):
        self.issued, self.revoked, self.blocked = {}, {}, {}
        for offset, event in cluster.events():
            data = event["data"]
            if kind(event) == "certificate.issued":
                self.issued[data["serial"]] = (offset, data)
            elif kind(event) == "certificate.revoked":
                self.revoked.setdefault(data["serial"], (offset, event))

    def by_sweep(self, serial):
        return serial in self.revoked and self.revoked[serial][1]["actor"]["kind"] == "process"


def settled(cluster, losers_of):
    """The log, when whoever lost is revoked."""
    end = time.monotonic() + 30
    while True:
        log = InLog(cluster)
        waiting = losers_of(log)
        if not waiting:
            return log
        assert time.monotonic() < end, f"not revoked by the sweep: {waiting}"
        time.sleep(0.5)


def test_of_two_renewals_exactly_one_is_answered_with_a_certificate(cluster, requests):
    chance, racers, outcomes = seeded(), Racers(cluster), []
    for _ in range(ROUNDS):
        old_key, old_csr, _ = requests.all[0]
        old = racers.issue(old_csr, chance)
        target = f"/v1/certificates/{old['serial']}/renew"
        fresh = {"Quicklime-Min-Position": old["position"]}

        def renewal(replica, which, old=old, target=target, old_key=old_key, fresh=fresh):
            _, csr, digest = requests.all[which]
            proof = requests.proof(old_key, old["serial"], old["renewal_challenge"], digest)
            return late(chance), lambda: racers.of["renewal"][replica].post(target, {"csr": csr, "signature": proof}, fresh, anonymous=True)

        answers = race(renewal(0, 1), renewal(1, 2))
        assert sorted(answer.status for answer in answers) == [201, 409], [answer.body for answer in answers]
        (winner,) = [answer.json["serial"] for answer in answers if answer.status == 201]
        outcomes.append((old["serial"], winner))

    def losers(log):
        winners = dict(outcomes)
        return [serial for serial, (_, data) in log.issued.items()
                if data.get("replaces") in winners and winners[data["replaces"]] != serial and not log.by_sweep(serial)]

    log = settled(cluster, losers)
    both = 0
    for old, winner in outcomes:
        successors = sorted((offset, serial) for serial, (offset, data) in log.issued.items() if data.get("replaces") == old)
        assert successors[0][1] == winner and winner not in log.revoked
        both += len(successors) > 1
    print(f"{both} of {ROUNDS} races were decided in the log")
    assert both > 0


def test_a_renewal_and_a_revocation_agree_on_who_was_first(cluster, requests):
    chance, racers, outcomes = seeded(), Racers(cluster), []
    start = 0.005  # a renewal takes longer than a revocation, by how much is the machine's affair: who was last gets a start
    for _ in range(ROUNDS):
        old_key, old_csr, _ = requests.all[0]
        _, csr, digest = requests.all[1]
        old = racers.issue(old_csr, chance)
        proof = requests.proof(old_key, old["serial"], old["renewal_challenge"], digest)
        fresh = {"Quicklime-Min-Position": old["position"]}
        renewal, revocation = chance.choice(racers.of["renewal"]), chance.choice(racers.of["revocation"])
        target = f"/v1/certificates/{old['serial']}/"
        renewed, revoked = race(
            (late(chance), lambda: renewal.post(target + "renew", {"csr": csr, "signature": proof}, fresh, anonymous=True)),  # noqa: B023
            (late(chance) + chance.uniform(0, 2 * start), lambda: revocation.post(target + "revoke", {"reason": "superseded"}, fresh)))  # noqa: B023
        assert revoked.status == 200, revoked.body
        assert renewed.status in (201, 409), renewed.body
        if renewed.status == 409:
            assert renewed.reason == "predecessor-revoked", renewed.body
        outcomes.append((old["serial"], renewed.json["serial"] if renewed.status == 201 else None))
        start = start / 1.5 if renewed.status == 201 else min(start * 1.5, 1)

    def losers(log):
        refused = {old for old, winner in outcomes if winner is None}
        return [serial for serial, (_, data) in log.issued.items() if data.get("replaces") in refused and not log.by_sweep(serial)]

    log = settled(cluster, losers)
    for old, winner in outcomes:
        if winner:
            assert log.issued[winner][0] < log.revoked[old][0] and not log.by_sweep(winner)
    answered = sum(winner is not None for _, winner in outcomes)
    print(f"the renewal was first in {answered} of {ROUNDS} races")
    assert 0 < answered < ROUNDS


def test_a_certificate_for_a_key_just_blocked_is_answered_only_if_it_was_first(cluster, tmp_path):
    chance, racers, outcomes = seeded(), Racers(cluster), []
    for i in range(ROUNDS // 2):
        csr = new_csr("DNS:compromised.internal", key=new_key(tmp_path / f"{i}.key"))
        old = racers.issue(csr, chance)
        issuance, revocation = chance.choice(racers.of["issuance"]), chance.choice(racers.of["revocation"])
        fresh = {"Quicklime-Min-Position": old["position"]}
        key = {"Idempotency-Key": uuid.uuid4().hex}
        issued, revoked = race(
            (late(chance), lambda: issuance.post("/v1/certificates", {"csr": csr}, key)),  # noqa: B023
            (late(chance), lambda: revocation.post(f"/v1/certificates/{old['serial']}/revoke", {"reason": "keyCompromise"}, fresh)))  # noqa: B023
        assert revoked.status == 200, revoked.body
        assert issued.status == 201 or (issued.status == 403 and issued.reason == "key-blocked"), issued.body
        outcomes.append((old["serial"], issued.json["serial"] if issued.status == 201 else None))

    log = settled(cluster, lambda log: [])
    keys = {log.issued[old][1]["key_sha256"]: winner for old, winner in outcomes}
    log = settled(cluster, lambda log: [serial for serial, (_, data) in log.issued.items()
                                        if data["key_sha256"] in keys and keys[data["key_sha256"]] is None
                                        and serial not in {old for old, _ in outcomes} and not log.by_sweep(serial)])
    for old, winner in outcomes:
        if winner:
            assert log.issued[winner][0] < log.revoked[old][0] and not log.by_sweep(winner)


def test_one_key_sent_to_both_replicas_gives_one_certificate(cluster, requests):
    chance, racers = seeded(), Racers(cluster)
    given = []
    for _ in range(ROUNDS):
        key, csr = {"Idempotency-Key": uuid.uuid4().hex}, requests.all[0][1]
        answers = race(*((late(chance), lambda peer=peer: peer.post("/v1/certificates", {"csr": csr}, key))  # noqa: B023
                         for peer in racers.of["issuance"]))
        assert [answer.status for answer in answers] == [201, 201], [answer.body for answer in answers]
        assert answers[0].json == answers[1].json
        given.append(answers[0].json["serial"])
    assert len(set(given)) == ROUNDS


def test_one_key_sent_to_both_replicas_holds_once(cluster, requests):
    """The status moves on in between: a second hold under the same key would undo the release."""
    chance, racers = seeded(), Racers(cluster)
    serial = racers.issue(requests.all[0][1], chance)["serial"]
    for _ in range(ROUNDS // 4):
        for verb, status in (("hold", "held"), ("release", "good")):
            key, path = {"Idempotency-Key": uuid.uuid4().hex}, f"/v1/certificates/{serial}/{verb}"
            answers = race(*((late(chance), lambda peer=peer: peer.post(path, {}, key)) for peer in racers.of["revocation"]))  # noqa: B023
            assert [answer.status for answer in answers] == [200, 200], [answer.body for answer in answers]
            assert answers[0].json == answers[1].json and answers[0].json["status"] == status
            other = {"Idempotency-Key": uuid.uuid4().hex, "Quicklime-Min-Position": answers[0].position}
            back = racers.of["revocation"][0].post(f"/v1/certificates/{serial}/{'release' if verb == 'hold' else 'hold'}", {}, other)
            assert back.status == 200, back.body
            again = racers.of["revocation"][1].post(path, {}, key | {"Quicklime-Min-Position": back.position})
            assert again.json == answers[0].json, "as it was then"
