"""People at two replicas of identity: begun at one and finished at the other, ended at one and over at the other, and one of them killed."""

import signal
import threading
import time
import urllib.parse

import pytest
from check_cluster import kind
from people_there import PASSWORD, REPLICAS, Door, events_from, given_user, identity_with, offset_of, over_gateway
from running_ca import PATIENCE, free_port, in_parallel, new_csr, wait_until
from running_cluster import until_answered
from running_provider import RunningProvider

CALLBACK = "/v1/sign-in/op/callback"
CLIENT = "quicklime-es256"
CLAIMS = {"aud": "quicklime", "sub": "repo:acme/web", "repository_id": "74"}


@pytest.fixture(name="port", scope="module")
def port_of_the_provider():
    return free_port()


@pytest.fixture(name="identity", scope="module")
def identity_with_a_provider(cluster, port):
    """{replica: its door}; the provider itself is started by whoever needs it."""
    secret = cluster.directory / "client-secret"
    secret.write_text("secret of quicklime\n")
    settings = f"""[access]
failures = 1000
failure_floor = "0s"
[oidc.op]
issuer = "http://127.0.0.1:{port}"
client_id = "{CLIENT}"
client_secret_file = "{secret}"
audience = "quicklime"
"""
    with identity_with(cluster, settings):
        yield {replica: Door(cluster, "identity", replica) for replica in REPLICAS}


def bearer(session):
    return {"Authorization": f"Bearer {session}"}


def me(door, session, **headers):
    return until_answered(lambda: door.ask("GET", "/v1/me", session=session, **headers))


ENDED = [401, 401, 401, 401]


def answers_everywhere(cluster, identity, session, answer):
    """Of both replicas of identity and of issuance, from this position on."""
    fresh = {"Quicklime-Min-Position": answer.position}
    csr = new_csr("DNS:late.sessions.internal")
    found = [me(door, session, **fresh).status for door in identity.values()]
    for replica in REPLICAS:
        door = Door(cluster, "issuance", replica)
        found.append(until_answered(lambda: door.ask("POST", "/v1/certificates", {"csr": csr}, session, **fresh)).status)  # noqa: B023
    return found


@pytest.fixture(name="somebody", scope="module")
def one_of_them(cluster, identity):
    given_user(cluster, "sam", role="requester", names=["*.sessions.internal"])
    return lambda replica=1: until_answered(lambda: identity[replica].sign_in("sam"), 201)


def test_a_session_made_at_one_replica_is_one_at_the_other(identity, somebody):
    for here, there in ((1, 2), (2, 1)):
        made = somebody(here)
        assert me(identity[there], made.json["text"], **{"Quicklime-Min-Position": made.position}).json["actor"]["id"] == "local:sam"


def test_what_is_ended_at_one_is_over_at_the_other(cluster, identity, somebody):
    own, others, cookie = somebody(1), somebody(2), somebody(1)
    out = until_answered(lambda: identity[2].ask("DELETE", "/v1/sessions/current", session=own.json["text"], **{"Quicklime-Min-Position": own.position}), 200)
    assert answers_everywhere(cluster, identity, own.json["text"], out) == ENDED
    number = others.json["session"]["session"]
    by_another = until_answered(lambda: identity[1].ask("DELETE", f"/v1/sessions/{number}", session=cluster.token, **{"Quicklime-Min-Position": others.position}), 200)
    assert answers_everywhere(cluster, identity, others.json["text"], by_another) == ENDED
    assert me(identity[1], cookie.json["text"]).status == 200, "nobody else's"


def test_another_role_ends_every_session(cluster, identity):
    given_user(cluster, "rita", role="requester", names=["*.sessions.internal"])
    made = [until_answered(lambda replica=replica: identity[replica].sign_in("rita"), 201) for replica in REPLICAS]
    changed = until_answered(lambda: identity[2].ask("POST", "/v1/users/rita/grant", {"role": "auditor"}, cluster.token, **{"Quicklime-Min-Position": made[-1].position}), 200)
    assert [answers_everywhere(cluster, identity, one.json["text"], changed) for one in made] == [ENDED, ENDED]
    assert until_answered(lambda: identity[1].sign_in("rita"), 201).json["session"]["role"] == "auditor"


def test_a_replica_that_is_killed_takes_no_session_with_it(cluster, identity, somebody):
    at_the_killed, over = somebody(2), somebody(2)
    until_answered(lambda: identity[2].ask("DELETE", "/v1/sessions/current", session=over.json["text"]), 200)
    cluster.kill("identity-2", signal.SIGKILL)
    try:
        assert me(identity[1], at_the_killed.json["text"]).status == 200
        assert me(identity[1], over.json["text"]).status == 401
        through = wait_until(lambda: (answer := over_gateway(cluster, "GET", "/v1/me", **bearer(at_the_killed.json["text"]))).status < 500 and answer, what="the gateway")
        assert through.json["actor"]["id"] == "local:sam"
        signed_in = wait_until(lambda: (answer := over_gateway(cluster, "POST", "/v1/sign-in", {"user": "sam", "password": PASSWORD})).status < 500 and answer, what="the gateway")
        assert signed_in.status == 201, signed_in.body
    finally:
        cluster.start("identity-2")
        wait_until(lambda: cluster.is_ready("identity", 2), within=60, what="identity-2")
    assert me(identity[2], at_the_killed.json["text"]).status == 200
    assert me(identity[2], over.json["text"]).status == 401


