"""Moving up and down again: an embedded CA with a past becomes a cluster, and the cluster an embedded CA. Its log stays the same, byte for
byte, and so do its answers. The bytes are read here by sqlite3 and kcat."""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess

import pytest
from running_ca import PATIENCE, REPOSITORY, RunningCA, in_parallel, new_csr, openssl, run, wait_until
from running_cluster import PROGRAMS, SERVICES, RunningCluster, until_answered

CRASHED = 137
# In this order: each attempt gets a little further than the one before it.
CRASHES_HALF_WAY = ("move.created", "move.batch:1", "move.copied", "move.tokens")
CRASHES_WHEN_OPEN = ("move.opened", "move.token:1", "move.token:3")


def in_file(data):
    with sqlite3.connect(f"file:{data}/log.db?mode=ro", uri=True) as database:
        return [bytes(event) for (event,) in database.execute("SELECT bytes FROM events ORDER BY offset")]


def in_topic(servers, topic="quicklime"):
    """As they stand there; an event is one line."""
    text = subprocess.run(["kcat", "-C", "-q", "-b", servers, "-t", topic, "-p", "0", "-o", "beginning", "-e", "-f", "%o %s\n"],
                          check=True, capture_output=True, timeout=60 * PATIENCE).stdout
    lines = [line.split(b" ", 1) for line in text.splitlines()]
    assert [int(offset) for offset, _ in lines] == list(range(len(lines)))
    return [event for _, event in lines]


def chain_of(events):
    chain = bytes(32)
    for event in events:
        chain = hashlib.sha256(chain + hashlib.sha256(event).digest()).digest()
    return chain.hex()


def schemas(events):
    return [json.loads(event)["schema"].split("/")[0] for event in events]


def entries(crl_text):
    """{serial: what the CRL says of it}, but for the CRL's own signature."""
    found, serial = {}, None
    for line in crl_text.split("Revoked Certificates:", 1)[1].split("Signature Algorithm:", 1)[0].splitlines():
        if "Serial Number:" in line:
            serial = line.split(":", 1)[1].strip().lower()
            found[serial] = []
        elif serial and line.strip():
            found[serial].append(line.strip())
    return found


def quicklime(*arguments, data, check=True, environment=None):
    return run(f"{PROGRAMS}/quicklime", *arguments, "--data", data, check=check, env={**os.environ, **(environment or {})})


def refusal(*arguments, data):
    done = quicklime(*arguments, "-o", "json", data=data, check=False)
    assert done.returncode not in (0, 2), done.stdout + done.stderr
    return json.loads(done.stderr.splitlines()[-1])["type"].rsplit("#", 1)[1]


TOKENS = len(SERVICES)  # for daemons: of every role but issuance, and of the gateway
PASSWORD = "correct horse battery"
JSON = {"Content-Type": "application/json"}


def make_past(ca):
    """Certificates in every state, some hundred of them, a token, and a person who is signed in; what OCSP and the CRL say of each."""
    ca.token = ca.cli_json("token", "create", "past", "--role", "administrator", "--days", "1")["token"]
    made = ca.post_json("/v1/users", {"user": "alice", "role": "auditor"}).json
    signed_in = ca.secure("POST", "/v1/sign-in", json.dumps({"one_time": made["one_time"]}), JSON).json["text"]
    assert ca.secure("PUT", "/v1/users/alice/password", json.dumps({"password": PASSWORD}), {**JSON, "Authorization": f"Bearer {signed_in}"}).status == 200
    ca.session = ca.secure("POST", "/v1/sign-in", json.dumps({"user": "alice", "password": PASSWORD}), JSON).json["text"]
    good, revoked, held, renewed = (ca.issue(f"{name}.internal") for name in ("good", "revoked", "held", "renewed"))
    ca.revoke(revoked, reason="keyCompromise")
    assert ca.post_json(f"/v1/certificates/{held.serial}/hold", {}).status == 200
    ca.cli("renew", renewed.certificate)
    csr = new_csr("DNS:many.internal")
    in_parallel(4, lambda _: [ca.post_csr(csr) for _ in range(150)])
    ca.settled()
    serials = [one["serial"] for one in ca.listed()]
    assert len(serials) > 600
    ca.asked = {good.serial, revoked.serial, held.serial, renewed.serial, *serials[:20], *serials[-20:]}
    wait_until(lambda: len(ca.revoked_serials()) == 2, what="the CRL")
    ca.answers = {serial: ca.ocsp(serial) for serial in ca.asked}
    assert set(ca.answers.values()) == {"good", "revoked"}
    ca.entries = entries(ca.crl())
    assert set(ca.entries) == {revoked.serial, held.serial}


