"""Who guesses passwords, and what he learns and hinders: nothing."""

import collections
import http.client
import itertools
import json
import math
import pathlib
import random
import statistics
import threading
import time

import pytest
from people import PASSWORD, administrator, person
from running_ca import PATIENCE, RunningCA, in_parallel, log_events

WRONG = "wrong password"


class Door:
    """Sign-ins over one connection, from this address of 127.0.0.0/8."""

    def __init__(self, ca, address="127.0.0.1"):
        self.connection = http.client.HTTPSConnection("127.0.0.1", ca.https, timeout=60 * PATIENCE, context=ca.trusting(), source_address=(address, 0))

    def knock(self, user, password, cookie=None):
        """(status, body, cookies)"""
        headers = {"Content-Type": "application/json", **({"Cookie": cookie} if cookie else {})}
        self.connection.request("POST", "/v1/sign-in", json.dumps({"user": user, "password": password}), headers)
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read()), answer.headers.get_all("Set-Cookie") or []

    def device(self, user, password=PASSWORD):
        """The cookie by which this device is known from now on."""
        status, _, cookies = self.knock(user, password)
        assert status == 201
        return next(cookie.split(";")[0] for cookie in cookies if "device" in cookie)


def reason(body):
    return body["type"].rsplit("#", 1)[1]


