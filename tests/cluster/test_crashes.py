"""A daemon that dies between append and answer, a projector that dies around the step that moves its view, and a daemon that is told
to end under load."""

import concurrent.futures
import http.client
import json
import re
import signal
import subprocess
import uuid

import pytest
from check_cluster import Log, kind
from running_ca import new_csr, wait_until
from running_cluster import PROGRAMS, ROLES, Peer, until_answered
from soak import Requests


@pytest.fixture(scope="module")
def requests():
    return Requests(3)


def crash_points(program, pattern):
    text = subprocess.run(["readelf", "-p", "quicklime_crash_points", f"{PROGRAMS}/{program}"], capture_output=True, text=True, check=True).stdout
    return sorted(point for point in re.findall(r"\]\s+(\S+)$", text, flags=re.MULTILINE) if re.fullmatch(pattern, point))


def restart_with(cluster, home, crash_at):
    """Killed, and started again to die at a point; ready."""
    cluster.kill(home)
    started = cluster.start(home, QUICKLIME_CRASH_AT=crash_at)
    role, replica = home.rsplit("-", 1)
    wait_until(lambda: cluster.is_ready(role, int(replica)), within=30, what=home)
    return started


@pytest.mark.parametrize("point", ["issue.signed", "issue.appended", "issue.judged"])
def test_a_daemon_that_dies_on_the_way_to_its_answer_leaves_one_certificate(cluster, requests, point):
    assert point in crash_points("quicklime-issuance", r"issue\..*")
    started = restart_with(cluster, "issuance-2", point)
    csr, key = requests.all[0][1], {"Idempotency-Key": uuid.uuid4().hex}
    try:
        with pytest.raises((OSError, http.client.HTTPException)):
            Peer(cluster, "issuance", 2).post("/v1/certificates", {"csr": csr}, key)
        assert started.wait(timeout=30) == 137
        serial = wait_until(lambda: (answer := cluster.post_csr(csr, key)).status == 201 and answer.json["serial"], what="the retry")
        wait_until(lambda: cluster.standing(serial) == {serial}, what="the sweep")
    finally:
        cluster.up()
    wait_until(lambda: cluster.ocsp(serial) == "good", what="OCSP")


@pytest.mark.parametrize("point", ["issue.signed", "issue.appended", "issue.judged"])
def test_a_renewal_whose_answer_died_is_answered_by_the_other_replica(cluster, requests, point):
    old = until_answered(lambda: cluster.post_csr(requests.all[0][1]), 201).json
    _, csr, digest = requests.all[1]
    body = {"csr": csr, "signature": requests.proof(requests.all[0][0], old["serial"], old["renewal_challenge"], digest)}
    target = f"/v1/certificates/{old['serial']}/renew"
    started = restart_with(cluster, "renewal-2", point)
    try:
        with pytest.raises((OSError, http.client.HTTPException)):
            Peer(cluster, "renewal", 2).post(target, body, {"Quicklime-Min-Position": old["position"]}, anonymous=True)
        assert started.wait(timeout=30) == 137
        first = Peer(cluster, "renewal", 1)
        serial = wait_until(lambda: (answer := first.post(target, body, anonymous=True)).status == 201 and answer.json["serial"], what="the retry")
        wait_until(lambda: cluster.standing(serial) == {serial}, what="the sweep")
    finally:
        cluster.up()


PROJECTOR_POINTS = ["redis.apply.before", "redis.apply.after"]


@pytest.mark.parametrize("point", PROJECTOR_POINTS)
def test_projectors_that_die_around_their_step_lose_and_repeat_nothing(cluster, point):
    # What else is there is not passed by a projector that follows: the switch of a rebuild, and what stores of files do.
    assert crash_points("quicklime-projector-ocsp", r"redis\.apply\..*") == sorted(PROJECTOR_POINTS)
    serials = [cluster.issue("before.internal").json["serial"] for _ in range(3)]
    for passage in (1, 2):
        for role in ROLES:
            cluster.kill(f"projector-{role}")
        started = {role: cluster.start(f"projector-{role}", QUICKLIME_CRASH_AT=f"{point}:{passage}") for role in ROLES}
        # Something to fold, until each has died of it. Replicas may refuse: their views grow old.
        token = Peer(cluster, "issuance", 1)

        def all_dead(started=started, token=token):
            token.post("/v1/certificates", {"csr": new_csr("DNS:step.internal")})
            return all(process.poll() is not None for process in started.values())

        wait_until(all_dead, within=40, what="the crashes")
        for role, process in started.items():
            assert process.returncode == 137, cluster.log_of(f"projector-{role}")[-2000:]
        cluster.up()
    cluster.revoke(serials[0])
    wait_until(lambda: [cluster.ocsp(serial) for serial in serials] == ["revoked", "good", "good"], what="OCSP")
    log = Log([(offset, json.dumps(event)) for offset, event in cluster.events()])
    wanted = {serial for serial, status in log.statuses().items() if status.now == "revoked"}
    wait_until(lambda: {serial.lstrip("0") for serial in cluster.crl_serials()} == {serial.lstrip("0") for serial in wanted}, what="the CRL")


def test_a_daemon_told_to_end_under_load_answers_or_refuses(cluster):
    """Straight at the replica: each request is answered, or its connection was never served; what was answered is in the log."""
    answered, refused, cut, stop = [], [], [], []
    csr = new_csr("DNS:ending.internal")

    def load():
        while not stop:
            key = {"Idempotency-Key": uuid.uuid4().hex}
            try:
                answer = Peer(cluster, "issuance", 2).post("/v1/certificates", {"csr": csr}, key)
                (answered if answer.status == 201 else refused).append(answer)
            except ConnectionRefusedError:
                return
            except (OSError, http.client.HTTPException) as error:
                cut.append((key["Idempotency-Key"], error))

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        workers = [pool.submit(load) for _ in range(6)]
        try:
            wait_until(lambda: len(answered) > 20, within=30, what="load")
            cluster.kill("issuance-2", signal.SIGTERM, within=25)
        finally:
            stop.append(True)
        for worker in workers:
            worker.result()
    assert "stopped" in cluster.log_of("issuance-2")
    cluster.up()
    assert all(answer.status == 503 for answer in refused), [answer.body for answer in refused]
    issued = [event["data"]["serial"] for _, event in cluster.events() if kind(event) == "certificate.issued"]
    assert all(issued.count(answer.json["serial"]) == 1 for answer in answered)
    # A connection that was cut before it was served leaves nothing in the log: the retry is the first.
    for key, error in cut:
        print(f"cut: {error!r}")
        answer = until_answered(lambda key=key: cluster.post_csr(csr, {"Idempotency-Key": key}), 201)
        assert answer.json["serial"] not in issued, f"{error!r}, and the certificate was issued"
