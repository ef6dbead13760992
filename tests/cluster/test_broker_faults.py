"""A broker that does not answer in time, on the shared cluster. Killed: test_cluster.py. Three of them: test_three_brokers.py."""

import time
import uuid

from running_ca import in_parallel, new_csr, wait_until
from running_cluster import Peer, until_answered


def test_a_frozen_broker_leaves_the_outcome_unknown_and_the_retry_knows_it(cluster):
    serial = cluster.issue("before.internal").json["serial"]
    wait_until(lambda: cluster.ocsp(serial) == "good", what="OCSP")
    csr, key = new_csr("DNS:frozen.internal"), {"Idempotency-Key": uuid.uuid4().hex}
    peers = [Peer(cluster, "issuance", replica) for replica in (1, 2)]
    for peer in peers:
        until_answered(lambda peer=peer: peer.post("/v1/certificates", {"csr": csr}), 201)  # connected
    with cluster.frozen(cluster.broker_pid()):
        begun = time.monotonic()
        answers = in_parallel(2, lambda i: peers[i].post("/v1/certificates", {"csr": csr}, key))
        took = time.monotonic() - begun
        assert [answer.status for answer in answers] == [503, 503], [answer.body for answer in answers]
        assert "outcome-unknown" in [answer.reason for answer in answers], [answer.body for answer in answers]
        assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
        assert took < 25
        assert cluster.ocsp(serial) == "good"  # what reads goes on
    given = set()
    for peer in peers:
        answer = until_answered(lambda peer=peer: peer.post("/v1/certificates", {"csr": csr}, key), 201, within=40)
        given.add(answer.json["serial"])
    (serial,) = given
    wait_until(lambda: cluster.standing(serial) == given, what="the sweep")
