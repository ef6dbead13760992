"""CFSSL's front: its own client against this CA, over TLS, and this CA beside a real `cfssl serve`, answers compared field by field."""

import base64
import hashlib
import hmac
import json
import os
import shutil
import socket
import sqlite3
import ssl
import struct
import subprocess
import time

import pytest
from running_ca import RunningCA, free_port, log_events, new_csr, openssl, run, schema, wait_until

CFSSL = shutil.which("cfssl")
FRONT = "/api/v1/cfssl/"
PEERS_KEY = "5a" * 32
WANTED = {"CN": "api.internal", "hosts": ["api.internal"], "key": {"algo": "ecdsa", "size": 256}, "names": []}


@pytest.fixture(name="ca", scope="module")
def one_that_makes_keys():
    ca = RunningCA(start=False)
    with open(ca.data / "quicklime.toml", "a", encoding="utf-8") as settings:
        settings.write('\n[profiles.handheld]\nlike = "tls-server"\nmake_keys = true\n')
    yield ca.start()
    ca.remove()


def post(ca, what, body, token=None, headers=None):
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})}
    return ca.secure("POST", what if what.startswith("/") else FRONT + what, json.dumps(body), headers)


def message(answer):
    assert answer.json["success"] is False and answer.json["result"] is None and answer.json["messages"] == [], answer.body
    assert answer.json["errors"][0]["code"] == answer.status
    return answer.json["errors"][0]["message"]


def requester(ca, names="*.internal", profiles=("tls-server", "handheld")):
    return ca.cli_json("token", "create", "cfssl", "--role", "requester", "--names", names, *(word for one in profiles for word in ("--profiles", one)))


def client(ca, *words, key=None, **more):
    """The client, which trusts our root; key: the auth key by which it asks."""
    given = ()
    if key:
        (ca.base / "client.json").write_text(json.dumps({
            "signing": {"default": {"auth_remote": {"remote": "ca", "auth_key": "token"}}},
            "auth_keys": {"token": {"type": "standard", "key": key}},
            "remotes": {"ca": f"https://localhost:{ca.https}"}}))
        given = ("-config", ca.base / "client.json")
    return run(CFSSL, *words[:1], *given, *words[1:], env={**os.environ, "SSL_CERT_FILE": str(ca.roots())}, **more)


def serial_of(ca, pem):
    (ca.base / "leaf.pem").write_text(pem)
    return openssl("x509", "-noout", "-serial", "-in", ca.base / "leaf.pem").stdout.strip().split("=")[1].lower()


def test_the_client_of_debian_goes_the_whole_round(ca):
    assert CFSSL, "apt-get install golang-cfssl"
    server = f"https://localhost:{ca.https}"
    told = json.loads(client(ca, "info", "-remote", server).stdout)
    assert (told["usages"], told["expiry"]) == (["digital signature", "server auth"], "2160h")
    made = requester(ca)
    (ca.base / "request.json").write_text(json.dumps(WANTED))
    certified = json.loads(client(ca, "gencert", "-label", made["id"], ca.base / "request.json", key=made["cfssl_auth_key"]).stdout)
    serial = serial_of(ca, certified["cert"])
    openssl("verify", "-CAfile", ca.roots(), "-untrusted", ca.issuing(), "-verify_hostname", "api.internal", ca.base / "leaf.pem")
    ca.settled()
    shown = ca.cli_json("show", serial)
    assert (shown["requester"], shown["names"]) == (f"token:{made['id']}", ["DNS:api.internal"])
    (ca.base / "request.csr").write_text(new_csr("DNS:any.internal"))
    for more, names in (((), ["DNS:any.internal"]), (("-hostname", "a.internal,b.internal"), ["DNS:a.internal", "DNS:b.internal"])):
        signed = json.loads(client(ca, "sign", "-label", made["id"], *more, ca.base / "request.csr", key=made["cfssl_auth_key"]).stdout)
        ca.settled()
        assert ca.cli_json("show", serial_of(ca, signed["cert"]))["names"] == names
    revoked = post(ca, "revoke", {"serial": str(int(serial, 16)), "authority_key_id": "", "reason": "superseded"}, made["token"])
    assert revoked.json == {"success": True, "result": {}, "errors": [], "messages": []}
    ca.settled()
    assert ca.cli_json("show", serial)["reason"] == "superseded"


