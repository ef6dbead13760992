"""Renewal with the real binary: proofs made by openssl, presented by curl and through nginx; `quicklime renew` and its daemon; killed
wherever something becomes durable, on both sides."""

import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest
from running_ca import (BINARY, PATIENCE, REPOSITORY, Peer, RunningCA, free_port, in_parallel, log_events, new_csr, new_key, openssl, run, schema, sign,
                        wait_until)

CRASHED = 137
CHECKER = REPOSITORY / "tests/support/check_log.py"


def target(serial):
    return f"/v1/certificates/{serial}/renew"


def fresh_csr(folder, *names):
    """A new key and a request for it, by openssl; the request's DER."""
    key = new_key(folder / f"{time.monotonic_ns()}.key")
    pem = pathlib.Path(f"{key}.csr")
    pem.write_text(new_csr(*names, key=key))
    openssl("req", "-in", pem, "-outform", "DER", "-out", f"{key}.der")
    return pathlib.Path(f"{key}.der")


def base64(path):
    return openssl("base64", "-A", "-in", path).stdout


def proof(ca, serial, key, csr, folder, seconds=None):
    """The body of a renewal, its proof made by openssl alone; seconds: the lifetime that it covers."""
    ca.settled()
    challenge = ca.request("GET", target(serial)).json["renewal_challenge"]
    digest = openssl("dgst", "-sha256", "-r", csr).stdout.split()[0]
    text, signature = folder / "proof", folder / "proof.sig"
    text.write_text(f"quicklime-renew-v{2 if seconds else 1}\n{serial}\n{challenge}\n{digest}\n" + (f"{seconds}\n" if seconds else ""))
    sign(key, text, signature)
    return {"csr": base64(csr), "signature": base64(signature), **({"lifetime": f"{seconds}s"} if seconds else {})}


def leaf_serial(path):
    return openssl("x509", "-in", path, "-noout", "-serial").stdout.strip().split("=")[1].lower()


def pair_matches(certificate, key):
    of_certificate = openssl("x509", "-in", certificate, "-noout", "-pubkey").stdout
    return of_certificate == openssl("pkey", "-in", key, "-pubout").stdout


def issued_events(ca):
    return [event for _, event in log_events(ca.data) if schema(event) == "certificate.issued"]


def successors(ca, serial):
    return [event["data"]["serial"] for event in issued_events(ca) if event["data"].get("replaces") == serial]


def curl(ca, serial, csr, *more):
    done = run("curl", "-sS", "--cacert", ca.roots(), "-H", "Content-Type: application/pkcs10", "--data-binary", f"@{csr}",
               "-w", "\n%{http_code}", *more, f"https://localhost:{ca.https}{target(serial)}")
    body, status = done.stdout.rsplit("\n", 1)
    return int(status), json.loads(body)


# ---- the role

