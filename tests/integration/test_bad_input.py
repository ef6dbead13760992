"""What cannot be right is refused with its reason, and the server goes on."""

import base64
import json
import re
import socket
import time

import pytest
from running_ca import PATIENCE, new_csr, new_key, openssl

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def ca(shared_ca):
    shared_ca.stop()
    shared_ca.configure(http__header_timeout="3s")
    shared_ca.start()
    yield shared_ca
    assert shared_ca.post_csr(new_csr("DNS:still.internal")).status == 201, "the server did not go on"


def refused(answer, status, *reasons):
    assert answer.status == status, answer.body
    assert answer.reason in reasons, answer.body
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.json


def der_of(pem):
    return base64.b64decode(re.sub("-----.*?-----", "", pem))


def length(size):
    if size < 128:
        return bytes([size])
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets


def sequence(*parts):
    content = b"".join(parts)
    return b"\x30" + length(len(content)) + content


def elements(der):
    """The elements inside a constructed one, whole."""
    at = 2 if der[1] < 128 else 2 + (der[1] & 0x7F)
    while at < len(der):
        first = der[at + 1]
        header = 2 if first < 128 else 2 + (first & 0x7F)
        size = first if first < 128 else int.from_bytes(der[at + 2:at + header], "big")
        yield der[at:at + header + size]
        at += header + size


def csr_signed_by_another_key(folder):
    csr, other = new_csr("DNS:web.internal"), new_key(folder / "other")
    info, algorithm, _ = elements(der_of(csr))
    (folder / "info").write_bytes(info)
    openssl("dgst", "-sha256", "-sign", other, "-out", folder / "signature", folder / "info")
    signature = b"\x00" + (folder / "signature").read_bytes()
    return sequence(info, algorithm, b"\x03" + length(len(signature)) + signature)


def test_not_a_csr(ca):
    for csr in ("", "rubbish", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
                new_csr("DNS:web.internal").replace("REQUEST", "ELEPHANT")):
        refused(ca.post_csr(csr), 400, "csr-malformed", "pem-malformed")
    whole = der_of(new_csr("DNS:web.internal"))
    for der in (whole[:-1], whole + b"\0"):
        refused(ca.request("POST", "/v1/certificates", der, {"Content-Type": "application/pkcs10"}), 400, "csr-malformed", "csr-signature")


def test_csr_signed_by_another_key(ca, tmp_path):
    refused(ca.request("POST", "/v1/certificates", csr_signed_by_another_key(tmp_path), {"Content-Type": "application/pkcs10"}), 400, "csr-signature")


def test_weak_keys(ca, tmp_path):
    key = tmp_path / "key"
    openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024", "-out", key)
    refused(ca.post_csr(new_csr("DNS:web.internal", key=key)), 400, "key-weak")
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1", "-out", key)
    refused(ca.post_csr(new_csr("DNS:web.internal", key=key)), 400, "key-kind-unsupported")


def test_names(ca):
    for name in ("web..internal", "-web.internal", "we*b.internal", "*.*.internal", "a" * 64 + ".internal", "web_internal.x y"):
        refused(ca.post_csr(new_csr("DNS:" + name)), 400, "name-malformed")
    nul = b"web.internal\0.example.com"
    names = sequence(b"\x82" + length(len(nul)) + nul)
    refused(ca.post_csr(new_csr("DER:" + names.hex())), 400, "name-malformed")
    refused(ca.post_csr(new_csr(*(f"DNS:n{i}.internal" for i in range(101)))), 400, "too-many-names")


def test_10000_names(ca):
    answer = ca.post_csr(new_csr(*(f"DNS:n{i}.internal" for i in range(10_000))))
    refused(answer, 413, "body-too-large")


def test_asking_for_more_than_one_may_have(ca):
    refused(ca.post_csr(new_csr("DNS:web.internal", subject="/O=Somebody Else/CN=web.internal")), 400, "csr-subject")
    refused(ca.post_csr(new_csr("DNS:web.internal"), lifetime="4000d"), 400, "lifetime-too-long")
    refused(ca.post_csr(new_csr("DNS:web.internal"), profile="ocsp-signing"), 403, "profile-not-granted")
    refused(ca.post_csr(new_csr("DNS:web.internal"), colour="blue"), 400, "member-unknown")