def test_a_one_time_url_leads_to_the_gateway(cluster, identity):
    made = until_answered(lambda: identity[2].ask("POST", "/v1/users", {"user": "ursula", "role": "auditor"}, cluster.token), 201)
    url, at_the_machine = made.json["one_time_url"], cluster.cli("login", "--url").stdout
    for one in (url, at_the_machine):
        assert one.startswith(f"https://localhost:{cluster.https}/ui/#one-time="), one.split("#")[0]
    signed_in = over_gateway(cluster, "POST", "/v1/sign-in", {"one_time": url.rsplit("=", 1)[1]}, **{"Quicklime-Min-Position": made.position})
    assert signed_in.json["session"]["user"] == "local:ursula"


# ---- a real provider


class Browser:
    """Whose requests the gateway gives to the one replica or to the other."""

    def __init__(self, identity):
        self.identity, self.cookies = identity, {}

    def get(self, replica, target):
        answer = self.identity[replica].ask("GET", target, Cookie="; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        for value in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = value.partition("=")
            self.cookies[name] = rest.split(";", 1)[0]
        return answer

    def sent_back(self, replica, provider, name):
        begun = self.get(replica, "/v1/sign-in/op")
        assert begun.status == 302, begun.body
        back = urllib.parse.urlsplit(provider.sign_in(begun.headers["Location"], name))
        return f"{back.path}?{back.query}"


@pytest.fixture(name="provider", scope="module")
def one_provider(cluster, identity, port):
    made = RunningProvider(redirects=[f"https://localhost:{cluster.https}{CALLBACK}"], port=port)  # the gateway's, whichever replica is asked
    for name, when, *grant in (("admins", "groups=pki-admins", "--role", "administrator"),
                               ("web", "repository_id=74", "--role", "requester", "--names", "*.web.internal")):
        cluster.cli("rule", "set", name, "--provider", "op", "--when", when, *grant)
    yield made
    made.remove()


@pytest.mark.node
@pytest.mark.parametrize("begun, finished", [(1, 2), (2, 1)])
def test_a_sign_in_begun_at_one_replica_is_finished_at_the_other(identity, provider, begun, finished):
    browser = Browser(identity)
    target = browser.sent_back(begun, provider, "alice")
    there = browser.get(finished, target)
    assert (there.status, there.headers["Location"]) == (302, "/ui/"), there.body
    session = browser.cookies["__Host-quicklime"]
    for replica in REPLICAS:
        who = until_answered(lambda: identity[replica].ask("GET", "/v1/me", Cookie=f"__Host-quicklime={session}", **{"Quicklime-Min-Position": there.position}))  # noqa: B023
        assert (who.json["name"], who.json["role"]) == ("Alice Example", "administrator")
    assert browser.get(begun, target).status == 401, "a code is used once, wherever"
    other = Browser(identity)
    changed = other.sent_back(begun, provider, "alice").replace("state=", "state=x")
    assert other.get(finished, changed).status == 401
    assert Browser(identity).get(finished, other.sent_back(begun, provider, "alice")).status == 401, "another browser did not begin"


@pytest.mark.node
def test_keys_that_rotate_under_load_refuse_no_good_token(cluster, identity, provider):
    """Programs ask at both replicas of identity and, as it is seen from issuance, by it; the keys change meanwhile."""
    csr = new_csr("DNS:a.web.internal")
    doors = [*identity.values(), *(Door(cluster, "issuance", replica) for replica in REPLICAS)]
    done, answers, begun = threading.Event(), [], provider.times_asked_for_keys()

    def ask(number):
        door, count = doors[number], 0
        while not done.is_set():
            token = provider.token(jti=f"{number}-{time.monotonic_ns()}", sub=f"repo:{number}-{(count := count + 1)}", aud="quicklime", repository_id="74")
            what = ("GET", "/v1/me", None) if number < 2 else ("POST", "/v1/certificates", {"csr": csr})
            answers.append(until_answered(lambda: door.ask(*what, token)))  # noqa: B023

    asking = threading.Thread(target=lambda: in_parallel(len(doors), ask))
    asking.start()
    try:
        wait_until(lambda: len(answers) > 20, within=60, what="programs that ask")
        provider.rotate()
        before = len(answers)
        wait_until(lambda: len(answers) > before + 40, within=60, what="programs that ask by new keys")
    finally:
        done.set()
        asking.join(timeout=60 * PATIENCE)
    refused = [answer.body for answer in answers if answer.status not in (200, 201)]
    assert not refused, (len(refused), len(answers), refused[0])
    assert provider.times_asked_for_keys() - begun <= 2 * len(REPLICAS), "each replica once at first and once for the new ones"


@pytest.mark.node
def test_one_token_at_two_replicas_is_one_session(cluster, identity, provider):
    token = provider.token(jti="one", **CLAIMS)
    first = until_answered(lambda: identity[1].ask("POST", "/v1/sign-in", {"assertion": token}), 201)
    answers = in_parallel(8, lambda i: until_answered(lambda: identity[1 + i % 2].ask("POST", "/v1/sign-in", {"assertion": token}), 201))
    assert {answer.json["text"] for answer in answers} == {first.json["text"]}
    made = [event for _, event in events_from(cluster, offset_of(first)) if kind(event) == "session.created" and event["data"]["method"] == "assertion"]
    assert [event["data"]["session"] for event in made] == [first.json["session"]["session"]]