@pytest.mark.parametrize("kind", ["P-256", "P-384", "P-521", "Ed25519", "RSA-2048"])
def test_a_proof_by_openssl(shared_ca, tmp_path, kind):
    old = shared_ca.issue("api.internal", "10.0.0.7", more=("--key-kind", kind, "--days", "30", "--service", "shop"))
    csr = fresh_csr(tmp_path)
    body = proof(shared_ca, old.serial, old.key, csr, tmp_path)
    answer = shared_ca.secure("POST", target(old.serial), json.dumps(body), {"Content-Type": "application/json"})
    assert answer.status == 201, answer.body
    new = answer.json
    assert new["replaces"] == old.serial and new["names"] == ["DNS:api.internal", "IP:10.0.0.7"]
    (tmp_path / "new.crt").write_text(new["certificate"])
    openssl("verify", "-x509_strict", "-CAfile", shared_ca.roots(), "-untrusted", shared_ca.issuing(), tmp_path / "new.crt")
    text = openssl("x509", "-in", tmp_path / "new.crt", "-noout", "-subject", "-ext", "subjectAltName,extendedKeyUsage").stdout
    assert text == openssl("x509", "-in", old.certificate, "-noout", "-subject", "-ext", "subjectAltName,extendedKeyUsage").stdout

    # Both are good; the inventory says which replaces which.
    assert shared_ca.ocsp(old.serial) == "good" and shared_ca.ocsp(new["serial"]) == "good"
    fresh = {"Quicklime-Min-Position": answer.position}
    shown = shared_ca.request("GET", f"/v1/certificates/{old.serial}", headers=fresh).json
    assert shown["replaced_by"] == new["serial"] and shown["status"] == "good"
    successor = shared_ca.request("GET", f"/v1/certificates/{new['serial']}", headers=fresh).json
    assert successor["replaces"] == old.serial and successor["service"] == "shop"
    assert successor["requester"] == shown["requester"], "whoever asked for the first sees the whole line"

    # The same again, and another.
    again = shared_ca.post_json(target(old.serial), proof(shared_ca, old.serial, old.key, csr, tmp_path))
    assert again.status == 201 and again.json == new
    other = shared_ca.post_json(target(old.serial), proof(shared_ca, old.serial, old.key, fresh_csr(tmp_path), tmp_path))
    assert other.status == 409 and other.reason == "already-renewed"
    # A lost successor that is revoked frees its predecessor; its own secret is enough for that.
    revoked = shared_ca.secure("POST", "/v1/revocations", json.dumps({"secret": new["revocation_secret"]}), {"Content-Type": "application/json"})
    assert revoked.status == 200, revoked.body
    freed = wait_until(lambda: (got := shared_ca.post_json(target(old.serial), proof(shared_ca, old.serial, old.key, fresh_csr(tmp_path), tmp_path))).status == 201 and got)
    assert freed.json["replaces"] == old.serial


def test_a_requester_sees_the_renewals_of_what_it_asked_for(shared_ca, tmp_path):
    token = shared_ca.cli_json("token", "create", "mine", "--names", "mine.internal")["token"]
    key = new_key(tmp_path / "mine.key")
    bearer = {"Authorization": "Bearer " + token}
    first = shared_ca.secure("POST", "/v1/certificates", new_csr("DNS:mine.internal", key=key), {**bearer, "Content-Type": "application/pkcs10"})
    answer = shared_ca.post_json(target(first.json["serial"]), proof(shared_ca, first.json["serial"], key, fresh_csr(tmp_path), tmp_path))
    assert answer.status == 201, answer.body
    listed = shared_ca.secure("GET", "/v1/certificates", headers={**bearer, "Quicklime-Min-Position": answer.position}).json["certificates"]
    assert [one["serial"] for one in listed] == [answer.json["serial"], first.json["serial"]]
    assert listed[1]["replaced_by"] == answer.json["serial"]


def test_fifty_renewals_at_once_are_one(shared_ca, tmp_path):
    old = shared_ca.issue("many.internal")
    bodies = [proof(shared_ca, old.serial, old.key, fresh_csr(tmp_path), tmp_path) for _ in range(10)]
    answers = in_parallel(50, lambda i: shared_ca.post_json(target(old.serial), bodies[i % 10]))
    won = {answer.json["serial"] for answer in answers if answer.status == 201}
    assert len(won) == 1 and {answer.status for answer in answers} == {201, 409}
    assert sum(answer.status == 201 for answer in answers) == 5, "everybody who sent the body that was first"
    assert {answer.reason for answer in answers if answer.status == 409} == {"already-renewed"}
    assert successors(shared_ca, old.serial) == list(won), "one process makes no losers"


def test_failures_do_not_make_the_log_grow(make_ca, tmp_path):
    ca = make_ca()  # where nothing of other tests is still on its way
    old, other = ca.issue("quiet.internal"), ca.issue("other.internal")
    before = len(log_events(ca.data))
    csr = fresh_csr(tmp_path)
    good = proof(ca, old.serial, old.key, csr, tmp_path)
    for _ in range(20):
        for body in ({}, {"csr": good["csr"]}, {**good, "signature": "AAAA"}, proof(ca, old.serial, other.key, csr, tmp_path),
                     {**good, "csr": base64(fresh_csr(tmp_path))}):
            answer = ca.secure("POST", target(old.serial), json.dumps(body), {"Content-Type": "application/json"})
            assert answer.status in (400, 401), answer.body
    assert ca.secure("POST", target("0a0b"), json.dumps(good), {"Content-Type": "application/json"}).status == 404
    assert len(log_events(ca.data)) == before