def test_a_name_that_is_not_granted(ca):
    token = ca.cli_json("token", "create", "load", "--names", "*.load.internal", "--profiles", "tls-server")["token"]
    headers = {"Content-Type": "application/pkcs10", "Authorization": "Bearer " + token}
    assert ca.secure("POST", "/v1/certificates", new_csr("DNS:a.load.internal"), headers).status == 201
    for name in ("web.internal", "load.internal", "a.b.load.internal", "*.internal"):
        refused(ca.secure("POST", "/v1/certificates", new_csr("DNS:" + name), headers), 403, "name-not-granted")
    refused(ca.secure("POST", "/v1/certificates?profile=tls-client", new_csr("DNS:a.load.internal"), headers), 403, "profile-not-granted")
    refused(ca.secure("POST", "/v1/certificates", new_csr("DNS:a.load.internal"), {"Content-Type": "application/pkcs10"}), 401, "unauthenticated")
    refused(ca.secure("POST", "/v1/certificates", new_csr("DNS:a.load.internal"), {**headers, "Authorization": "Bearer " + token[:-1] + "x"}),
            401, "token-unknown")


def test_writes_are_not_served_over_plain_http(ca):
    assert ca.plain("POST", "/v1/certificates", new_csr("DNS:web.internal")).status == 404
    assert ca.plain("GET", "/v1/certificates").status == 404


def test_the_control_sockets_routes_are_on_no_port(ca):
    for target in ("/control/log", "/control/views", "/test/stall-log"):
        assert ca.secure("GET", target).status in (404, 405)
        assert ca.plain("GET", target).status in (404, 405)
    assert ca.request("POST", "/test/stall-log").status == 404, "test hooks without their variable"


def test_a_body_one_byte_over_the_limit(ca):
    limit = 64 * 1024
    body = json.dumps({"csr": ""})
    exact = body[:-2] + "x" * (limit - len(body)) + body[-2:]
    assert len(exact) == limit
    refused(ca.request("POST", "/v1/certificates", exact, JSON), 400, "csr-malformed", "pem-malformed")
    refused(ca.request("POST", "/v1/certificates", exact + " ", JSON), 413, "body-too-large")


def raw(ca, request, pause=0.0):
    """The status line that comes back for these bytes, sent one by one when there is a pause; empty: closed without one."""
    with socket.create_connection(("127.0.0.1", ca.http), timeout=20 * PATIENCE) as connection:
        try:
            for piece in ([request] if not pause else [request[i:i + 1] for i in range(len(request))]):
                connection.sendall(piece)
                time.sleep(pause)
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = b""
        try:
            while more := connection.recv(4096):
                answer += more
        except ConnectionResetError:
            pass
        return answer.decode(errors="replace").split("\r\n")[0]


@pytest.mark.parametrize("headers", [
    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    "Content-Length: 5\r\nContent-Length: 6\r\n",
    "Content-Length: 5\r\nContent-Length: 5\r\n",
    "Content-Length: five\r\n",
    "Content-Length: -5\r\n",
    "X-Folded: one\r\n two\r\nContent-Length: 5\r\n",
])
def test_a_request_that_two_readers_would_read_differently(ca, headers):
    assert " 400 " in raw(ca, f"POST /ocsp HTTP/1.1\r\nHost: ca\r\n{headers}\r\nhello".encode())


def test_slow_headers(ca):
    begun = time.monotonic()
    status = raw(ca, b"GET /ca/roots.pem HTTP/1.1\r\n" + b"X-Slow: slow\r\n" * 20, pause=0.1)
    assert " 408 " in status
    assert time.monotonic() - begun < 20 * PATIENCE, "it takes 32 s to send"


def test_rubbish(ca):
    assert " 400 " in raw(ca, b"\x16\x03\x01\x02\x00 this is not HTTP\r\n\r\n")
    assert " 431 " in raw(ca, b"GET / HTTP/1.1\r\nHost: ca\r\nX-Long: " + b"x" * 20_000 + b"\r\n\r\n")
    assert ca.plain("GET", "/nothing/here").status == 404
    wrong = ca.plain("DELETE", "/ca/roots.pem")
    assert wrong.status == 405 and "GET" in wrong.headers["Allow"]


def test_ocsp_requests_that_are_none(ca):
    for body in (b"", b"rubbish", b"\x30\x80", b"\x30\x03\x02\x01\x00"):
        answer = ca.plain("POST", "/ocsp", body, {"Content-Type": "application/ocsp-request"})
        assert answer.status == 200 and answer.body == b"\x30\x03\x0a\x01\x01", "malformedRequest"
