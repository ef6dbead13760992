"""What a cluster stands: any replica may die, any view may vanish, the broker may go away; what was answered stays."""

import concurrent.futures
import json
import os
import signal
import ssl
import subprocess
import time
import urllib.request
import uuid

import pytest
from running_ca import new_csr, openssl, run, wait_until
from running_cluster import PROGRAMS, ROLES, SERVICES, until_answered


def in_log(cluster, serial):
    """The serials of issued events are unique, and this one is among them."""
    issued = [event["subject"] for _, event in cluster.events() if event["schema"].startswith("certificate.issued/")]
    assert len(issued) == len(set(issued))
    return issued.count(serial) == 1


def test_up_ends_with_a_renewed_and_a_revoked_certificate(cluster):
    assert "localhost.crt: good" in cluster.first_up
    assert "localhost.crt: revoked" in cluster.first_up
    assert "is in http://localhost" in cluster.first_up
    assert "not ready" not in cluster.script("status")


def test_the_log_is_plain_json_and_offsets_have_no_gaps(cluster):
    events = cluster.events()
    assert [offset for offset, _ in events] == list(range(len(events)))
    assert [event["schema"].split("/")[0] for _, event in events[:3]] == ["log.created", "authority.added", "authority.added"]


def test_keys_are_only_where_they_belong(cluster):
    held = {role: {file.name for file in (cluster.directory / f"{role}-1/ca").iterdir()} for role in ROLES}
    assert {role for role in ROLES if "issuing-1.key" in held[role]} == {one["name"] for one in SERVICES if "issuing" in one["keys"]}
    assert {role for role in ROLES if "revocation.key" in held[role]} == {one["name"] for one in SERVICES if "revocation" in one["keys"]}
    assert {role for role in ROLES if "access.key" in held[role]} == {one["name"] for one in SERVICES if "access" in one["keys"]} == {"identity"}
    assert "issuing-1.key" not in held["ocsp"] and "issuing-1.key" not in held["dashboard-api"]


def test_a_daemon_refuses_the_handshake_without_a_certificate_and_a_peer_it_does_not_accept(cluster):
    url = f"https://localhost:{cluster.peer_port('crl', 1)}/ca/roots.pem"
    nobody = ssl.create_default_context(cafile=cluster.roots)
    with pytest.raises((ssl.SSLError, OSError)):
        urllib.request.urlopen(url, context=nobody, timeout=30)

    own = cluster.directory / "ocsp-1/own"
    stranger = ssl.create_default_context(cafile=cluster.roots)
    stranger.load_cert_chain(own / "tls.crt", own / "tls.key")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(url, context=stranger, timeout=30)
    assert refused.value.code == 403 and b"peer-not-accepted" in refused.value.read()
    serial = openssl("x509", "-in", own / "tls.crt", "-noout", "-serial").stdout.strip().split("=")[1].lower()
    refusals = [(event["actor"], event["data"]["route"], event["data"]["reason"]) for _, event in cluster.events() if event["schema"].startswith("request.denied/")]
    assert ({"kind": "certificate", "id": serial}, "GET /ca/roots.pem", "peer-not-accepted") in refusals


def test_a_trace_goes_through_the_gateway_into_the_events_and_so_does_for_whom_it_is_asked(cluster):
    trace, whom = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "kubernetes:system:serviceaccount:shop:api"
    answer = cluster.post_csr(new_csr("DNS:traced.internal"), headers={"traceparent": trace, "Quicklime-On-Behalf-Of": whom})
    assert answer.status == 201, answer.body
    issued = {event["subject"]: event for _, event in cluster.events() if event["schema"].startswith("certificate.issued/")}
    assert (issued[answer.json["serial"]]["traceparent"], issued[answer.json["serial"]]["on_behalf_of"]) == (trace, whom)
    own = [event for event in issued.values() if event["data"]["profile"] == "role-peer" and event["request"].startswith("own-") and "traceparent" in event]
    assert own, "a daemon that asks issuance for its certificate begins a trace"
    assert any(own[-1]["traceparent"] in cluster.log_of(f"{role}-{replica}") for role in ROLES for replica in (1, 2))


