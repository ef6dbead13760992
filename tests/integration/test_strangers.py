"""What strangers may cost: counted by the process itself (/metrics), never timed."""

import base64
import json
import math
import os
import re
import resource
import socket
import subprocess
import time
import urllib.parse

import pytest
from running_ca import BINARY, RunningCA, free_port, log_events, new_csr, run, wait_until


def work(ca):
    """What the process has parsed, checked and signed since it started."""
    text = ca.plain("GET", "/metrics", port=ca.admin).body.decode()
    return {kind: float(value) for kind, value in re.findall(r'quicklime_work\{kind="(\w+)"\} (\S+)', text)}


def assert_cost(ca, ask, what, **most):
    """That it costs no more than this. The process has work of its own, too, and more of it in the time of a slow machine: the least of
    twenty times counts."""
    least = {}
    for _ in range(20):
        before = work(ca)
        ask()
        least = {kind: min(value - before[kind], least.get(kind, math.inf)) for kind, value in work(ca).items()}
        if all(least[kind] <= allowed for kind, allowed in most.items()):
            return
    raise AssertionError((what, least))


def der(tag, content):
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x81, size]) if size < 256 else bytes([0x82, size >> 8, size & 255])
    return bytes([tag]) + length + content


@pytest.fixture(scope="module", name="ca")
def one_ca():
    ca = RunningCA()
    yield ca
    ca.remove()


# ---- OCSP by GET

POISON = ["MIIC" + "/" * 700, "MIIC" + "/A" * 350, "MIIB" + "//A" * 170, "MH8" + "/" * 120, "MIIC" + "%2F" * 300, "MIIC" + "/" * 9000, "MIID" + "A/" * 511]


def test_no_path_of_an_ocsp_get_costs_more_than_any_other(ca):
    def ask():
        for path in POISON:
            answer = ca.plain("GET", "/ocsp/" + path)
            assert answer.status in (200, 400, 414, 431), (answer.status, path[:20])

    assert_cost(ca, ask, POISON, ocsp_reading=32 * len(POISON), signature_made=0)
    assert ca.plain("GET", "/livez", port=ca.admin).status == 200


def test_one_signature_for_a_path_whose_slashes_were_merged(ca):
    issued = ca.issue("slashes.internal")
    request = ca.base / "request.der"
    run("openssl", "ocsp", "-issuer", ca.issuing(), "-serial", "0x" + issued.serial, "-no_nonce", "-reqout", request)
    whole = base64.b64encode(request.read_bytes()).decode()
    for path in (whole, urllib.parse.quote(whole, safe=""), whole.replace("//", "/")):
        assert_cost(ca, lambda path=path: ca.plain("GET", "/ocsp/" + path), path, signature_made=1, ocsp_reading=32)


# ---- bodies

def test_what_nobody_showed_a_right_to_ask_is_hardly_read(ca):
    issued = ca.issue("bodies.internal")
    csr = new_csr("DNS:bodies.internal")
    deep, wide = '{"serials":' + "[" * 60_000, '{"serials":[' + "0," * 30_000
    questions = [
        ("/v1/certificates", json.dumps({"csr": csr})),
        ("/v1/certificates", deep),
        (f"/v1/certificates/{issued.serial}/renew", json.dumps({"csr": csr})),
        (f"/v1/certificates/{issued.serial}/renew", deep),
        (f"/v1/certificates/{issued.serial}/revoke", deep),
        (f"/v1/certificates/{issued.serial}/hold", deep),
        ("/v1/revocations", deep),
        ("/v1/revocations", wide),
        ("/v1/tokens", deep),
    ]
    before, context = len(log_events(ca.data)), ca.trusting()
    for target, body in questions:
        def ask(target=target, body=body):
            answer = ca.secure("POST", target, body, {"Content-Type": "application/json"}, context=context)
            assert answer.status in (400, 401), (target, answer.status)

        assert_cost(ca, ask, target, json_value=2, certificate=1, csr=0, signature_checked=0, signature_made=0)
    assert len(log_events(ca.data)) == before


