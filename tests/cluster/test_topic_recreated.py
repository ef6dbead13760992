"""The topic of a running cluster, deleted and made anew with another log in it: nobody writes to it, nobody believes it, nothing is
reset. On a cluster of its own, which does not survive it."""

import socket
import struct
import time

import pytest
from check_cluster import kind
from running_ca import new_csr, run, wait_until
from running_cluster import PROGRAMS, ROLES, Peer, RunningCluster


class Admin:
    """Two requests of Kafka's protocol, which kcat does not have."""

    def __init__(self, cluster):
        host, port = (cluster.directory / "kafka/bootstrap").read_text().strip().split(",")[0].split(":")
        self.stream = socket.create_connection((host, int(port)), timeout=30)

    @staticmethod
    def string(text):
        return struct.pack(">h", len(text)) + text.encode()

    def ask(self, api, version, body):
        request = struct.pack(">hhi", api, version, 1) + self.string("test") + body
        self.stream.sendall(struct.pack(">i", len(request)) + request)
        size = struct.unpack(">i", self.stream.recv(4, socket.MSG_WAITALL))[0]
        return self.stream.recv(size, socket.MSG_WAITALL)[4:]

    def delete_topic(self, name):
        """DeleteTopics v1: throttle time, then one name and its error."""
        answer = self.ask(20, 1, struct.pack(">i", 1) + self.string(name) + struct.pack(">i", 10_000))
        (error,) = struct.unpack(">h", answer[-2:])
        assert error == 0, error


@pytest.fixture
def doomed():
    cluster = RunningCluster()
    yield cluster
    cluster.remove()


def refusal_of(cluster, role, replica):
    return Peer(cluster, role, replica).post("/v1/certificates", {"csr": new_csr("DNS:nowhere.internal")})


def position_of(cluster, role):
    """Where the view stands in Redis, and of which log it is."""
    (meta,) = cluster.redis("KEYS", f"quicklime:{{{role.replace('-', '_')}:*:meta")
    position, log_id = cluster.redis("HMGET", meta, "position", "log_id")
    return int(position.split(b".")[1]), log_id


def test_another_log_in_the_place_of_ours(doomed):
    serial = doomed.issue("before.internal").json["serial"]
    wait_until(lambda: doomed.ocsp(serial) == "good", what="OCSP")
    before = doomed.events()
    positions = {role: position_of(doomed, role) for role in ROLES}

    Admin(doomed).delete_topic("quicklime")
    run(f"{PROGRAMS}/quicklime", "init", "--data", doomed.directory / "other", "--name", "Other", "--public-url", "http://other", "--log", "kafka",
        "--bootstrap-servers", (doomed.directory / "kafka/bootstrap").read_text().strip(), "--allow-single-replica")

    # Written at once, before anybody can have looked, and after.
    end = time.monotonic() + 8
    while time.monotonic() < end:
        for replica in (1, 2):
            answer = refusal_of(doomed, "issuance", replica)
            assert answer.status == 503, f"answered with a certificate that is in no log of ours: {answer.status} {answer.body[:200]}"
        time.sleep(0.1)
    settled = doomed.events()
    assert settled[0][1]["data"]["log_id"] != before[0][1]["data"]["log_id"]
    for replica in (1, 2):
        wait_until(lambda replica=replica: "the log takes no more events" in doomed.log_of(f"issuance-{replica}"), what="its refusal")
        # Who looked in the moment between the new topic and its first event saw that ours was cut.
        why = doomed.not_ready_for("issuance", replica)["log"]
        assert "another log" in why or "the log was cut" in why, why
    for role in ROLES:
        wait_until(lambda role=role: "a view has stopped" in doomed.log_of(f"projector-{role}"), what=f"the end of the view of {role}")
        assert not doomed.is_ready(role, 0)
    foreign = [kind(event) for _, event in settled if kind(event) == "certificate.issued"]
    time.sleep(2)
    assert len(doomed.events()) == len(settled), "somebody goes on writing"
    print(f"written before it was noticed: {len(foreign)}")

    # A restart believes it no more than those who saw it happen, and no view was folded from it.
    for home in ("projector-ocsp", "projector-crl", "issuance-1"):
        doomed.kill(home)
        doomed.start(home)
    time.sleep(4)
    assert not doomed.is_ready("ocsp", 0) and not doomed.is_ready("crl", 0) and not doomed.is_ready("issuance", 1)
    for role in ROLES:
        (now, log_id), (was, its_log) = position_of(doomed, role), positions[role]
        assert log_id == its_log and now >= was, role
    assert doomed.ocsp(serial) in ("good",) or "trylater" in doomed.ocsp(serial).lower()