@pytest.fixture(scope="module")
def brief_ca():
    """Certificates of seconds: nothing is backdated, so that their life is what it seems."""
    ca = RunningCA(settings={"issuing__backdate": "0s"})
    yield ca
    ca.remove()


def test_by_tls_also_when_it_has_expired(brief_ca, tmp_path):
    old, late = brief_ca.issue("brief.internal", more=("--lifetime", "6s")), brief_ca.issue("late.internal", more=("--lifetime", "1s"))
    csr = fresh_csr(tmp_path)
    assert curl(brief_ca, old.serial, csr)[1]["type"].endswith("#renewal-proof-missing")
    stranger = brief_ca.issue("stranger.internal")
    assert curl(brief_ca, old.serial, csr, "--cert", stranger.certificate, "--key", stranger.key)[1]["type"].endswith("#renewal-proof-wrong")
    wait_until(lambda: openssl("x509", "-in", old.certificate, "-noout", "-checkend", "0", check=False).returncode == 1)
    status, answer = curl(brief_ca, old.serial, csr, "--cert", old.certificate, "--key", old.key)
    assert status == 201 and answer["replaces"] == old.serial, answer
    # Never later than it lived.
    status, answer = curl(brief_ca, late.serial, fresh_csr(tmp_path), "--cert", late.certificate, "--key", late.key)
    assert status == 409 and answer["type"].endswith("#predecessor-expired")


def test_revocation_is_judged_by_each_request_not_by_the_handshake(shared_ca, tmp_path):
    old = shared_ca.issue("gone.internal")
    csr = fresh_csr(tmp_path)
    reason = "superseded"
    shared_ca.revoke(old, reason)
    for options in (("--cert", old.certificate, "--key", old.key),):
        status, answer = curl(shared_ca, old.serial, csr, *options)
        assert status == 409 and answer["type"].endswith("#predecessor-revoked")
    assert shared_ca.post_json(target(old.serial), proof(shared_ca, old.serial, old.key, csr, tmp_path)).reason == "predecessor-revoked"


# ---- the gateway

@pytest.fixture(scope="module")
def shared_ca():
    ca = RunningCA(settings={"listen__gateway": "gateway", "listen__bootstrap": f"127.0.0.1:{free_port()}"})
    yield ca
    ca.remove()


