"""Three brokers, two of which are enough: the leader dies under load; then two of three are gone."""

import concurrent.futures
import json
import os
import signal
import uuid

import pytest
from check_cluster import kind
from running_ca import new_csr, run, wait_until
from running_cluster import RunningCluster


@pytest.fixture(scope="module")
def three():
    cluster = RunningCluster(brokers=3)
    yield cluster
    cluster.remove()


def leader(cluster):
    servers = (cluster.directory / "kafka/bootstrap").read_text().strip()
    (topic,) = json.loads(run("kcat", "-L", "-J", "-b", servers, "-t", "quicklime").stdout)["topics"]
    return topic["partitions"][0]["leader"]


def test_the_leader_dies_under_load_and_what_was_answered_stays(three):
    csr = new_csr("DNS:led.internal")
    answered, refused, stop = [], [], []

    def load():
        while not stop:
            key = {"Idempotency-Key": uuid.uuid4().hex}
            while not stop:
                answer = three.post_csr(csr, key)
                if answer.status == 201:
                    answered.append(answer.json["serial"])
                    break
                refused.append(answer)

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        workers = [pool.submit(load) for _ in range(3)]
        try:
            wait_until(lambda: len(answered) > 10, within=30, what="load")
            first = leader(three)
            os.kill(three.broker_pid(first), signal.SIGKILL)
            before = len(answered)
            wait_until(lambda: len(answered) > before + 20, within=60, what="another leader")
            assert leader(three) != first
        finally:
            stop.append(True)
        for worker in workers:
            worker.result()
    assert all(answer.status in (502, 503, 504) for answer in refused), {answer.status for answer in refused}
    issued = [event["data"]["serial"] for _, event in three.events() if kind(event) == "certificate.issued"]
    assert all(issued.count(serial) == 1 for serial in answered)
    three.up()


def test_without_two_of_three_nothing_is_issued_and_all_comes_back(three):
    csr, key = new_csr("DNS:alone.internal"), {"Idempotency-Key": uuid.uuid4().hex}
    serial = three.issue("before.internal").json["serial"]
    wait_until(lambda: three.ocsp(serial) == "good", what="OCSP")
    for number in (1, 2):
        os.kill(three.broker_pid(number), signal.SIGKILL)
    answer = three.post_csr(csr, key)
    assert answer.status == 503, answer.body
    assert three.ocsp(serial) == "good"
    three.up()
    given = wait_until(lambda: (answer := three.post_csr(csr, key)).status == 201 and answer.json["serial"], within=60, what="the brokers")
    wait_until(lambda: three.standing(given) == {given}, what="the sweep")
