"""The process's own certificates are renewed while it serves."""

import datetime
import re
import socket
import ssl
import threading
import time

from running_ca import PATIENCE, openssl, wait_until

MINUTE = 60
TIME = "%b %d %H:%M:%S %Y GMT"


def tls_certificate(ca, context):
    """One request over a fresh connection; the serial of the certificate that the server showed."""
    with socket.create_connection(("127.0.0.1", ca.https), timeout=10 * PATIENCE) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as connection:
            connection.sendall(b"GET /v1/version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = b""
            while more := connection.recv(4096):
                answer += more
            assert answer.startswith(b"HTTP/1.1 200 "), answer
            return connection.getpeercert()["serialNumber"]


def ocsp_ends(text):
    """(nextUpdate of the answer, notAfter of its signer)."""
    next_update = datetime.datetime.strptime(re.search(r"Next Update: (.*)", text)[1], TIME)
    signer = datetime.datetime.strptime(re.search(r"Not After\s*: (.*)", text)[1], TIME)
    return next_update, signer


def test_certificates_of_fifteen_seconds_for_a_minute(make_ca):
    ca = make_ca(settings={"own_certificate__lifetime": "15s"})
    web = ca.issue("web.internal")
    context = ssl.create_default_context(cadata=ca.fetch("/ca/roots.pem").decode())
    process = ca.process.pid
    tls, failures, stop = set(), [], threading.Event()

    def poll():
        while not stop.is_set():
            try:
                tls.add(tls_certificate(ca, context))
            except Exception as error:  # noqa: BLE001: any of them is what this test must not see
                failures.append(repr(error))
            time.sleep(0.1)

    poller = threading.Thread(target=poll)
    poller.start()
    responders = set()
    end = time.monotonic() + MINUTE
    while time.monotonic() < end:
        text = ca.ocsp_text(web.serial, "-resp_text")
        assert "Response verify OK" in text and ": good" in text, text
        next_update, signer = ocsp_ends(text)
        assert next_update <= signer, "an OCSP answer outlives its signer"
        responders.add(re.search(r"Serial Number:\s*([0-9a-f:]+)", text[text.index("Certificate:"):])[1])
        time.sleep(0.5)
    stop.set()
    poller.join()
    assert failures == []
    assert ca.process.poll() is None and ca.process.pid == process
    assert len(tls) >= 4, f"{len(tls)} TLS certificates"
    assert len(responders) >= 4, f"{len(responders)} responder certificates"


def test_a_restart_keeps_what_is_good(ca):
    context = ssl.create_default_context(cadata=ca.fetch("/ca/roots.pem").decode())
    before = tls_certificate(ca, context)
    ca.restart()
    assert tls_certificate(ca, context) == before


def test_names_of_its_own_certificate(ca):
    pem = ssl.get_server_certificate(("127.0.0.1", ca.https))
    path = ca.base / "own.crt"
    path.write_text(pem)
    text = openssl("x509", "-in", path, "-noout", "-ext", "subjectAltName").stdout
    for name in ("DNS:localhost", "IP Address:127.0.0.1", "IP Address:0:0:0:0:0:0:0:1"):
        assert name in text


def test_one_whose_key_was_stolen_is_replaced_at_once(ca):
    """It would live for days: whoever has the key could answer in this server's name."""
    context = ssl.create_default_context(cadata=ca.fetch("/ca/roots.pem").decode())
    web = ca.issue("web.internal")

    def own():
        """By name of its file: (serial, public key) of the one in use."""
        files = {path.stem: path for path in (ca.data / "own").glob("*.crt")}
        fields = {name: openssl("x509", "-in", path, "-noout", "-serial", "-pubkey").stdout for name, path in files.items()}
        return {name: (text.splitlines()[0].split("=")[1].lower(), text.split("\n", 1)[1]) for name, text in fields.items()}

    before = own()
    assert set(before) == {"tls", "ocsp-issuing-1"}
    for serial, _ in before.values():
        ca.revoke(serial, "keyCompromise")
    wait_until(lambda: all(own()[name][0] != before[name][0] for name in before), within=30, what="others in their place")
    after = own()
    assert all(after[name][1] != before[name][1] for name in before), "another key, not another certificate for it"
    wait_until(lambda: tls_certificate(ca, context).lower() == after["tls"][0], within=15, what="the new one where clients come")
    text = ca.ocsp_text(web.serial, "-resp_text")
    assert "Response verify OK" in text and ": good" in text
    # Once: what followed is good.
    time.sleep(3)
    assert own() == after