def resident(ca):
    """KiB of the server."""
    status = pathlib.Path(f"/proc/{ca.pid()}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


def test_the_known_device_comes_in_while_others_guess(make_ca):
    ca = make_ca(settings={"access__failure_floor": "0s"})
    alice, door = person(ca, administrator(ca), "alice"), Door(ca)
    device = door.device("alice")
    assert {door.knock("alice", WRONG)[0] for _ in range(5)} == {401}
    status, problem, _ = door.knock("alice", PASSWORD)
    assert (status, reason(problem)) == (429, "sign-in-limited")
    assert door.knock("alice", PASSWORD, device)[0] == 201
    assert door.knock("mallory", PASSWORD, device)[0] == 429, "it is alice's"
    assert alice.refused("login", "--user", "alice", "--password-file", alice.file(PASSWORD))[0] == "sign-in-limited"
    ca.restart()
    assert Door(ca).knock("alice", PASSWORD)[0] == 201, "nothing is locked"


def test_a_stolen_session_does_not_guess_the_password(make_ca):
    ca = make_ca(settings={"access__failure_floor": "0s"})
    alice = person(ca, administrator(ca), "alice")
    guess = ("user", "password", "--password-file", alice.file("another sentence"), "--old-password-file")
    for i in range(5):
        assert alice.refused(*guess, alice.file(f"wrong password {i}"))[0] == "old-password-wrong"
    assert alice.refused(*guess, alice.file(PASSWORD))[0] == "sign-in-limited"


@pytest.fixture(name="open_ca", scope="module")
def one_that_stops_nobody():
    ca = RunningCA(settings={"access__failures": 1000, "access__failure_floor": "0s"})
    yield ca
    ca.remove()


def test_names_that_nobody_has_are_refused_alike(open_ca):
    """40 each, interleaved; the fastest of each, for the machine has other things to do. Where nothing is hashed it takes a tenth of that."""
    root = administrator(open_ca)
    person(open_ca, root, "alice")
    person(open_ca, root, "bob")
    root.run("user", "disable", "bob")
    root.run("user", "create", "carol")  # has set no password
    door, tries = Door(open_ca), {"alice": [], "bob": [], "carol": [], "nobody": []}
    bodies = set()
    for _ in range(40):
        for name, times in tries.items():
            begun = time.monotonic()
            status, body, _ = door.knock(name, PASSWORD if name == "bob" else WRONG)
            times.append(time.monotonic() - begun)
            assert status == 401
            bodies.add(json.dumps({member: value for member, value in body.items() if member not in ("request_id", "instance")} | {
                "detail": body["detail"].replace(body["request_id"], "")}))
    assert len(bodies) == 1, bodies
    fastest = {name: min(times) for name, times in tries.items()}
    assert min(fastest.values()) > 0.4 * max(fastest.values()), fastest


def unlike(one, other):
    """Mann and Whitney's statistic of two samples in its standard deviations: above 4 by chance once in 16,000."""
    whole = sorted((value, which) for which, values in enumerate((one, other)) for value in values)
    ranks = sum(rank for rank, (_, which) in enumerate(whole, 1) if which == 0)
    n, m = len(one), len(other)
    return abs(ranks - n * (n + m + 1) / 2) / math.sqrt(n * m * (n + m + 1) / 12)


NOTICED = 4


def noticed_shift(values):
    """The smallest difference, in seconds, that would be called one: between these and as many that take so much longer."""
    return next(shift / 10_000 for shift in itertools.count(1) if unlike(values, [value + shift / 10_000 for value in values]) > NOTICED)


def said(body):
    """Without what is of this request alone."""
    return json.dumps({name: value for name, value in body.items() if name not in ("request_id", "instance")}).replace(body["request_id"], "")


def test_of_whom_there_is_time_and_words_say_nothing(make_ca, directory):
    """200 each, interleaved, by four at once. With a cheap password all of it fits below the floor: what a busy machine adds is the same for all."""
    ca = make_ca(start=False, settings={"access__failures": 1000, "access__failure_floor": "50ms", "access__password_memory": 8192, "access__password_passes": 1})
    directory.write_settings(ca, "acme")
    ca.start()
    root = administrator(ca)
    person(ca, root, "known")
    person(ca, root, "disabled")
    root.run("user", "disable", "disabled")
    passwords = {"known": WRONG, "nobody": WRONG, "disabled": PASSWORD, "acme:alice": WRONG, "acme:nobody": WRONG}
    # What is hashed for whom there is not is nobody's password, and lets nobody in.
    for user in passwords:
        assert Door(ca).knock(user, "nobody's password")[0] == 401, user
    ca.restart()  # a thousand failures from one address are what may be
    times, bodies, lock = {user: [] for user in passwords}, set(), threading.Lock()

    def guess(number):
        door, order = Door(ca), random.Random(number)
        for _ in range(50):
            for user in order.sample(sorted(passwords), len(passwords)):
                begun = time.monotonic()
                status, body, _ = door.knock(user, passwords[user])
                took = time.monotonic() - begun
                with lock:
                    times[user].append(took)
                    bodies.add((status, said(body)))

    in_parallel(4, guess)
    assert {status for status, _ in bodies} == {401} and len(bodies) == 1, bodies
    medians = ", ".join(f"{user} {1000 * statistics.median(values):.1f} ms" for user, values in times.items())
    power = f"medians: {medians}; more than {1000 * max(noticed_shift(values) for values in times.values()):.1f} ms would be noticed"
    print(power)
    assert min(min(values) for values in times.values()) >= 0.05, "none is answered before"
    assert not [pair for pair in itertools.combinations(times, 2) if unlike(times[pair[0]], times[pair[1]]) > NOTICED], power


def test_ten_thousand_failures_leave_no_trace_and_hinder_nobody(make_ca):
    """From four hundred addresses, each of which is stopped after some; half of them invented names."""
    ca = make_ca(settings={"access__failure_floor": "0s", "access__password_memory": 8192, "access__password_passes": 1})
    person(ca, administrator(ca), "alice")
    web = ca.issue("web.internal")
    device = Door(ca).device("alice")
    in_parallel(4, lambda i: [Door(ca, f"127.1.{i}.{n + 1}").knock(f"warm-{i}-{n}", WRONG) for n in range(50)])
    before, memory = len(log_events(ca.data)), resident(ca)

    done = threading.Event()
    meanwhile, counts = [], []

    def known_device():
        door = Door(ca)
        while not done.wait(1.0):
            meanwhile.append((door.knock("alice", PASSWORD, device)[0], ca.ocsp(web)))

    watching = threading.Thread(target=known_device)
    watching.start()

    def guess(i):
        said = collections.Counter()
        for n in range(2_500):
            if n % 25 == 0:
                door = Door(ca, f"127.2.{i}.{n // 25 + 1}")
            status, body, _ = door.knock("alice" if n % 2 else f"invented-{i}-{n}", WRONG)
            assert status in (401, 429, 503), body
            said[status] += 1
        counts.append(said)

    try:
        in_parallel(4, guess)
    finally:
        done.set()
        watching.join()
    looked_at = sum(said[401] for said in counts)
    assert looked_at > 1_000, counts
    came_in = sum(status == 201 for status, _ in meanwhile)
    assert meanwhile and all(status == "good" for _, status in meanwhile)
    assert all(status == 201 or n >= 8 for n, (status, _) in enumerate(meanwhile)), meanwhile  # ten sessions a minute are given to one
    assert len(log_events(ca.data)) == before + came_in, "a session is an event, a failure is none"
    assert resident(ca) - memory < 8 * 1024, "KiB, for ten thousand names"