def test_questions_of_strangers_cost_a_counted_little(ca):
    issued, context = ca.issue("questions.internal"), ca.trusting()
    before = len(log_events(ca.data))
    public = ["/ca/roots.pem", "/ca/issuing-1.crt", "/ca/issuing-1.pem", "/crl/issuing-1.crl", "/crl/root-1.crl", "/nowhere", "/crl/" + "x" * 5_000]
    private = ["/v1/certificates", f"/v1/certificates/{issued.serial}", f"/v1/certificates/{issued.serial}/renew", "/v1/tokens", "/v1/authorities",
               "/v1/version", "/v1/certificates?name=" + "x" * 5_000]
    for target in public + private:
        def ask(target=target):
            answer = ca.plain("GET", target) if target in public else ca.secure("GET", target, context=context)
            assert answer.status < 500, (target, answer.status)

        assert_cost(ca, ask, target, **{**dict.fromkeys(work(ca), 0), "certificate": 3})
    assert len(log_events(ca.data)) == before


def test_a_large_certificate_of_a_stranger_is_no_reason_to_parse_it(make_ca):
    bootstrap = free_port()
    ca = make_ca(settings={"listen__bootstrap": f"127.0.0.1:{bootstrap}"})
    issued = ca.issue("large.internal")
    key, certificate = ca.base / "large.key", ca.base / "large.crt"
    names = ",".join(f"DNS:{'n' * 60}{i}.example" for i in range(700))
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", certificate,
        "-subj", "/CN=stranger", "-addext", f"subjectAltName={names}")
    assert certificate.stat().st_size > 50_000
    context = ca.trusting()
    context.load_cert_chain(certificate, key)
    body = json.dumps({"csr": new_csr("DNS:large.internal")}).encode()

    def ask(port, target):
        with socket.create_connection(("127.0.0.1", port)) as plain, context.wrap_socket(plain, server_hostname="127.0.0.1") as tls:
            tls.sendall(f"POST {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            assert b"401" in tls.recv(4096).split(b"\r\n")[0]

    for port, target, parsed in ((ca.https, f"/v1/certificates/{issued.serial}/renew", 1), (bootstrap, "/v1/certificates", 0)):
        assert_cost(ca, lambda port=port, target=target: ask(port, target), "a large certificate", certificate=parsed, csr=0, signature_checked=0)


# ---- the log

def test_no_token_in_a_path_enters_the_log(ca):
    token = ca.cli_json("token", "create", "ci", "--names", "*.internal")["token"]
    headers = {"Authorization": f"Bearer {token}"}
    for method, target in (("DELETE", f"/v1/tokens/{token}"), ("POST", f"/v1/certificates/{token}/revoke"), ("GET", f"/v1/{token}")):
        assert ca.secure(method, target, headers=headers).status in (400, 403, 404)
    denied = [event for _, event in log_events(ca.data) if event["schema"].startswith("request.denied/")]
    assert denied and denied[-1]["data"]["route"] == "DELETE /v1/tokens/{id}"
    assert not ca.secrets_found()


def test_the_search_for_secrets_finds_one(ca):
    """The check that every test of this suite ends with can fail."""
    ca.saw("qlk_0123_ca")  # "ca" stands in many an event
    try:
        assert ca.secrets_found()
    finally:
        ca.secrets.discard("ca")


# ---- descriptors

def limited(soft, hard, **more):
    return RunningCA(serve_with=("prlimit", f"--nofile={soft}:{hard}"), **more)


@pytest.fixture(name="few")
def few_descriptors():
    ca = limited(64, 256)
    yield ca
    ca.remove()


def connections(port, count, sending=b""):
    made = []
    for _ in range(count):
        one = socket.create_connection(("127.0.0.1", port))
        one.sendall(sending)
        made.append(one)
    return made


def test_the_hard_limit_is_taken_and_said(few):
    wait_until(lambda: 'descriptors="256"' in few.messages(), what="the line that says so")
    assert re.search(r"Max open files\s+256\s+256", open(f"/proc/{few.pid()}/limits", encoding="utf-8").read())


@pytest.mark.parametrize("sending", [b"", b"GET /ca/roots.pem HT", b"GET /ca/roots.pem HTTP/1.1\r\nHost: h\r\n\r\n"])
def test_strangers_connections_take_nobody_elses_place(few, sending):
    held = connections(few.http, 400, sending) + connections(few.https, 100)
    try:
        assert few.plain("GET", "/livez", port=few.admin, timeout=5).status == 200
        assert few.request("GET", "/v1/version", timeout=5).status == 200
        assert few.plain("GET", "/ca/roots.pem", timeout=5).status == 200
        few.issue("while.they.wait")
    finally:
        for one in held:
            one.close()


def test_when_descriptors_run_out_the_idle_make_room(ca):
    pid = ca.pid()
    held = connections(ca.http, 30, b"GET /ca/roots.pem HTTP/1.1\r\nHost: h\r\n\r\n")
    usual = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    open_now = max(int(name) for name in os.listdir(f"/proc/{pid}/fd"))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (open_now + 4, usual[1]))
    begun = time.monotonic()
    try:
        held += connections(ca.http, 60)
        assert ca.plain("GET", "/livez", port=ca.admin, timeout=5).status == 200
        assert ca.request("GET", "/v1/version", timeout=5).status == 200
        assert ca.plain("GET", "/ca/roots.pem", timeout=5).status == 200
        lines = ca.messages().count("cannot accept connections")
        assert 1 <= lines <= 12 * (1 + (time.monotonic() - begun) // 10), ca.messages()  # ten in ten seconds, and how many more
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, usual)
        for one in held:
            one.close()