def test_a_peer_is_who_has_a_role_that_no_request_can_ask_for_and_is_not_revoked(cluster, tmp_path):
    """Every role asked as the gateway asks it, by a certificate for the gateway's DNS name, by one for its role, by that when it is revoked,
    and by one that nobody revoked, of a key that was reported as compromised with another."""

    def certificate(name, names, url, profile, token):
        key, csr, chain = (tmp_path / f"{name}.{kind}" for kind in ("key", "csr", "crt"))
        if not key.exists():  # twice the same name: two certificates, one key
            key.write_text(openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256").stdout)
        csr.write_text(new_csr(*names, key=key))
        answer = json.loads(run("curl", "-sS", "--cacert", cluster.roots, "-H", f"Authorization: Bearer {token}", "-H", "Content-Type: application/pkcs10",
                                "--data-binary", f"@{csr}", f"{url}/v1/certificates?profile={profile}").stdout)
        if "certificate" in answer:
            chain.write_text(answer["certificate"] + answer["chain"])
            return answer["serial"], ("--cert", chain, "--key", key)
        return answer["type"].rsplit("#", 1)[1], None

    gateway, issuance = f"https://localhost:{cluster.https}", f"https://localhost:{cluster.port + 444}"
    token = (cluster.directory / "ca/bootstrap/gateway.token").read_text().strip()
    role = ["URI:quicklime:role/gateway", "DNS:gateway", "DNS:localhost"]
    assert certificate("through", role, gateway, "role-peer", token)[0] == "token-not-here", "never through the public gateway"
    assert certificate("asked", role, gateway, "tls-peer", cluster.token)[0] == "name-reserved"
    _, by_name = certificate("name", ["DNS:gateway"], gateway, "tls-peer", cluster.token)
    serial, by_role = certificate("role", role, issuance, "role-peer", token)
    served = {"issuance": "/v1/certificates", "renewal": "/v1/certificates/00/renew", "revocation": "/v1/revocations", "ocsp": "/ocsp/x", "crl": "/ca/roots.pem",
              "identity": "/v1/sign-in", "dashboard-api": "/v1/version"}

    def refusals(shown):
        found = set()
        for name, path in served.items():
            method = "POST" if name in ("issuance", "revocation") else "GET"
            done = run("curl", "-sS", "-X", method, "--cacert", cluster.roots, *shown, f"https://localhost:{cluster.peer_port(name, 1)}{path}").stdout
            found.add(next((reason for reason in ("peer-unknown", "peer-revoked", "peer-not-accepted") if reason in done), "admitted"))
        return found

    assert refusals(by_name) == {"peer-unknown"}
    assert refusals(by_role) == {"admitted"}
    cluster.revoke(serial)
    wait_until(lambda: refusals(by_role) == {"peer-revoked"}, within=15, what="the end of a revoked peer")

    stolen, _ = certificate("twin", role, issuance, "role-peer", token)
    live, by_twin = certificate("twin", role, issuance, "role-peer", token)
    assert live != stolen and refusals(by_twin) == {"admitted"}
    cluster.revoke(stolen, "keyCompromise")
    wait_until(lambda: refusals(by_twin) == {"peer-revoked"}, within=15, what="the end of all that a compromised key proves")
    assert cluster.ocsp(live) == "good", "of a twin OCSP says what was said of it"
    assert cluster.request("GET", "/v1/version").status == 200, "the gateway itself goes on"


def test_a_daemon_that_has_a_certificate_needs_no_token_for_the_next(cluster):
    home = cluster.directory / "ocsp-2"
    token, settings = home / "bootstrap.token", home / "quicklime.toml"
    before = token.read_text(), settings.read_text()
    cluster.kill("ocsp-2", signal.SIGTERM, within=30)
    length = len(cluster.events())
    token.unlink()
    # Shorter than what it has, so that it asks for new ones at once.
    settings.write_text(before[1].replace("[own_certificate]", '[own_certificate]\nlifetime = "1d"'))
    try:
        cluster.start("ocsp-2")
        ready = ["curl", "-sf", "-m", "2", f"http://127.0.0.1:{cluster.admin_port('ocsp', 2)}/readyz"]
        wait_until(lambda: run(*ready, check=False).returncode == 0, within=30, what="a daemon without a token")
    finally:
        token.write_text(before[0])
        token.chmod(0o600)
        settings.write_text(before[1])
    made = [event for _, event in cluster.events()[length:] if event["schema"].startswith("certificate.issued/") and event["actor"]["kind"] == "certificate"]
    assert {event["data"]["profile"] for event in made} == {"role-peer", "ocsp-signing"}
    assert all(event["once"] for event in made), "judged at its offset"


def test_a_daemon_whose_key_was_stolen_has_another_by_its_token(cluster):
    """The compromised key is no proof for the next certificate, so nobody who has it stays a peer; OCSP goes on without a restart."""
    home, length = cluster.directory / "ocsp-2", len(cluster.events())
    own = home / "own/tls.crt"
    stolen, key = (openssl("x509", "-in", own, "-noout", field).stdout for field in ("-serial", "-pubkey"))
    process = cluster.pid("ocsp-2")
    cluster.revoke(stolen.split("=")[1].strip().lower(), "keyCompromise")
    wait_until(lambda: openssl("x509", "-in", own, "-noout", "-pubkey").stdout != key, within=30, what="another key of the daemon's own")
    wait_until(lambda: cluster.is_ready("ocsp", 2), within=30, what="the daemon")
    assert cluster.pid("ocsp-2") == process and cluster.is_running("ocsp-2")
    made = [event for _, event in cluster.events()[length:] if event["schema"].startswith("certificate.issued/") and event["data"]["profile"] == "role-peer"]
    assert [event["actor"]["kind"] for event in made] == ["token"]


def test_the_roots_crl_is_signed_where_a_replica_of_crl_is(cluster):
    crls = [cluster.directory / "before.crl", cluster.directory / "after.crl"]
    crls[0].write_bytes(cluster.fetch("/crl/root-1.crl").body)
    said = cluster.cli("ca", "sign-crl", "--days", "30", "--key", cluster.directory / "ca/ca/root.key", data="crl-2").stdout
    assert "of root-1 is published" in said
    # The number says which: every replica that the gateway asks has it by and by, to the byte.
    number = said.rsplit("CRL ", 1)[1].split()[0]

    def served():
        crls[1].write_bytes(cluster.fetch("/crl/root-1.crl").body)
        shown = openssl("crl", "-inform", "DER", "-in", crls[1], "-CAfile", cluster.roots, "-verify", "-noout", "-crlnumber")
        assert "verify OK" in shown.stdout + shown.stderr
        return int(shown.stdout.split("crlNumber=")[1], 16) == int(number)

    wait_until(served, what="the new one")
    wait_until(lambda: all(served() for _ in range(4)), what="the new one at both replicas")
    assert crls[0].read_bytes() != crls[1].read_bytes()


def test_each_daemon_names_the_dates_that_can_end_it(cluster):
    for role in ROLES:
        with urllib.request.urlopen(f"http://127.0.0.1:{cluster.admin_port(role, 1)}/readyz?verbose", timeout=30) as answer:
            lines = answer.read().decode().splitlines()
        named = {line[4:].split(" until ")[0] for line in lines if " until " in line}
        wanted = {"authority root-1", "authority issuing-1", "own certificate tls"}
        wanted |= {"crl root-1", "crl issuing-1"} if role == "crl" else set()
        wanted |= {"own certificate ocsp-issuing-1"} if role == "ocsp" else set()
        wanted |= {"token bootstrap gateway", "token bootstrap ocsp"} if role == "identity" else set()
        assert wanted <= named and not any(line.startswith("warn ") for line in lines), (role, lines)


def test_a_compromised_key_is_taken_back_with_its_twins_and_successors(cluster):
    csr = new_csr("DNS:stolen.internal")
    stolen, twin = (until_answered(lambda: cluster.post_csr(csr), 201).json["serial"] for _ in range(2))
    order = {"reason": "keyCompromise"}
    route = f"/v1/certificates/{stolen}/revoke"
    named = until_answered(lambda: cluster.post_json(route, order, {"Prefer": "wait=5"}), 200).json
    assert named["same_key"] == [twin] and named["successors"] == [] and not named["more"]
    order.update(same_key=True, with_successors=True)
    taken = until_answered(lambda: cluster.post_json(route, order, {"Prefer": "wait=5"}), 200).json
    assert [one["serial"] for one in taken["also"]] == [twin] and taken["same_key"] == []
    wait_until(lambda: cluster.ocsp(stolen) == cluster.ocsp(twin) == "revoked", what="OCSP")


def test_the_revocation_key_is_rotated_one_role_after_the_other(cluster):
    before = cluster.issue("before-rotation.internal").json
    rotated = json.loads(cluster.cli("ca", "rotate-revocation-key", "-o", "json", data="ca").stdout)

    def by_secret(answer):
        until_answered(lambda: cluster.post_json("/v1/revocations", {"secret": answer["revocation_secret"]}), 200)

    for role in ("revocation", "renewal", "issuance"):
        for replica in (1, 2):
            cluster.kill(f"{role}-{replica}", signal.SIGTERM, within=30)
        cluster.up()
        by_secret(cluster.issue("during-rotation.internal").json)
    after = cluster.issue("after-rotation.internal").json
    keys = {event["subject"]: event["data"]["revocation_key"] for _, event in cluster.events() if event["schema"].startswith("certificate.issued/")}
    assert keys[before["serial"]] == rotated["previous"] and keys[after["serial"]] == rotated["revocation_key"]
    for answer in (before, after):
        by_secret(answer)

    # A replica that was handed the wrong file names what it misses, and what it was handed.
    cluster.kill("revocation-1", signal.SIGTERM, within=30)
    wrong = cluster.directory / "revocation-1/ca/revocation.key"
    wrong.write_bytes(os.urandom(32))
    said = len(cluster.log_of("revocation-1"))
    try:
        assert cluster.start("revocation-1").wait(timeout=60) != 0
        words = cluster.log_of("revocation-1")[said:]
        assert rotated["revocation_key"] in words and rotated["previous"] in words and "revocation.key" in words, words
    finally:
        cluster.up()


def test_a_view_reader_cannot_write(cluster):
    password = (cluster.directory / "passwords/ocsp").read_text().strip()
    done = subprocess.run(["redis-cli", "-p", str(cluster.port + 379), "--user", "ocsp", "--no-auth-warning", "-a", password, "SET",
                           "quicklime:{ocsp:v1}:x", "1"], capture_output=True, text=True, check=False)
    assert "NOPERM" in done.stdout + done.stderr


@pytest.mark.parametrize("role", ROLES)
def test_one_replica_of_each_role_may_die(cluster, role):
    cluster.kill(f"{role}-1")
    try:
        web = cluster.issue("survivor.internal")
        serial = web.json["serial"]
        wait_until(lambda: cluster.ocsp(serial) == "good", what="OCSP")
        cluster.revoke(serial)
        wait_until(lambda: cluster.ocsp(serial) == "revoked", what="OCSP")
        wait_until(lambda: serial.lstrip("0") in {one.lstrip("0") for one in cluster.crl_serials()}, what="the CRL")
        wait_until(lambda: (answer := cluster.request("GET", f"/v1/certificates/{serial}")).status == 200 and answer.json["status"] == "revoked",
                   what="the inventory")
    finally:
        cluster.up()


def test_a_projector_that_died_goes_on_where_it_was(cluster):
    cluster.kill("projector-ocsp")
    serial = cluster.issue("later.internal").json["serial"]
    assert cluster.ocsp(serial) == "unknown"
    cluster.up()
    wait_until(lambda: cluster.ocsp(serial) == "good", what="OCSP")


def test_a_view_is_folded_anew_while_it_is_read(cluster):
    serial = cluster.issue("rebuilt.internal").json["serial"]
    wait_until(lambda: cluster.ocsp(serial) == "good", what="OCSP")
    rebuild = subprocess.Popen([f"{PROGRAMS}/quicklime-projector-ocsp", "rebuild", "--data", cluster.directory / "projector-ocsp"],
                               stderr=subprocess.PIPE, text=True)
    while rebuild.poll() is None:
        assert cluster.ocsp(serial) == "good"
    assert rebuild.returncode == 0, rebuild.stderr.read()
    assert cluster.ocsp(serial) == "good"
    after = cluster.issue("after-rebuild.internal").json["serial"]
    wait_until(lambda: cluster.ocsp(after) == "good", what="OCSP, folded by the projector that went on")


def test_a_log_shorter_than_what_was_seen_is_named(cluster):
    """As after a power cut that took the brokers' last events, and Redis: the directories are what is left of them."""
    homes = ("issuance-1", "projector-ocsp", "ocsp-1")
    seen = int(cluster.issue("seen.internal").position.split(".")[1])

    def written(home):
        kind, _, position, _ = (cluster.directory / home / "highest_seen").read_text().split(" ", 3)
        return kind == "log" and int(position.split(".")[1]) >= seen

    for home in homes:
        wait_until(lambda home=home: written(home), what=f"what {home} has seen, in its file")
    kept = {}
    try:
        for home in homes:
            cluster.kill(home)
            file = cluster.directory / home / "highest_seen"
            kept[home] = file.read_text()
            kind, log_id, position, rest = kept[home].split(" ", 3)
            file.write_text(" ".join((kind, log_id, "0.987654", rest)))
            cluster.start(home)
        for home in homes[:2]:
            wait_until(lambda home=home: "the log was cut" in cluster.log_of(home), what=f"the refusal of {home}")
            wait_until(lambda home=home: not cluster.is_running(home), what=f"the end of {home}")
            for named in ("0.987654", "now the log ends at offset", "highest_seen"):
                assert named in cluster.log_of(home), (home, named)
        # Who has no log to compare with answers from no view that is below.
        wait_until(lambda: "view-went-back" in cluster.log_of("ocsp-1"), what="the refusal of ocsp-1")
        assert not cluster.is_ready("ocsp", 1)
    finally:
        for home, text in kept.items():
            if cluster.is_running(home):
                cluster.kill(home)
            (cluster.directory / home / "highest_seen").write_text(text)
        cluster.up()


def test_an_empty_redis_answers_nothing_false_and_is_folded_again(cluster):
    serial = cluster.issue("folded-again.internal").json["serial"]
    wait_until(lambda: cluster.ocsp(serial) == "good", what="OCSP")
    cluster.kill("redis")
    said = cluster.ocsp(serial)
    assert said == "good" or "trylater" in said.lower(), said  # as it was kept
    cluster.up()
    while (said := cluster.ocsp(serial)) != "good":
        assert "trylater" in said.lower(), said  # never "unknown"
        time.sleep(0.05)
    until_answered(lambda: cluster.request("GET", f"/v1/certificates/{serial}"), 200)


def test_both_replicas_give_one_certificate_for_one_idempotency_key(cluster):
    for _ in range(5):
        csr, key = new_csr("DNS:keyed.internal"), {"Idempotency-Key": uuid.uuid4().hex}
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: cluster.post_csr(csr, key), range(6)))
        given = {answer.json["serial"] for answer in answers if answer.status == 201}
        assert len(given) == 1, [(answer.status, answer.body) for answer in answers]
        assert all(answer.status in (201, 503) for answer in answers)