class MovedCluster(RunningCluster):
    """Its CA was embedded."""

    def start_kafka(self):
        return run(REPOSITORY / "scripts/kafka.sh", "start", self.directory / "kafka", "--port", str(self.port + 92), timeout=240).stdout.strip()

    def prepare(self):
        self.servers = self.start_kafka()
        self.embedded = RunningCA()
        make_past(self.embedded)
        self.embedded.stop()
        self.file = self.directory / "log.jsonl"
        quicklime("log", "export", self.file, "--seal", data=self.embedded.data)
        self.sealed = in_file(self.embedded.data)

        new = self.directory / "ca"
        new.mkdir(mode=0o700)
        shutil.copytree(self.embedded.data / "ca", new / "ca")
        shutil.copy(self.embedded.data / "quicklime.toml", new)
        kept, self.embedded.data = self.embedded.data, new
        self.embedded.configure(kafka__bootstrap_servers=self.servers, kafka__allow_single_replica=True)
        self.embedded.data = kept

        for point in CRASHES_HALF_WAY:
            self.import_until(point)
            assert refusal("log", "seal", "--log", "kafka", data=new) == "log-importing"
        for point in CRASHES_WHEN_OPEN:
            self.import_until(point)
        self.said = json.loads(quicklime("log", "import", self.file, "--log", "kafka", "-o", "json", data=new).stdout)
        self.imported = in_topic(self.servers)

    def import_until(self, point):
        died = quicklime("log", "import", self.file, "--log", "kafka", data=self.directory / "ca", check=False,
                         environment={"QUICKLIME_CRASH_AT": point})
        assert died.returncode == CRASHED, (point, died.stdout + died.stderr)

    def remove(self):
        super().remove()
        self.embedded.remove()


@pytest.fixture(scope="module")
def moved():
    cluster = MovedCluster(demonstration=True)
    yield cluster
    cluster.remove()


def test_the_same_bytes_stand_at_the_same_offsets(moved):
    count = len(moved.sealed)
    assert schemas(moved.sealed)[-1] == "log.sealed" and count > 600
    assert moved.imported[:count] == moved.sealed
    chain = chain_of(moved.sealed)
    assert moved.said["chain"] == chain and moved.said["events"] == count
    assert chain in json.loads(moved.imported[count])["data"]["from"]
    # Killed in between again and again: opened once, each token once.
    assert schemas(moved.imported[count:]) == ["log.opened"] + ["token.created"] * TOKENS
    assert len({json.loads(event)["subject"] for event in moved.imported[count + 1:]}) == TOKENS


def test_importing_again_changes_nothing(moved):
    before = in_topic(moved.servers)
    said = json.loads(quicklime("log", "import", moved.file, "--log", "kafka", "-o", "json", data=moved.directory / "ca").stdout)
    assert said["had_been_imported"]
    assert not [one for one in schemas(in_topic(moved.servers)[len(before):]) if one in ("log.opened", "token.created")]


def test_the_cluster_gives_the_same_answers(moved):
    assert "localhost.crt: revoked" in moved.first_up, "and it renews and revokes"
    for serial, answer in moved.embedded.answers.items():
        assert moved.ocsp(serial) == answer, serial
    der = moved.directory / "moved.crl"
    der.write_bytes(moved.fetch("/crl/issuing-1.crl").body)
    now = entries(openssl("crl", "-inform", "DER", "-in", der, "-noout", "-text").stdout)
    assert {serial: now.get(serial) for serial in moved.embedded.entries} == moved.embedded.entries


