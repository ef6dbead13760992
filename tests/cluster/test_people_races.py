"""Whoever is shut out while he acts, on two replicas: nothing of what he does stands, and what is answered is what the log decided."""

import os
import random
import threading
import time
import uuid

import pytest
from check_cluster import kind
from people_there import PASSWORD, REPLICAS, Door, events_from, given_user, identity_with, offset_of, over_gateway
from running_ca import PATIENCE, in_parallel, new_csr, wait_until
from running_cluster import ROLES, until_answered
from test_races import late, seeded

ROUNDS = int(os.environ.get("QUICKLIME_RACES", 20))  # 500 on demand
PEOPLE = max(5, ROUNDS // 12)  # who take turns: one may sign in so often in a minute


@pytest.fixture(name="identity", scope="module")
def identity_that_stops_nobody(cluster):
    """{replica: its door}"""
    with identity_with(cluster, '[access]\nfailures = 1000\nfailure_floor = "0s"\n'):
        yield {replica: Door(cluster, "identity", replica) for replica in REPLICAS}


class Racer:
    """Somebody whose password changes while somebody else signs in by the old one."""

    def __init__(self, cluster, number):
        self.cluster, self.name, self.password, self.fresh = cluster, f"racer-{uuid.uuid4().hex[:8]}-{number}", PASSWORD, {}
        given_user(cluster, self.name, role="requester", names=["*.racer.internal"])

    def sign_in(self, door, address):
        return until_answered(lambda: door.sign_in(self.name, self.password, address=address, **self.fresh))

    def changed_at(self, since):
        """Where his new password stands in the log; None: nowhere."""
        return next((offset for offset, event in events_from(self.cluster, since)
                     if kind(event) == "user.password_set" and event["data"]["user"] == f"local:{self.name}"), None)


def test_an_old_password_lets_in_only_who_was_first_in_the_log(cluster, identity):
    chance, racers = seeded(), [Racer(cluster, number) for number in range(PEOPLE)]
    first, by_old, refused, start = None, [], 0, 0.05
    for number in range(ROUNDS):
        racer, address, new = racers[number % len(racers)], f"10.1.{number // 250}.{number % 250 + 1}", f"{PASSWORD} {number}"
        setter = racer.sign_in(identity[1], address)
        assert setter.status == 201, setter.body
        first = offset_of(setter) if first is None else first
        mine, other = chance.sample(REPLICAS, 2)
        delays = [late(chance) + chance.uniform(0, 2 * start), late(chance)]

        def race(i, racer=racer, setter=setter, new=new, mine=mine, other=other, delays=delays, address=address):
            time.sleep(delays[i])
            if i == 0:
                return racer.sign_in(identity[other], address)
            passwords = {"password": new, "old_password": racer.password}
            return identity[mine].ask("PUT", f"/v1/users/{racer.name}/password", passwords, setter.json["text"], address)

        signed_in, changed = in_parallel(2, race)
        # 503: written perhaps, and not judged in time.
        at = offset_of(changed) if changed.status == 200 else racer.changed_at(offset_of(setter) + 1)
        assert changed.status in (200, 503), changed.body
        assert signed_in.status in (201, 401, 409), signed_in.body
        if at is None:
            continue
        # A change looks at one password and hashes another: a start, so that now the one, now the other is first.
        start = min(start * 1.5, 1) if signed_in.status == 201 else start / 1.5
        racer.fresh = {"Quicklime-Min-Position": f"0.{at}"}
        if signed_in.status == 201:
            by_old.append((racer, signed_in.json["session"]["session"], at, signed_in.json["text"]))
        else:
            refused += 1
        for replica in REPLICAS:
            for answer in (setter, *([signed_in] if signed_in.status == 201 else [])):
                assert until_answered(lambda: identity[replica].ask("GET", "/v1/me", session=answer.json["text"], **racer.fresh)).status == 401  # noqa: B023
        assert racer.sign_in(identity[other], address).status == 401, "the old one opens nothing any more"
        racer.password = new
    print(f"by the old password {len(by_old)} were in first, {refused} were not, of {ROUNDS}")
    assert ROUNDS < 20 or (by_old and refused)

    created = {event["data"]["session"]: offset for offset, event in events_from(cluster, first) if kind(event) == "session.created"}
    for racer, session, changed, _ in by_old:
        assert created[session] < changed, f"{racer.name} was let in by a password that was no more"
    # Nor where nobody looks at passwords: issuance hears of it from its own view.
    csr = new_csr("DNS:late.racer.internal")
    for replica in REPLICAS:
        door = Door(cluster, "issuance", replica)
        for _, _, changed, text in by_old[-5:]:
            late_one = until_answered(lambda: door.ask("POST", "/v1/certificates", {"csr": csr}, text, **{"Quicklime-Min-Position": f"0.{changed}"}))  # noqa: B023
            assert late_one.status == 401, late_one.body
    for racer in racers:
        assert racer.sign_in(identity[2], "10.2.0.1").json["session"]["user"] == f"local:{racer.name}"


class Shut:
    """An administrator who is disabled before any view hears of it, and then acts."""

    def __init__(self, cluster, identity):
        self.cluster, self.name = cluster, f"shut-{uuid.uuid4().hex[:8]}"
        given_user(cluster, self.name, role="administrator")
        signed_in = until_answered(lambda: identity[1].sign_in(self.name), 201)
        self.text, self.begin, self.session = signed_in.json["text"], offset_of(signed_in), uuid.uuid4().hex[:16]
        fresh = {"Quicklime-Min-Position": signed_in.position}
        for replica in REPLICAS:  # that everybody knows him by now
            until_answered(lambda: identity[replica].ask("GET", "/v1/me", session=self.text, **fresh), 200)  # noqa: B023
        issuance, csr = Door(cluster, "issuance", random.choice(REPLICAS)), new_csr(f"DNS:{self.name}.internal")
        until_answered(lambda: issuance.ask("POST", "/v1/certificates", {"csr": new_csr("DNS:before.internal")}, self.text, **fresh), 201)
        self.acts = {
            "token.created": (identity[2], "POST", "/v1/tokens", {"name": self.name, "role": "administrator"}),
            "user.created": (identity[1], "POST", "/v1/users", {"user": f"{self.name}-mallory", "role": "administrator"}),
            "rule.set": (identity[2], "PUT", f"/v1/rules/{self.name}", {"provider": "certificate", "when": [f"name=DNS:{self.name}"], "role": "administrator"}),
            "session.created": (identity[1], "POST", "/v1/sessions", {"session": self.session, "secret_sha256": 64 * "0"}),
            "certificate.issued": (issuance, "POST", "/v1/certificates", {"csr": csr}),
        }
        self.answers = {}

    def events(self):
        return [event for _, event in events_from(self.cluster, self.begin)]

    def written(self):
        """What he has done since he is disabled, as the log has it."""
        kinds = [(kind(event), event["actor"].get("id"), event.get("subject")) for event in self.events()]
        disabled = ("user.disabled", f"local:{self.name}")
        at = next((i for i, (what, _, subject) in enumerate(kinds) if (what, subject) == disabled), None)
        return None if at is None else {what for what, who, _ in kinds[at + 1 :] if who == f"local:{self.name}"}

    def act(self, number):
        what, (door, method, target, value) = list(self.acts.items())[number]
        key = {"Idempotency-Key": uuid.uuid4().hex} if what == "certificate.issued" else {}
        self.answers[what] = door.ask(method, target, value, self.text, **key)

    def all_written(self, within):
        end = time.monotonic() + within
        while time.monotonic() < end:
            if self.written() is not None and set(self.acts) <= self.written():
                return True
        return False

    def try_it(self):
        """Whether all of it was written behind his end: a machine that is too busy finds its views too old to act by."""
        projectors = [self.cluster.pid(f"projector-{role}") for role in ROLES]
        disabling = threading.Thread(target=lambda: self.cluster.post_json(f"/v1/users/{self.name}/disable", {}))
        acting = threading.Thread(target=lambda: in_parallel(len(self.acts), self.act))
        with self.cluster.frozen(*projectors):
            disabling.start()
            wait_until(lambda: self.written() is not None, what="user.disabled")
            acting.start()
            done = self.all_written(4)
        for thread in (disabling, acting):
            thread.join(timeout=60 * PATIENCE)
        return done


def test_what_a_disabled_administrator_makes_stands_nowhere(cluster, identity):
    shut = next((one for one in (Shut(cluster, identity) for _ in range(10)) if one.try_it()), None)
    assert shut, "the machine is too busy"
    assert {what: answer.status for what, answer in shut.answers.items() if answer.status < 400} == {}
    wait_until(lambda: cluster.request("GET", f"/v1/users/{shut.name}").json["enabled"] is False, what="his end in the view")
    tokens = cluster.request("GET", "/v1/tokens").json["tokens"]
    assert [one["status"] for one in tokens if one["name"] == shut.name] in ([], ["revoked"])
    assert shut.name not in [one["rule"] for one in cluster.request("GET", "/v1/rules").json["rules"]]
    assert cluster.request("GET", f"/v1/users/{shut.name}-mallory").status == 404
    sessions = cluster.request("GET", "/v1/sessions").json["sessions"]
    assert [one["status"] for one in sessions if one["session"] == shut.session] in ([], ["ended"])
    for replica in REPLICAS:
        assert identity[replica].ask("GET", "/v1/me", session=shut.text).status == 401

    def certificates():
        return cluster.request("GET", f"/v1/certificates?name={shut.name}.internal").json["certificates"]
    wait_until(lambda: certificates() and all(one["status"] == "revoked" for one in certificates()), what="the sweep")
    assert over_gateway(cluster, "GET", "/v1/me", Authorization=f"Bearer {shut.text}").status == 401