@pytest.fixture
def gateway(shared_ca, tmp_path):
    """nginx as in docs/operations.md; its port."""
    own = Peer(shared_ca, "gateway", tmp_path / "own")
    front = shared_ca.issue("localhost")
    port = free_port()
    (tmp_path / "nginx.conf").write_text(f"""
pid {tmp_path}/nginx.pid;
error_log stderr;
daemon off;
events {{}}
http {{
  access_log off;
  client_body_temp_path {tmp_path}/body; proxy_temp_path {tmp_path}/proxy; fastcgi_temp_path {tmp_path}/f; uwsgi_temp_path {tmp_path}/u; scgi_temp_path {tmp_path}/s;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {front.certificate};
    ssl_certificate_key {front.key};
    ssl_verify_client optional_no_ca;
    error_page 495 = @ca;
    proxy_ssl_certificate {own.certificate};
    proxy_ssl_certificate_key {own.key};
    proxy_set_header Client-Cert $ssl_client_escaped_cert;
    location / {{ proxy_pass https://127.0.0.1:{shared_ca.https}; }}
    location @ca {{ proxy_pass https://127.0.0.1:{shared_ca.https}; }}
  }}
}}
""")
    process = subprocess.Popen(["nginx", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")], stderr=subprocess.PIPE, text=True)

    def answers():
        assert process.poll() is None, process.stderr.read()
        return run("curl", "-sS", "--cacert", shared_ca.roots(), f"https://localhost:{port}/v1/version", check=False).returncode == 0

    wait_until(answers, what="nginx")
    yield port, own
    process.terminate()
    process.wait(timeout=10 * PATIENCE)
    process.stderr.close()


def test_through_the_gateway_and_past_it(shared_ca, gateway, tmp_path):
    port, own = gateway

    def through(serial, *more, port=port):
        done = run("curl", "-sS", "--cacert", shared_ca.roots(), "-H", "Content-Type: application/pkcs10", "--data-binary", f"@{fresh_csr(tmp_path)}", *more,
                   f"https://localhost:{port}{target(serial)}")
        answer = json.loads(done.stdout)
        return answer.get("replaces") or answer["type"].rsplit("#", 1)[1]

    old, thief = shared_ca.issue("behind.internal"), shared_ca.issue("thief.internal")
    escaped = f"Client-Cert: :{openssl('x509', '-in', old.certificate, '-outform', 'DER', '-out', tmp_path / 'old.der') and base64(tmp_path / 'old.der')}:"
    # A header of the client's own is worth nothing: nginx replaces it, and past nginx nobody believes it.
    assert through(old.serial) == "renewal-proof-missing"
    assert through(old.serial, "-H", escaped) == "renewal-proof-missing"
    assert through(old.serial, "-H", escaped, "--cert", thief.certificate, "--key", thief.key) == "renewal-proof-wrong"
    assert through(old.serial, "-H", escaped, port=shared_ca.https) == "renewal-proof-missing"
    assert through(old.serial, "-H", escaped, "--cert", thief.certificate, "--key", thief.key, port=shared_ca.https) == "renewal-proof-wrong"
    assert through(own.serial) == "renewal-proof-missing", "the gateway's certificate is not everybody's"
    assert through(old.serial, "--cert", old.certificate, "--key", old.key) == old.serial
    renewed = [event for _, event in log_events(shared_ca.data) if event["data"].get("replaces") == old.serial]
    assert [(event["data"]["proof"], event["data"]["vouched_by"]) for event in renewed] == [("client-certificate", "gateway")]
    # Expiry is a matter of policy, not of nginx's handshake.
    peer, expired = shared_ca.issue("peer.internal", more=("--profile", "tls-peer")), shared_ca.issue("expired.internal", more=("--lifetime", "1s"))
    assert through(peer.serial, "--cert", peer.certificate, "--key", peer.key) == peer.serial
    wait_until(lambda: openssl("x509", "-in", expired.certificate, "-noout", "-checkend", "0", check=False).returncode == 1)
    assert through(expired.serial, "--cert", expired.certificate, "--key", expired.key) == expired.serial


# ---- races that the log decides, on a view that has not heard

def late_renewal(ca, old, folder, revoke, ask):
    """While the projection rests, first who lets it be is revoked, then it is asked; the answer, once it is judged."""
    ca.hook("pause-projection")
    revoke()
    before = len(successors(ca, old.serial))
    with concurrent.futures.ThreadPoolExecutor(1) as other:
        answer = other.submit(ask)
        wait_until(lambda: len(successors(ca, old.serial)) > before, what="its event")
        ca.hook("resume-projection")
    late = successors(ca, old.serial)[-1]
    wait_until(lambda: ca.ocsp(late) == "revoked", what="the sweep")
    assert [event["data"]["reason"] for _, event in log_events(ca.data)
            if schema(event) == "certificate.revoked" and event["data"]["serial"] == late] == ["privilegeWithdrawn"]
    # Its place is free: who holds the key renews as ever.
    assert ca.post_json(target(old.serial), proof(ca, old.serial, old.key, fresh_csr(folder), folder)).status == 201
    return answer.result()


def test_a_revoked_administrator_lets_nothing_live_longer(make_ca, tmp_path):
    ca = make_ca(environment={"QUICKLIME_TEST_HOOKS": "1"})
    author = ca.cli_json("token", "create", "author", "--role", "administrator")
    headers = {"Authorization": f"Bearer {author['token']}", "Content-Type": "application/json"}

    def longer(old):
        body = json.dumps(proof(ca, old.serial, old.key, fresh_csr(tmp_path), tmp_path, seconds=7200))
        return lambda: ca.secure("POST", target(old.serial), body, headers)

    in_time, old = (ca.issue(f"{name}.internal", more=("--lifetime", "1h")) for name in ("in-time", "late"))
    assert longer(in_time)().status == 201
    late = late_renewal(ca, old, tmp_path, lambda: ca.request("DELETE", f"/v1/tokens/{author['id']}"), longer(old))
    assert (late.status, late.reason) == (403, "token-revoked")
    assert [event["data"].get("allowed_by") for event in issued_events(ca) if "replaces" in event["data"]] == [author["id"], author["id"], None]
    assert ca.ocsp(successors(ca, in_time.serial)[0]) == "good"


def test_a_revoked_gateway_vouches_for_nothing(make_ca, tmp_path):
    ca = make_ca(settings={"listen__gateway": "gateway", "listen__bootstrap": f"127.0.0.1:{free_port()}"},
                 environment={"QUICKLIME_TEST_HOOKS": "1"})
    own = Peer(ca, "gateway", tmp_path / "own")

    def through(old):
        openssl("x509", "-in", old.certificate, "-outform", "DER", "-out", tmp_path / "old.der")
        csr = fresh_csr(tmp_path)
        header = f"Client-Cert: :{base64(tmp_path / 'old.der')}:"
        return lambda: curl(ca, old.serial, csr, "--cert", own.certificate, "--key", own.key, "-H", header)

    in_time, old = ca.issue("in-time.internal"), ca.issue("late.internal")
    assert through(in_time)()[0] == 201
    status, answer = late_renewal(ca, old, tmp_path, lambda: ca.request("POST", f"/v1/certificates/{own.serial}/revoke"), through(old))
    assert (status, answer["type"].rsplit("#", 1)[1]) == (403, "voucher-revoked")
    assert [event["data"].get("voucher") for event in issued_events(ca) if "replaces" in event["data"]] == [own.serial, own.serial, None]
    assert ca.ocsp(successors(ca, in_time.serial)[0]) == "good"


# ---- the role, killed

@pytest.fixture(scope="module")
def base():
    ca = RunningCA()
    ca.web = ca.issue("web.internal")
    ca.stop()
    yield ca
    ca.remove()


@pytest.fixture
def work(base):
    """A fresh copy of it, served on the same ports."""
    kept = base.base / "kept"
    shutil.copytree(base.data, kept)
    yield base
    base.kill()
    shutil.rmtree(base.data)
    os.rename(kept, base.data)


def check_log(ca, answers):
    file = ca.base / "answers.json"
    file.write_text(json.dumps([{"key": None, "serial": one["serial"], "certificate": one["certificate"]} for one in answers]))
    judged = run(sys.executable, CHECKER, ca.data, file, check=False)
    assert judged.returncode == 0, judged.stdout + judged.stderr


@pytest.mark.parametrize("point", ["issue.signed", "issue.appended", "issue.judged", "log.commit.before", "log.commit.after",
                                   "view.apply.before", "view.apply.after", "view.apply.after:2", "view.apply.after:4", "view.apply.after:6"])
def test_the_role_killed_at_a_renewal(work, tmp_path, point):
    """After it, the same request gets the one successor, whether or not the first was answered; another request gets none."""
    old = work.web
    work.start()
    csr, other = fresh_csr(tmp_path), fresh_csr(tmp_path)
    body = proof(work, old.serial, old.key, csr, tmp_path)
    second = proof(work, old.serial, old.key, other, tmp_path)
    work.stop()

    work.start({"QUICKLIME_CRASH_AT": point}, wait=False)
    answers = []
    if work.process.stdout.readline():
        try:
            answer = work.post_json(target(old.serial), body, timeout=30)
            assert answer.status == 201, answer.body
            answers.append(answer.json)
        except Exception as error:  # noqa: BLE001: the connection of a process that dies ends in many ways
            assert isinstance(error, OSError) or "HTTPException" in str(type(error).__mro__), error
    assert work.ended(20) == CRASHED, "it did not come by this point"

    work.start()
    again = wait_until(lambda: (got := work.post_json(target(old.serial), body)).status != 503 and got)
    assert again.status == 201, again.body
    answers.append(again.json)
    assert work.post_json(target(old.serial), second).reason == "already-renewed"
    assert len({answer["serial"] for answer in answers}) == 1
    assert successors(work, old.serial) == [again.json["serial"]]
    assert work.ocsp(old.serial) == "good" and work.ocsp(again.json["serial"]) == "good"
    work.stop()
    check_log(work, answers)


# ---- quicklime renew

def test_renew_replaces_both_files(shared_ca, tmp_path):
    old = shared_ca.issue("api.internal", "*.api.internal")
    os.chmod(old.certificate, 0o640)
    said = shared_ca.cli("renew", old.certificate, "--exec", f"touch {tmp_path}/reloaded").stdout
    for words in ("Renewed", "DNS:api.internal", "DNS:*.api.internal", str(old.certificate), str(old.key), "valid until", "qlr_", old.serial):
        assert words in said, said
    assert pair_matches(old.certificate, old.key) and (tmp_path / "reloaded").exists()
    assert old.key.stat().st_mode & 0o777 == 0o600 and old.certificate.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in old.key.parent.iterdir()) == ["api.internal.crt", "api.internal.key"]
    assert successors(shared_ca, old.serial) == [leaf_serial(old.certificate)]
    assert shared_ca.cli("verify", old.certificate).returncode == 0
    table = shared_ca.cli("list", "--name", "api.internal").stdout
    assert re.search(rf"{old.serial}.* good \(replaced\) ", table) and re.search(rf"{leaf_serial(old.certificate)}.* good ", table)
    again = shared_ca.cli_json("renew", old.certificate)
    assert again["replaces"] == successors(shared_ca, old.serial)[0] and again["certificate_file"] == str(old.certificate)


def test_renew_over_the_network_without_a_token(shared_ca, tmp_path):
    old = shared_ca.issue("far.internal", more=("--key-kind", "RSA-2048"))
    remote = {"QUICKLIME_SERVER": f"https://localhost:{shared_ca.https}", "QUICKLIME_ROOTS": str(shared_ca.roots())}
    os.symlink(old.certificate, tmp_path / "link.crt")
    os.symlink(old.key, tmp_path / "link.key")
    shared_ca.cli("renew", tmp_path / "link.crt", environment=remote)
    assert (tmp_path / "link.crt").is_symlink() and (tmp_path / "link.key").is_symlink()
    assert pair_matches(old.certificate, old.key) and successors(shared_ca, old.serial) == [leaf_serial(old.certificate)]
    assert "rsaEncryption" in openssl("x509", "-in", old.certificate, "-noout", "-text").stdout, "a key of the kind it had"


def test_renew_that_fails_changes_nothing(shared_ca, tmp_path):
    old = shared_ca.issue("still.internal")
    before = {path: path.read_bytes() for path in old.key.parent.iterdir()}

    def fails(*arguments, code, words, **more):
        done = shared_ca.cli("renew", *arguments, "--exec", f"touch {tmp_path}/never", check=False, **more)
        assert done.returncode == code and words in done.stderr, done.stderr
        assert not (tmp_path / "never").exists()

    fails(code=2, words="which certificate")
    fails(old.certificate, old.certificate, code=2, words="one certificate at a time")
    fails(tmp_path / "none.crt", code=3, words="none.crt")
    fails(old.key, code=1, words="NAME.crt")
    lonely = shutil.copy(old.certificate, tmp_path / "lonely.crt")
    fails(lonely, code=3, words="lonely.key")
    new_key(tmp_path / "lonely.key")
    fails(lonely, code=1, words="is not the key of")
    fails(old.certificate, code=5, words="", environment={"QUICKLIME_SERVER": f"https://localhost:{free_port()}"})
    shared_ca.cli("revoke", old.certificate)
    fails(old.certificate, code=1, words="revoked")
    assert {path: path.read_bytes() for path in old.key.parent.iterdir()} == before
    done = shared_ca.cli("renew", shared_ca.issue("next.internal").certificate, "--exec", "exit 7", check=False)
    assert done.returncode == 1 and "exited with 7" in done.stderr


def file_points():
    section = run("readelf", "-p", "quicklime_crash_points", BINARY).stdout
    return sorted(set(re.findall(r"\]\s+(file\.[\w.]+)$", section, re.MULTILINE)))


def test_renew_killed_wherever_its_files_change(ca):
    """At every durable step: what is left is the old pair, or what the next `renew` makes a pair of; never a second successor."""
    deaths = 0
    for point in file_points():
        for nth in range(1, 20):
            old = ca.issue("crash.internal")
            died = ca.cli("renew", old.certificate, environment={"QUICKLIME_CRASH_AT": f"{point}:{nth}"}, check=False)
            if died.returncode != CRASHED:
                assert died.returncode == 0, died.stderr
                break
            deaths += 1
            left = sorted(path.name for path in old.key.parent.iterdir())
            assert pair_matches(old.certificate, old.key) or "crash.internal.crt.new" in left, f"{point}:{nth} left {left}"
            ca.cli("renew", old.certificate)
            assert pair_matches(old.certificate, old.key), f"{point}:{nth}"
            assert successors(ca, old.serial) == [leaf_serial(old.certificate)], f"{point}:{nth}: the answer was lost"
            rest = [path.name for path in old.key.parent.iterdir() if ".new-" not in path.name]
            assert sorted(rest) == ["crash.internal.crt", "crash.internal.key"], f"{point}:{nth}"
    assert deaths >= 10, "the test does not know where files change"


# ---- renew --daemon

class Daemon:
    def __init__(self, ca, *files, command=None, environment=None, lines=None):
        self.messages = ca.base / f"daemon-{time.monotonic_ns()}.log"
        arguments = ["--exec", command] if command else []
        with open(self.messages, "wb") as messages:
            self.process = subprocess.Popen([BINARY, "renew", "--daemon", *arguments, *map(str, files), "--data", str(ca.data)], stderr=messages,
                                            env=dict(os.environ, **(environment or {})))

    def said(self):
        return self.messages.read_text()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=20 * PATIENCE) == 0
        assert "stops" in self.said()


