"""People of a running cluster, through its gateway or at one replica of identity.

    given_user(cluster, "alice", role="requester", names=["*.alice.internal"])
    issue_as(cluster, "alice", "web.alice.internal")
    with identity_with(cluster, '[access]\nfailures = 1000\n'): ...
"""

import base64
import contextlib
import http.client
import json
import signal
import ssl

from running_ca import PATIENCE, Answer, new_csr, run, wait_until

PASSWORD = "correct horse battery"
REPLICAS = (1, 2)


def over_gateway(cluster, method, target, value=None, **headers):
    body = None if value is None else json.dumps(value).encode()
    return cluster.request(method, target, body, {"Content-Type": "application/json", **headers} if body else headers, token="")


def as_user(name, password=PASSWORD):
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def given_user(cluster, name, **grant):
    """Made by an administrator, with the password that he has set himself by his one-time URL."""
    made = cluster.post_json("/v1/users", {"user": name, **grant})
    assert made.status == 201, made.body
    signed_in = over_gateway(cluster, "POST", "/v1/sign-in", {"one_time": made.json["one_time"]})
    assert signed_in.status == 201, signed_in.body
    again = over_gateway(cluster, "POST", "/v1/sign-in", {"one_time": made.json["one_time"]})
    assert (again.status, again.json["type"].rsplit("#", 1)[1]) == (409, "one-time-used"), again.body
    bearer = {"Authorization": "Bearer " + signed_in.json["text"]}
    changed = over_gateway(cluster, "PUT", f"/v1/users/{name}/password", {"password": PASSWORD}, **bearer)
    assert changed.status == 200, changed.body


def issue_as(cluster, name, dns, **more):
    return over_gateway(cluster, "POST", "/v1/certificates", {"csr": new_csr(f"DNS:{dns}"), **more}, **as_user(name))


def sessions_of(cluster, user, method):
    return [event["data"] for _, event in cluster.events()
            if event["schema"].startswith("session.created/") and event["data"]["user"] == user and event["data"]["method"] == method]


def events_from(cluster, offset):
    """[(offset, event)] of the topic from there on."""
    servers = (cluster.directory / "kafka/bootstrap").read_text().strip()
    text = run("kcat", "-C", "-q", "-b", servers, "-t", "quicklime", "-p", "0", "-o", str(offset), "-e", "-f", "%o %s\n").stdout
    return [(int(line.split(" ", 1)[0]), json.loads(line.split(" ", 1)[1])) for line in text.splitlines()]


def offset_of(answer):
    return int(answer.position.split(".")[1])


class Door:
    """One replica of a role, asked as the gateway asks it, for a client at `address`; any number of threads."""

    def __init__(self, cluster, role, replica, address="10.0.0.1"):
        self.port, self.address = cluster.peer_port(role, replica), address
        self.context = ssl.create_default_context(cafile=cluster.roots)
        self.context.load_cert_chain(cluster.directory / "gateway/gateway.crt", cluster.directory / "gateway/gateway.key")

    def ask(self, method, target, value=None, session=None, address=None, **headers):
        body = None if value is None else json.dumps(value)
        headers = {"X-Forwarded-For": address or self.address, **headers, **({"Content-Type": "application/json"} if body else {}),
                   **({"Authorization": f"Bearer {session}"} if session else {})}
        connection = http.client.HTTPSConnection("localhost", self.port, timeout=30 * PATIENCE, context=self.context)
        try:
            connection.request(method, target, body, headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def sign_in(self, user, password=PASSWORD, **more):
        return self.ask("POST", "/v1/sign-in", {"user": user, "password": password}, **more)


def restart(cluster, *homes):
    for home in homes:
        cluster.kill(home, signal.SIGTERM, within=60)
        cluster.start(home)
    for home in homes:
        role, replica = home.rsplit("-", 1)
        wait_until(lambda role=role, replica=replica: cluster.is_ready(role, int(replica)), within=60, what=home)


@contextlib.contextmanager
def identity_with(cluster, settings):
    """Both replicas of identity, with these TOML tables too; then they are as they were."""
    homes = [f"identity-{replica}" for replica in REPLICAS]
    before = {home: (cluster.directory / home / "quicklime.toml").read_text() for home in homes}
    for home, text in before.items():
        (cluster.directory / home / "quicklime.toml").write_text(f"{text}\n{settings}\n")
    restart(cluster, *homes)
    try:
        yield
    finally:
        for home, text in before.items():
            (cluster.directory / home / "quicklime.toml").write_text(text)
        restart(cluster, *homes)