def test_what_was_answered_while_the_broker_died_is_in_the_log(cluster):
    answered, refused, stop = [], [], []

    def load():
        while not stop:
            answer = cluster.post_csr(new_csr("DNS:load.internal"))
            (answered if answer.status == 201 else refused).append(answer)

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        workers = [pool.submit(load) for _ in range(3)]
        try:
            wait_until(lambda: len(answered) > 5, what="load")
            wait_until(lambda: cluster.ocsp(answered[0].json["serial"]) == "good", what="OCSP")
            os.kill(cluster.broker_pid(), signal.SIGKILL)
            # Without the log nothing is issued; what reads goes on, as long as the views may.
            wait_until(lambda: refused, within=60, what="a refusal")
            assert cluster.ocsp(answered[0].json["serial"]) == "good"
            cluster.up()
            before = len(answered)
            wait_until(lambda: len(answered) > before + 5, within=60, what="load after the broker's return")
        finally:
            stop.append(True)
        for worker in workers:
            worker.result()
    assert all(answer.status in (502, 503, 504) for answer in refused), {answer.status for answer in refused}
    issued = [event["subject"] for _, event in cluster.events() if event["schema"].startswith("certificate.issued/")]
    for answer in answered:
        assert issued.count(answer.json["serial"]) == 1


def test_a_daemon_ends_within_its_time_and_answers_what_is_under_way(cluster):
    cluster.kill("dashboard-api-2", signal.SIGTERM)
    log = (cluster.directory / "dashboard-api-2/log").read_text()
    assert "stopped" in log
    cluster.up()
