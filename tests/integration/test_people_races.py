"""Whoever is shut out while he acts: nothing of what he does stands."""

import json
import threading

from people import PASSWORD, Desk, administrator, person
from running_ca import PATIENCE, in_parallel, log_events, new_csr, schema, wait_until

ROUNDS = 60


def as_session(ca, secret, method, target, value=None, key=None):
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json", **({"Idempotency-Key": key} if key else {})}
    return ca.secure(method, target, None if value is None else json.dumps(value), headers, timeout=60)


def test_what_a_disabled_administrator_makes_does_not_stand(make_ca):
    """The views do not know it yet when he acts; the log does."""
    ca = make_ca(environment={"QUICKLIME_TEST_HOOKS": "1"})
    root = administrator(ca)
    alice = person(ca, root, "alice", "--role", "administrator")
    csr = new_csr("DNS:web.internal")

    def in_log():
        return {schema(event) for _, event in log_events(ca.data)[before:]}

    before = len(log_events(ca.data))
    ca.hook("pause-projection")
    disabling = threading.Thread(target=lambda: ca.request("POST", "/v1/users/local:alice/disable", "{}", {"Content-Type": "application/json"}, 60))
    disabling.start()
    wait_until(lambda: in_log() == {"user.disabled"}, what="user.disabled")
    acts = {"token.created": ("POST", "/v1/tokens", {"name": "later", "role": "administrator"}),
            "user.created": ("POST", "/v1/users", {"user": "mallory", "role": "administrator"}),
            "rule.set": ("PUT", "/v1/rules/later", {"provider": "certificate", "when": ["name=DNS:web.internal"], "role": "administrator"}),
            "session.created": ("POST", "/v1/sessions", {"session": 16 * "0", "secret_sha256": 64 * "0"}),
            "certificate.issued": ("POST", "/v1/certificates", {"csr": csr}, "a key")}
    answers = {}

    def act(i):
        name, words = list(acts.items())[i]
        answers[name] = as_session(ca, alice.secret, *words)

    acting = threading.Thread(target=lambda: in_parallel(len(acts), act))
    acting.start()
    wait_until(lambda: set(acts) <= in_log(), what="all that he does")
    ca.hook("resume-projection")
    acting.join(timeout=60 * PATIENCE)
    disabling.join(timeout=60 * PATIENCE)

    ca.settled()
    assert {name: answer.status for name, answer in answers.items() if answer.status < 400} == {}
    assert ca.request("GET", "/v1/users/local:alice").json["enabled"] is False
    assert [one["status"] for one in ca.request("GET", "/v1/tokens").json["tokens"] if one["name"] == "later"] in ([], ["revoked"])
    assert ca.request("GET", "/v1/rules").json["rules"] == []
    assert "local:mallory" not in [one["user"] for one in ca.request("GET", "/v1/users").json["users"]]
    assert 16 * "0" not in [one["session"] for one in ca.request("GET", "/v1/sessions").json["sessions"] if one["status"] == "live"]
    wait_until(lambda: all(one["status"] == "revoked" for one in ca.listed(name="web.internal")), what="the sweep")
    assert alice.refused("whoami")[1] == 4


def test_the_old_password_opens_nothing_once_there_is_a_new_one(make_ca):
    """Both at once, again and again: whoever was in by the old one before is out."""
    ca = make_ca(settings={"access__failures": 1000, "access__failure_floor": "0s"})
    root = administrator(ca)
    person(ca, root, "alice")
    desk, old = Desk(ca, "racing"), PASSWORD
    by_old, sign_ins = [], []
    for number in range(ROUNDS):
        new = f"{PASSWORD} {number}"
        url = root.run("user", "one-time", "alice").stdout.strip()
        one_time = ca.secure("POST", "/v1/sign-in", json.dumps({"one_time": url.rsplit("=", 1)[1]}), {"Content-Type": "application/json"})
        setter = one_time.json["text"]

        def race(i, new=new, old=old, setter=setter):
            if i == 0:
                return as_session(ca, setter, "PUT", "/v1/users/local:alice/password", {"password": new})
            return ca.secure("POST", "/v1/sign-in", json.dumps({"user": "alice", "password": old}), {"Content-Type": "application/json"})

        changed, signed_in = in_parallel(2, race)
        if changed.status == 409:  # a sign-in was first: nothing of it may be lost
            continue
        assert changed.status == 200, changed.body
        sign_ins.append(signed_in.status)
        if signed_in.status == 201:
            by_old.append(signed_in.json["text"])
            assert as_session(ca, by_old[-1], "GET", "/v1/me").status == 401, "the new password ended it"
        old = new
        if number % 8 == 7:  # ten sessions a minute are given to one: another process counts anew
            ca.restart()
    assert len(sign_ins) > ROUNDS // 2 and set(sign_ins) <= {201, 401, 409, 429, 503}, sign_ins
    assert all(as_session(ca, secret, "GET", "/v1/me").status == 401 for secret in by_old)
    assert desk.login("alice", old)["user"] == "local:alice"


def test_sessions_outlive_the_process_and_their_end_does_too(make_ca):
    ca = make_ca()
    root = administrator(ca)
    alice = person(ca, root, "alice")
    leaving = Desk(ca, "leaving")
    leaving.login("alice")
    secret = leaving.secret
    ca.cli("logout", environment=leaving.environment)
    ca.kill()
    ca.start()
    assert alice.who()["actor"]["id"] == "local:alice"
    assert as_session(ca, secret, "GET", "/v1/me").status == 401