def test_the_daemon_renews_in_time_and_runs_its_command_only_then(brief_ca, tmp_path):
    brief = brief_ca.issue("daemon.internal", more=("--lifetime", "9s"))
    long = brief_ca.issue("long.internal")
    runs = tmp_path / "runs"
    daemon = Daemon(brief_ca, brief.certificate, long.certificate, command=f"date +%s.%N >> {runs}")
    try:
        time.sleep(1)
        assert not runs.exists(), "nothing is due yet"
        wait_until(lambda: runs.exists() and len(runs.read_text().splitlines()) >= 3, within=40, what="three renewals")
    finally:
        daemon.stop()
    line = [brief.serial]
    while following := successors(brief_ca, line[-1]):
        assert len(following) == 1
        line += following
    assert leaf_serial(brief.certificate) == line[-1] and pair_matches(brief.certificate, brief.key)
    assert len(line) - 1 == len(runs.read_text().splitlines()) >= 3
    assert leaf_serial(long.certificate) == long.serial, "its time has not come"
    # At two thirds of life, a little earlier by jitter, and never after it.
    events = {event["data"]["serial"]: event for event in issued_events(brief_ca)}
    for before, after in zip(line, line[1:]):
        began = time.mktime(time.strptime(events[before]["data"]["not_before"], "%Y-%m-%dT%H:%M:%SZ"))
        renewed = time.mktime(time.strptime(events[after]["data"]["not_before"], "%Y-%m-%dT%H:%M:%SZ"))
        assert 4 <= renewed - began <= 9, "two thirds of nine seconds are six"
    for words in ("renewed", "waits", "ran the command", brief.serial, "long.internal.crt"):
        assert words in daemon.said()