def test_what_its_client_is_refused_it_shows(ca):
    made = requester(ca)
    (ca.base / "request.json").write_text(json.dumps(WANTED))
    (ca.base / "request.csr").write_text(new_csr("DNS:api.internal"))
    for words, key, reason in ((("gencert", "-label", made["id"], ca.base / "request.json"), "00" * 32, "auth-key-wrong"),
                               (("gencert", ca.base / "request.json"), made["cfssl_auth_key"], "auth-key-wrong"),
                               (("sign", "-label", made["id"], "-hostname", "elsewhere.example", ca.base / "request.csr"), made["cfssl_auth_key"], "name-not-granted"),
                               (("sign", "-remote", f"https://localhost:{ca.https}", ca.base / "request.csr"), None, "unauthenticated")):
        refused = client(ca, *words, key=key, check=False)
        assert reason in refused.stderr + refused.stdout and not refused.stdout.startswith('{"c'), (words, refused)


def signed(key, request, tamper=b""):
    inner = json.dumps(request).encode()
    mac = hmac.new(bytes.fromhex(key), inner, hashlib.sha256).digest()
    return {"token": base64.b64encode(mac).decode(), "request": base64.b64encode(inner + tamper).decode()}


def test_an_auth_key_is_worth_what_its_token_is(ca):
    made, other = requester(ca), requester(ca)
    key = made["cfssl_auth_key"]
    assert key != other["cfssl_auth_key"] and key not in ca.request("GET", "/v1/tokens").body.decode(), "shown once"
    assert "cfssl_auth_key" not in ca.cli_json("token", "create", "a", "--role", "auditor"), "who may ask for nothing"
    request = {"certificate_request": new_csr("DNS:web.internal"), "hosts": None, "profile": "", "label": made["id"]}
    assert post(ca, "authsign", signed(key, request)).json["success"]
    for body in (signed(key, {**request, "label": other["id"]}), signed(key, {**request, "label": ""}), signed("11" * 32, request), signed(key, request, b" ")):
        answer = post(ca, "authsign", body)
        assert answer.status == 401 and message(answer).startswith("auth-key-wrong")
    beyond = post(ca, "authsign", signed(key, {**request, "hosts": ["elsewhere.example"]}))
    assert beyond.status == 403 and message(beyond).startswith("name-not-granted")
    ca.cli("token", "revoke", made["id"])
    dead = post(ca, "authsign", signed(key, request))
    assert dead.status == 401 and message(dead).startswith("token-revoked")
    denied = [event for _, event in log_events(ca.data) if schema(event) == "request.denied"]
    assert any(event["actor"]["id"] == made["id"] for event in denied), "the refusal of somebody known is written down"
    assert key not in json.dumps([event for _, event in log_events(ca.data)]) + ca.messages()


def test_no_is_said_in_the_words_of_cfssl_wherever_it_is_said(ca):
    token = requester(ca)["token"]
    request = {"certificate_request": new_csr("DNS:web.internal")}
    for what in ("sign", "newkey", "newcert", "revoke"):
        nobody = post(ca, what, request)
        assert nobody.status == 401 and message(nobody).startswith("unauthenticated"), nobody.body
    assert "-----BEGIN CERTIFICATE-----" in post(ca, "sign", request, token).json["result"]["certificate"]
    for body, reason in (({}, "csr-missing"), ({**request, "subject": {"CN": "x"}}, "member-"), ({**request, "profile": "nope"}, "profile-unknown"),
                         ({**request, "crl_override": "http://x"}, "member-unknown"), ({**request, "hosts": ["10.0.0.7"]}, "name-not-granted")):
        answer = post(ca, "sign", body, token)
        assert 400 <= answer.status < 500 and message(answer).startswith(reason), answer.body
    assert message(ca.secure("GET", FRONT + "sign")).startswith("method-not-allowed")
    assert message(post(ca, "init_ca", {})).startswith("no-such-path")
    assert message(post(ca, "sign", {"certificate_request": "x" * 100_000}, token)).startswith("body-too-large")
    for serial, issuer, reason in (("0x7", "", "serial-malformed"), ("77", "", "not-yours"), ("77", "ab" * 20, "authority-unknown")):
        answer = post(ca, "revoke", {"serial": serial, "authority_key_id": issuer, "reason": "superseded"}, token)
        assert message(answer).startswith(reason), answer.body


# ---- beside a real one