def test_readers_are_open_before_anybody_asks(make_ca):
    ca = make_ca()

    def databases():
        links = []
        for name in os.listdir(f"/proc/{ca.pid()}/fd"):
            try:
                links.append(os.readlink(f"/proc/{ca.pid()}/fd/{name}"))
            except OSError:
                continue
        return sorted(link for link in links if link.endswith((".db", "-wal", "-shm")))

    def standing_still():
        now = databases()
        time.sleep(1)
        return databases() == now and now

    before = wait_until(standing_still, what="the last of its threads")  # each takes connections when its readers are open
    issued = ca.issue("readers.internal")
    for _ in range(40):
        ca.plain("GET", "/crl/issuing-1.crl")
        ca.ocsp(issued)
        ca.request("GET", "/v1/certificates")
        ca.secure("GET", f"/v1/certificates/{issued.serial}/renew")
        if databases() != before:
            break
    assert databases() == before


# ---- answers

def test_no_answer_says_where_the_files_are(make_ca):
    ca = make_ca()
    ca.issue("before.internal")
    (ca.data / "log.db").rename(ca.data / "away.db")
    (ca.data / "log.db").write_bytes(b"")
    answer = wait_until(lambda: (lambda one: one if one.status != 201 else None)(ca.post_csr(new_csr("DNS:after.internal"), profile="tls-server")))
    assert answer.status >= 500, answer.body
    for one in (answer, ca.plain("GET", "/readyz?verbose", port=ca.admin)):
        assert str(ca.base).encode() not in one.body, one.body
        assert b"/tmp/" not in one.body, one.body


def test_an_empty_reason_is_refused_and_text_is_printable(ca):
    issued = ca.issue("reason.internal")
    assert ca.post_json(f"/v1/certificates/{issued.serial}/revoke", {"reason": ""}).reason == "reason-unknown"
    done = ca.cli("revoke", issued.serial, "--reason", "", check=False)
    assert done.returncode == 2, done.stderr
    assert ca.ocsp(issued) == "good"
    for name in ("\x1b[2J", "\u009b2J", "a\u202eb", "a\x7f"):
        assert ca.post_json("/v1/tokens", {"name": name}).reason == "token-name-malformed", name
        assert ca.post_csr(new_csr("DNS:text.internal"), service=name).reason == "label-malformed", name
        body = f"-----BEGIN {name}-----\nAAAA\n-----END {name}-----\n"
        assert ca.request("POST", "/v1/certificates", body.encode(), {"Content-Type": "application/pkcs10"}).reason == "pem-malformed", name
        done = subprocess.run([BINARY, "token", "create", name, "--data", str(ca.data)], capture_output=True, text=True, check=False)
        assert done.returncode != 0 and "\x1b" not in done.stderr and "\u202e" not in done.stderr and "\u009b" not in done.stderr


def test_an_address_that_guesses_is_stopped_for_a_second_and_what_anyone_may_ask_goes_on(make_ca):
    ca = make_ca(settings={"limits__authentication_failures": 5})
    token = ca.cli_json("token", "create", "known", "--names", "*.internal")["token"]

    def listed(bearer):
        return ca.secure("GET", "/v1/certificates", headers={"Authorization": "Bearer " + bearer})

    def stopped():
        answer = listed("qlk_" + "0" * 16 + "_" + "0" * 64)
        assert answer.status in (401, 429), answer.body
        return answer if answer.status == 429 else None
    answer = wait_until(stopped, what="a guess that is stopped")
    assert (answer.reason, answer.headers["Retry-After"]) == ("authentication-limited", "1")
    assert ca.request("GET", "/v1/certificates").status == 200, "on the control socket nobody is a stranger"
    assert ca.plain("GET", "/crl/issuing-1.crl").status == ca.plain("GET", "/ca/roots.pem").status == 200
    assert wait_until(lambda: listed(token).status == 200, what="the end of that second")