def test_the_daemon_tries_again_until_the_ca_is_back_and_the_command_succeeds(make_ca, tmp_path):
    ca = make_ca(settings={"issuing__backdate": "0s"})
    brief = ca.issue("patient.internal", more=("--lifetime", "12s"))
    remote = {"QUICKLIME_SERVER": f"https://localhost:{ca.https}", "QUICKLIME_ROOTS": str(ca.roots())}
    ca.stop()
    daemon = Daemon(ca, brief.certificate, command=f"echo run >> {tmp_path}/runs; test -e {tmp_path}/ready", environment=remote)
    try:
        wait_until(lambda: daemon.said().count("not renewed; tries again") >= 2, within=30)
        ca.start()
        wait_until(lambda: "command-failed" in daemon.said(), within=30)
        assert pair_matches(brief.certificate, brief.key) and leaf_serial(brief.certificate) != brief.serial
        assert pathlib.Path(f"{brief.certificate}.new").exists(), "that the command is still to be run outlives the daemon"
        daemon.stop()
        (tmp_path / "ready").touch()
        (tmp_path / "runs").unlink()
        daemon = Daemon(ca, brief.certificate, command=f"echo run >> {tmp_path}/runs; test -e {tmp_path}/ready", environment=remote)
        wait_until(lambda: "ran the command" in daemon.said())
        wait_until(lambda: not pathlib.Path(f"{brief.certificate}.new").exists())
        assert "interrupted" in daemon.said()
    finally:
        daemon.stop()