@pytest.fixture(name="peer", scope="module")
def real_cfssl(ca):
    """`cfssl serve` with a CA of its own, and a database that knows one certificate to revoke."""
    folder, port = ca.base / "peer", free_port()
    folder.mkdir()
    (folder / "ca.json").write_text(json.dumps({"CN": "Peer", "key": {"algo": "ecdsa", "size": 256}}))
    made = json.loads(run(CFSSL, "gencert", "-initca", folder / "ca.json").stdout)
    (folder / "ca.pem").write_text(made["cert"])
    (folder / "ca-key.pem").write_text(made["key"])
    server = {"expiry": "2160h", "usages": ["digital signature", "server auth"]}
    (folder / "config.json").write_text(json.dumps({"signing": {"default": server, "profiles": {"locked": {**server, "auth_key": "key"}}},
                                                    "auth_keys": {"key": {"type": "standard", "key": PEERS_KEY}}}))
    (folder / "db.json").write_text(json.dumps({"driver": "sqlite3", "data_source": str(folder / "certificates.db")}))
    with sqlite3.connect(folder / "certificates.db") as database:
        database.execute("CREATE TABLE certificates (serial_number blob NOT NULL, authority_key_identifier blob NOT NULL, ca_label blob, status blob NOT NULL,"
                         " reason int, expiry timestamp, revoked_at timestamp, pem blob NOT NULL, PRIMARY KEY(serial_number, authority_key_identifier))")
        database.execute("INSERT INTO certificates VALUES ('77', 'ab', '', 'good', 0, '2030-01-01', NULL, '')")
    process = subprocess.Popen([CFSSL, "serve", "-address", "127.0.0.1", "-port", str(port), "-ca", folder / "ca.pem", "-ca-key", folder / "ca-key.pem",
                                "-config", folder / "config.json", "-db-config", folder / "db.json"], stderr=subprocess.PIPE, text=True)
    try:
        for line in process.stderr:
            if "Now listening" in line:
                break
        yield lambda what, body: json.loads(ca.plain("POST", FRONT + what, json.dumps(body), {"Content-Type": "application/json"}, port=port).body)
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def shape(value):
    """Names and kinds."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def pem_label(text):
    return text.strip().splitlines()[0], text.strip().splitlines()[-1], text.endswith("\n")


def test_answers_are_those_of_a_real_cfssl_field_by_field(ca, peer):
    token = requester(ca)["token"]
    theirs, ours = peer("info", {"label": ""}), post(ca, "info", {"label": ""}).json
    assert shape(ours) == shape(theirs)
    assert (ours["result"]["usages"], ours["result"]["expiry"]) == (theirs["result"]["usages"], theirs["result"]["expiry"])
    assert pem_label(ours["result"]["certificate"]) == pem_label(theirs["result"]["certificate"])

    request = {"certificate_request": new_csr("DNS:a.internal", "IP:10.0.0.7"), "hosts": ["a.internal"]}
    theirs, ours = peer("sign", request), post(ca, "sign", request, token).json
    assert shape(ours) == shape(theirs) and pem_label(ours["result"]["certificate"]) == pem_label(theirs["result"]["certificate"])
    for pem in (ours["result"]["certificate"], theirs["result"]["certificate"], ca.roots().read_text(), post(ca, "info", {}).json["result"]["certificate"]):
        theirs_of_it = peer("certinfo", {"certificate": pem})
        assert theirs_of_it["success"], theirs_of_it
        for name in ("subject_key_id", "authority_key_id"):  # Debian's writes 0F as F; later ones do not
            theirs_of_it["result"][name] = ":".join(octet.zfill(2) for octet in theirs_of_it["result"][name].split(":")) if theirs_of_it["result"][name] else ""
        assert post(ca, "certinfo", {"certificate": pem}).json == theirs_of_it, "the same words of the same certificate"

    made = requester(ca)
    ours = post(ca, "authsign", signed(made["cfssl_auth_key"], {**request, "label": made["id"]})).json
    assert shape(ours) == shape(peer("authsign", signed(PEERS_KEY, {**request, "profile": "locked"})))

    wanted = {"request": WANTED}
    theirs, ours = peer("newcert", wanted), post(ca, "newcert", {**wanted, "profile": "handheld"}, token).json
    assert shape(ours) == shape(theirs)
    check_key_and_sums(ca, ours["result"])
    theirs, ours = peer("newkey", WANTED), post(ca, "newkey", {**WANTED, "profile": "handheld"}, token).json
    assert shape(ours) == shape(theirs)
    check_key_and_sums(ca, ours["result"])

    serial = str(int(serial_of(ca, post(ca, "sign", request, token).json["result"]["certificate"]), 16))
    theirs = peer("revoke", {"serial": "77", "authority_key_id": "ab", "reason": "superseded"})
    assert post(ca, "revoke", {"serial": serial, "authority_key_id": "", "reason": "4"}, token).json == theirs
    for what, body in (("sign", {}), ("newcert", {"request": {"key": {"algo": "rsa", "size": 1024}, "hosts": ["a.internal"]}}), ("revoke", {}), ("authsign", {}), ("certinfo", {})):
        refused = post(ca, what, {**body, "profile": "handheld"} if what == "newcert" else body, token).json
        assert shape(refused) == shape(peer(what, body)), what


def check_key_and_sums(ca, result):
    """openssl's word on what was made: one key in all of it, and the sums."""
    public = []
    for name, member, command in (("key", "private_key", ("pkey", "-pubout")), ("csr", "certificate_request", ("req", "-pubkey", "-noout")), ("crt", "certificate", ("x509", "-pubkey", "-noout"))):
        if member not in result:
            continue
        (ca.base / name).write_text(result[member])
        public.append(openssl(command[0], "-in", ca.base / name, *command[1:]).stdout)
        if member in result["sums"]:
            der = ssl.PEM_cert_to_DER_cert(result[member].replace("CERTIFICATE REQUEST", "CERTIFICATE"))
            assert result["sums"][member] == {"md5": hashlib.md5(der).hexdigest().upper(), "sha-1": hashlib.sha1(der).hexdigest().upper()}
    assert len(set(public)) == 1