def test_its_tokens_and_certificates_go_on(moved):
    answer = moved.request("GET", "/v1/certificates?limit=500", token=moved.embedded.token)
    assert answer.status == 200
    held = next(serial for serial, said in moved.embedded.entries.items() if "Certificate Hold" in " ".join(said))
    until_answered(lambda: moved.post_json(f"/v1/certificates/{held}/release", {}), 200)
    wait_until(lambda: moved.ocsp(held) == "good", what="OCSP")
    moved.embedded.answers[held] = "good"


def test_its_people_are_still_signed_in_and_still_known(moved):
    me = moved.request("GET", "/v1/me", token=moved.embedded.session)
    assert (me.status, me.json["actor"]["id"]) == (200, "local:alice"), me.body
    again = until_answered(lambda: moved.post_json("/v1/sign-in", {"user": "alice", "password": PASSWORD}), 201)
    assert again.json["session"]["role"] == "auditor"


def test_the_place_it_left_writes_nothing(moved):
    assert refusal("issue", "twice.internal", "--out", moved.embedded.out, data=moved.embedded.data) == "log-sealed"
    assert in_file(moved.embedded.data) == moved.sealed


def test_an_init_that_is_interrupted_goes_on(moved):
    """Its first events move like any log."""
    data = moved.directory / "begun"
    for point in (*CRASHES_HALF_WAY, *CRASHES_WHEN_OPEN):
        died = quicklime("init", "--name", "Begun", "--public-url", "http://begun", "--log", "kafka", "--bootstrap-servers", moved.servers, "--topic",
                         "begun", "--allow-single-replica", data=data, check=False, environment={"QUICKLIME_CRASH_AT": point})
        assert died.returncode == CRASHED, (point, died.stdout + died.stderr)
        if point in CRASHES_HALF_WAY:
            assert refusal("log", "seal", "--log", "kafka", data=data) == "log-importing"
    quicklime("init", "--log", "kafka", data=data)
    made = ["log.created", "authority.added", "authority.added", "crl.published", "log.sealed", "log.opened"] + ["token.created"] * TOKENS
    assert schemas(in_topic(moved.servers, "begun")) == made
    assert {file.name for file in data.iterdir()} == {"LOCK", "bootstrap", "ca", "quicklime.toml"}


def test_and_down_again(moved):
    """Last in this file: the cluster ends."""
    late = moved.issue("late.internal").json["serial"]
    moved.script("down")
    moved.start_kafka()
    maker, down, file = moved.directory / "ca", moved.directory / "down", moved.directory / "down.jsonl"
    quicklime("log", "export", file, "--seal", "--log", "kafka", data=maker)
    sealed = in_topic(moved.servers)
    assert schemas(sealed)[-1] == "log.sealed"

    # Whoever would write is refused.
    redis = subprocess.Popen(["redis-server", "--port", str(moved.port + 379), "--bind", "127.0.0.1", "--save", "", "--aclfile",
                              str(moved.directory / "redis/users.acl"), "--dir", str(moved.directory)], stdout=subprocess.DEVNULL)
    try:
        daemon = run(f"{PROGRAMS}/quicklime-issuance", "--data", moved.directory / "issuance-1", check=False, timeout=60 * PATIENCE)
    finally:
        redis.terminate()
        redis.wait()
    assert daemon.returncode == 1 and "log-sealed" in daemon.stderr + daemon.stdout or "was sealed to be moved" in daemon.stderr, daemon.stderr

    down.mkdir(mode=0o700)
    shutil.copytree(maker / "ca", down / "ca")
    shutil.copy(maker / "quicklime.toml", down)
    said = json.loads(quicklime("log", "import", file, "-o", "json", data=down).stdout)
    assert said["chain"] == chain_of(sealed)
    assert in_file(down)[:-1] == sealed
    assert not (down / "bootstrap").exists()

    ca = moved.embedded
    kept, ca.data = ca.data, down
    try:
        ca.start()
        for serial, answer in {**ca.answers, late: "good"}.items():
            assert ca.ocsp(serial) == answer, serial
        assert ca.ocsp(ca.issue("home.internal")) == "good"
        assert "The log holds" in ca.cli("log", "verify").stdout
    finally:
        ca.stop()
        ca.data = kept