def test_the_daemon_is_hardened_as_the_server_is(brief_ca):
    old = brief_ca.issue("hardened.internal")
    daemon = Daemon(brief_ca, old.certificate)
    try:
        for pid in (wait_until(lambda: "waits" in daemon.said() and daemon.process.pid), brief_ca.pid()):
            process = pathlib.Path(f"/proc/{pid}")
            assert re.search(r"^NoNewPrivs:\s+1$", (process / "status").read_text(), re.MULTILINE)
            assert re.search(r"^Max core file size\s+0\s+0", (process / "limits").read_text(), re.MULTILINE)
    finally:
        daemon.stop()


def test_the_daemon_finishes_what_a_crash_has_left(brief_ca, tmp_path):
    old = brief_ca.issue("left.internal")
    died = brief_ca.cli("renew", old.certificate, environment={"QUICKLIME_CRASH_AT": "file.rename.after:2"}, check=False)
    assert died.returncode == CRASHED and not pair_matches(old.certificate, old.key)
    daemon = Daemon(brief_ca, old.certificate, command=f"touch {tmp_path}/reloaded")
    try:
        wait_until((tmp_path / "reloaded").exists)
    finally:
        daemon.stop()
    assert pair_matches(old.certificate, old.key) and successors(brief_ca, old.serial) == [leaf_serial(old.certificate)]


def test_the_systemd_unit_is_one(tmp_path):
    unit = REPOSITORY / "deploy/systemd/quicklime-renew@.service"
    text = unit.read_text(encoding="utf-8")
    assert "renew --daemon --exec" in text
    for variable in re.findall(r"\$\{?(\w+)", text):
        assert f"\n{variable}=" in (REPOSITORY / "deploy/systemd/api.internal.conf").read_text(encoding="utf-8"), variable
    shutil.copy(unit, tmp_path)
    (tmp_path / unit.name).write_text(text.replace("/usr/bin/quicklime", BINARY))
    done = run("systemd-analyze", "verify", "--man=no", tmp_path / unit.name, check=False)
    assert done.returncode == 0 and not done.stderr, done.stderr