def test_the_crl_is_the_one_that_is_published(ca):
    answer = ca.secure("GET", FRONT + "crl").json
    (ca.base / "cfssl.crl").write_bytes(base64.b64decode(answer["result"]))
    assert "verify OK" in openssl("crl", "-inform", "DER", "-in", ca.base / "cfssl.crl", "-noout", "-CAfile", ca.issuing()).stderr
    assert message(ca.secure("GET", FRONT + "crl?expiry=1h")).startswith("parameter-unknown")
    assert ca.secure("GET", FRONT + "health").json == {"success": True, "result": {"healthy": True}, "errors": [], "messages": []}


# ---- keys that are made here

def test_a_key_is_made_where_the_profile_says_so_told_once_and_not_kept(ca):
    token = requester(ca)["token"]
    for what, body in (("newkey", WANTED), ("newcert", {"request": WANTED})):
        assert message(post(ca, what, body, token)).startswith("keys-not-made-here"), "tls-server makes none"
        assert message(post(ca, what, {**body, "profile": "handheld"}, token, {"Idempotency-Key": "k"})).startswith("idempotency-key-refused")
    body = {**WANTED, "profile": "handheld", "lifetime": "1d"}
    assert post(ca, "/v1/certificates", {**body, "profile": "tls-server"}, token).reason == "keys-not-made-here"
    assert post(ca, "/v1/certificates", body, token, {"Idempotency-Key": "k"}).reason == "idempotency-key-refused"
    made = post(ca, "/v1/certificates", body, token)
    assert made.status == 201 and made.json["names"] == ["DNS:api.internal"], made.body
    (ca.base / "made.key").write_text(made.json["private_key"])
    (ca.base / "made.crt").write_text(made.json["certificate"])
    assert openssl("pkey", "-in", ca.base / "made.key", "-pubout").stdout == openssl("x509", "-in", ca.base / "made.crt", "-noout", "-pubkey").stdout
    ca.settled()
    assert ca.cli_json("show", made.json["serial"])["status"] == "good"
    secret = "".join(made.json["private_key"].splitlines()[1:-1])
    raw = base64.b64decode(secret)[-100:-60]  # of the private number
    for path in [*ca.data.rglob("*"), ca.base / "serve.log"]:
        if path.is_file():
            content = path.read_bytes()
            assert secret.encode() not in content and raw not in content, path


def lost_request(ca, token, reset):
    """Asks for a key that takes its time, and goes away before the answer."""
    body = json.dumps({"request": {**WANTED, "key": {"algo": "rsa", "size": 3072}}, "profile": "handheld"})
    raw = socket.create_connection(("127.0.0.1", ca.https))
    if reset:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection = ca.trusting().wrap_socket(raw, server_hostname="localhost")
    connection.sendall(f"POST {FRONT}newcert HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer {token}\r\n"
                       f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
    time.sleep(0.05)
    connection.close()


@pytest.mark.parametrize("reset", [True, False], ids=["reset", "closed"])
def test_a_certificate_whose_key_nobody_got_is_revoked(ca, reset):
    made = requester(ca)
    lost_request(ca, made["token"], reset)

    def taken_back():
        ca.settled()
        mine = ca.listed(requester=f"token:{made['id']}")
        return mine and mine[0]["status"] == "revoked" and mine[0]
    shown = wait_until(taken_back, within=60, what="the end of a certificate whose answer was lost")
    assert ca.cli_json("show", shown["serial"])["reason"] == "cessationOfOperation"
